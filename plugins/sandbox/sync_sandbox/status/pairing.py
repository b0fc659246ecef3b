"""Pairs the records of both services, and walks over the pairs from the latest change back.

Nothing here copies a table: a page costs what it shows, however many records there are.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from heapq import merge
from typing import TYPE_CHECKING, Any

from sync_sandbox.journy.records import ACCOUNT, USER, Record, Table
from sync_sandbox.status.recent import Recent

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.store import Row
    from sync_sandbox.world import World

PIPEDRIVE, JOURNY = 0, 1
END = (math.inf, PIPEDRIVE, math.inf)
# When (milliseconds since 1970), on which side, and the id there. A walk goes down from it.
Place = tuple[float, int, float]


@dataclass(frozen=True)
class Pair:
    """Two records that belong together, or one that is alone."""

    row: Row | None
    record: Record | None

    @property
    def key(self) -> str:
        """What tells this pair from all others."""
        ours = "" if self.row is None else self.row["id"]
        return f"{ours}|{'' if self.record is None else self.record.key}"


class Pairing:
    """How the records of one kind find each other: by e-mail address, or by account id."""

    def __init__(self, world: World, entity: str) -> None:
        self._world = world
        self._entity = entity
        self._kind = USER if entity == "person" else ACCOUNT
        self._rows_by_key: Recent[dict[str, list[Row]]] = Recent()

    @property
    def _records(self) -> Table:
        return self._world.journy.world.tables[self._kind.name]

    def _code(self) -> str | None:
        """The custom field that holds the account id, as long as there is one."""
        fields = self._world.pipedrive.state.fields[self._entity].all()
        return next((f["field_code"] for f in fields if f["field_name"] == "Account ID"), None)

    def keys(self) -> Callable[[Row], list[str]]:
        """Reads from a Pipedrive record what its partner is found by."""
        if self._entity == "person":
            return lambda row: [one["value"].strip().lower() for one in row["emails"]]
        code = self._code()

        def account_id(row: Row) -> list[str]:
            value = row["custom_fields"].get(code)
            return [] if value is None else [str(value)]

        return account_id

    def walk(self, after: Place) -> Iterator[tuple[Place, list[Pair]]]:
        """Pairs from the latest change back, beginning behind a place.

        A pair stands where its later side changed, and all pairs of one place come together.
        """
        read = self.keys()
        records = self._records
        found = records.by_contact if self._entity == "person" else records.by_external

        def partner(row: Row) -> Record | None:
            return next((found[key] for key in read(row) if key in found), None)

        index = self._index(read)
        for when, side, number, item in merge(self._rows(after), _latest(records, after)):
            place = (-when, side, -number)
            if side == PIPEDRIVE:
                record = partner(item)
                if record is None or record.updated <= place[0]:
                    yield place, [Pair(item, record)]
                continue
            key = item.contact if self._entity == "person" else item.external
            rows = [row for row in index.get(key or "", ()) if self._paired(row, item, partner)]
            earlier = [Pair(row, item) for row in rows if _moment(row) < place[0]]
            if earlier or not rows:
                yield place, earlier or [Pair(None, item)]

    def sharing(self, row: Row) -> int:
        """How many Pipedrive records have the key of this one."""
        read = self.keys()
        index = self._index(read)
        return max((len(index.get(key, ())) for key in read(row)), default=0)

    def _index(self, read: Callable[[Row], list[str]]) -> dict[str, list[Row]]:
        table = self._world.pipedrive.state.tables[self._entity]

        def build() -> dict[str, list[Row]]:
            index: dict[str, list[Row]] = {}
            for row in table.rows.values():
                if not row["is_deleted"]:
                    for key in read(row):
                        index.setdefault(key, []).append(row)
            return index

        return self._rows_by_key.get((table, self._code()), table.version, len(table.rows), build)

    @staticmethod
    def _paired(row: Row, record: Record, partner: Callable[[Row], Record | None]) -> bool:
        """Whether the index, which may be seconds old, still tells the truth."""
        return not row["is_deleted"] and partner(row) is record

    def _rows(self, after: Place) -> Iterator[tuple[float, int, float, Any]]:
        """Pipedrive's records, latest change first, as places with their signs turned."""
        table = self._world.pipedrive.state.tables[self._entity]
        start = None if after == END else (_stamp(after), after[2] if after[1] == PIPEDRIVE else 0)
        for row_id in table.walk("update_time", descending=True, after=start):
            row = table.rows[row_id]
            if not row["is_deleted"]:
                yield -_moment(row), PIPEDRIVE, -row_id, row


def _latest(table: Table, after: Place) -> Iterator[tuple[float, int, float, Any]]:
    """Records of journy, latest change first, as places with their signs turned."""
    order = table._order  # noqa: SLF001  # read only; the table itself reads it upwards
    before = (after[0], after[2]) if after[1] == JOURNY else (after[0] + 1, 0)
    previous = None
    for index in range(bisect_left(order, before) - 1, -1, -1):
        updated, key = entry = order[index]
        record = table.records.get(key)
        # An entry may be a change that a later one has overtaken.
        if record is not None and record.updated == updated and entry != previous:
            yield -updated, JOURNY, -key, record
        previous = entry


def _moment(row: Row) -> float:
    """When a Pipedrive record changed, in milliseconds since 1970."""
    text = row["update_time"]
    return 0 if text is None else datetime.fromisoformat(f"{text[:-1]}+00:00").timestamp() * 1000


def _stamp(place: Place) -> str:
    """The whole second at a place or after it, as Pipedrive spells it."""
    moment = datetime.fromtimestamp(math.ceil(place[0] / 1000), tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
