"""Reading the ledger: links with what was agreed on, and what is kept for another try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from sync_core import times
from sync_core.ledger import patience, tables
from sync_core.ledger.rows import Agreed, Kept, Link
from sync_core.ledger.runs import Runs

CHUNK = 500


class Ledger(Runs):
    """The memory of one connection."""

    # Links

    def links_by(self, kind: str, column: str, values: Iterable[str]) -> dict[str, Link]:
        """Links of one kind with their agreed values.

        Args:
            kind: user, account, or a mapped stream's name.
            column: `key`, `pipedrive_id` or `journy_id`.
            values: What to look for; each at most once in the answer.
        """
        wanted = sorted({value for value in values if value})
        found: dict[str, Link] = {}
        with self.reading() as db:
            for start in range(0, len(wanted), CHUNK):
                some = wanted[start : start + CHUNK]
                for link in self._links(db, kind, column, some):
                    found[getattr(link, column)] = link
        return found

    def _links(
        self, db: sa.Connection, kind: str, column: str, values: Sequence[str]
    ) -> list[Link]:
        table = tables.links
        query = sa.select(table).where(
            table.c.connection == self.connection,
            table.c.kind == kind,
            table.c[column].in_(values),
        )
        found = {row["id"]: _link(row) for row in db.execute(query).mappings()}
        agreed = sa.select(tables.agreed).where(tables.agreed.c.link.in_(list(found)))
        for row in db.execute(agreed).mappings():
            pair = (row["pipedrive_field"], row["other_field"])
            found[row["link"]].agreed[pair] = Agreed(
                row["pipedrive_digest"], row["other_digest"], row["other_written"]
            )
        for link in found.values():
            link.stored = dict(link.agreed)
        return list(found.values())

    def count_links(self, kind: str, side: str) -> int:
        """How many records of a kind are known on one side."""
        table = tables.links
        query = (
            sa.select(sa.func.count())
            .select_from(table)
            .where(
                table.c.connection == self.connection,
                table.c.kind == kind,
                table.c[f"{side}_id"].is_not(None),
            )
        )
        with self.reading() as db:
            return int(db.execute(query).scalar_one())

    # Retries

    def retries(self, direction: str, stream: str) -> list[Kept]:
        """What is kept for another try and is to be tried now."""
        table, now = tables.retries, times.now()
        query = (
            sa.select(table.c.payload, table.c.reason, table.c.last)
            .where(*self._kept(direction, stream), patience.is_due(now))
            .order_by(table.c.last, table.c.source_id)
        )
        with self.reading() as db:
            # Where the clock was set back, what lies ahead counts as now.
            return [Kept(row.payload, row.reason, min(row.last, now)) for row in db.execute(query)]

    def waiting(self, direction: str, stream: str) -> dict[str, str]:
        """What is kept but isn't to be tried yet, or was given up: source id -> reason."""
        table = tables.retries
        query = sa.select(table.c.source_id, table.c.reason).where(
            *self._kept(direction, stream), sa.not_(patience.is_due(times.now()))
        )
        with self.reading() as db:
            return dict(db.execute(query).tuples().all())

    def tries(self, direction: str, stream: str, source_ids: Iterable[str]) -> dict[str, int]:
        """How often some kept records of a stream were tried."""
        with self.reading() as db:
            return patience.tries_of(db, self.connection, direction, stream, source_ids)

    def _kept(self, direction: str, stream: str) -> tuple[sa.ColumnElement[bool], ...]:
        table = tables.retries
        return (
            table.c.connection == self.connection,
            table.c.direction == direction,
            table.c.stream == stream,
        )


def _link(row: sa.RowMapping) -> Link:
    return Link(
        kind=row["kind"],
        key=row["key"],
        pipedrive_id=row["pipedrive_id"] or "",
        journy_id=row["journy_id"] or "",
        pipedrive_updated=row["pipedrive_updated"],
        stamp=row["stamp"],
        id=row["id"],
        stored_key=row["key"],
    )
