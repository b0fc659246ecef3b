"""What is remembered of one of Pipedrive's lists: match keys and fingerprints, never a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.store import CHUNK, Ledger

#: Numbers, but text where an entity's ids are UUIDs.
RecordId = int | str


@dataclass(frozen=True)
class Extent:
    """How much of a list is remembered.

    Attributes:
        until: Everything that changed up to here, by the service's clock, is in; empty: the list
            was never read to its end.
        size: Records that it had, or 0 if that isn't known.
        at: When all of it was last read.
        viewer: Whose eyes saw it.
        daily: Records that others changed within a day, as it was last seen.
        owed: Tokens spent on single records since it was last brought up to date.
    """

    until: str = ""
    size: int = 0
    at: str = ""
    viewer: str = ""
    daily: int = 0
    owed: int = 0


@dataclass(frozen=True)
class Sighting:
    """A record as it was seen: digests of its match keys, and a fingerprint of its values."""

    record_id: RecordId
    keys: tuple[str, ...]
    stamp: str


class Remembered:
    """The remembered index of one entity by one set of match fields."""

    def __init__(
        self,
        ledger: Ledger,
        entity: str,
        field: str,
        record_id: Callable[[RecordId], RecordId] = int,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            ledger: The connection's memory.
            entity: What is indexed.
            field: The match fields' names; another set has an index of its own.
            record_id: An id that was noted as text, as the entity has it.
        """
        self._ledger = ledger
        self._record_id = record_id
        self._place = {"connection": ledger.connection, "entity": entity, "field": field}

    def extent(self) -> Extent:
        """How much is remembered."""
        table = tables.indexes
        names = Extent.__dataclass_fields__
        query = sa.select(*(table.c[name] for name in names)).where(*self._here(table))
        with self._ledger.reading() as db:
            row = db.execute(query).mappings().first()
        return Extent(**row) if row else Extent()

    def save(self, extent: Extent) -> None:
        """Note how much is remembered now."""
        with self._ledger.transaction() as db:
            self._save(db, extent)

    def forget(self) -> None:
        """Begin anew; the size stays, as an estimate."""
        with self._ledger.transaction() as db:
            db.execute(tables.indexed.delete().where(*self._here(tables.indexed)))
            db.execute(tables.indexes.update().where(*self._here(tables.indexes)).values(until=""))

    def note(
        self, seen: Iterable[Sighting], gone: Iterable[RecordId] = (), extent: Extent | None = None
    ) -> None:
        """Note records as they are now, and how far that reaches, all or nothing."""
        latest = {each.record_id: each for each in seen}
        if not latest and not gone and extent is None:
            return
        rows = [
            {**self._place, "key": key, "remote_id": str(each.record_id), "stamp": each.stamp}
            for each in latest.values()
            for key in dict.fromkeys(each.keys or ("",))
        ]
        with self._ledger.transaction() as db:
            self._drop(db, [*latest, *gone])
            if rows:
                db.execute(tables.indexed.insert(), rows)
            if extent is not None:
                self._save(db, extent)

    def holders(self, keys: Iterable[str]) -> dict[str, set[RecordId]]:
        """Digest of a key -> ids of the records that had it."""
        table, found = tables.indexed, defaultdict[str, set[RecordId]](set)
        with self._ledger.reading() as db:
            for some in _chunks(sorted(set(keys))):
                query = sa.select(table.c.key, table.c.remote_id)
                for row in db.execute(query.where(*self._here(table), table.c.key.in_(some))):
                    found[row.key].add(self._record_id(row.remote_id))
        return found

    def stamps(self, record_ids: Iterable[RecordId]) -> dict[RecordId, str]:
        """Record id -> fingerprint of its values when it was last seen."""
        table, found = tables.indexed, dict[RecordId, str]()
        with self._ledger.reading() as db:
            for some in _chunks(sorted({str(each) for each in record_ids})):
                query = sa.select(table.c.remote_id, table.c.stamp)
                for row in db.execute(query.where(*self._here(table), table.c.remote_id.in_(some))):
                    found[self._record_id(row.remote_id)] = row.stamp
        return found

    def written_since(self, kind: str, moment: str) -> int:
        """How many linked records we have written to since a moment of the service's clock."""
        table = tables.links
        query = sa.select(sa.func.count()).where(
            table.c.connection == self._ledger.connection,
            table.c.kind == kind,
            table.c.pipedrive_updated >= moment,
        )
        with self._ledger.reading() as db:
            return int(db.execute(query).scalar_one())

    def linked(self, kind: str) -> int:
        """How many records are linked: there are at least so many."""
        return self._ledger.count_links(kind, "pipedrive")

    def _here(self, table: sa.Table) -> list[sa.ColumnElement[bool]]:
        return [table.c[name] == value for name, value in self._place.items()]

    def _drop(self, db: sa.Connection, record_ids: Sequence[RecordId]) -> None:
        table = tables.indexed
        for some in _chunks([str(each) for each in record_ids]):
            db.execute(table.delete().where(*self._here(table), table.c.remote_id.in_(some)))

    def _save(self, db: sa.Connection, extent: Extent) -> None:
        table = tables.indexes
        row: Mapping[str, object] = {**self._place, **vars(extent)}
        db.execute(table.delete().where(*self._here(table)))
        db.execute(table.insert().values(row))


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
