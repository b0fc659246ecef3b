"""The ledger: runs, links with what was agreed on, and what is kept for another try."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from sync_core import times
from sync_core.ledger import patience, tables
from sync_core.ledger.links import CHUNK, Links
from sync_core.ledger.rows import Kept

__all__ = ["CHUNK", "Ledger"]


class Ledger(Links):
    """The memory of one connection."""

    def retries(self, direction: str, stream: str) -> list[Kept]:
        """What is kept for another try and is to be tried now."""
        table, now = tables.retries, times.now()
        query = (
            sa.select(table.c.payload, table.c.reason, table.c.last, table.c.source_id)
            .where(*self._kept(direction, stream), patience.is_due(now))
            .order_by(table.c.last, table.c.source_id)
        )
        with self.reading() as db:
            # Where the clock was set back, what lies ahead counts as now.
            return [
                Kept(row.payload, row.reason, min(row.last, now), row.source_id)
                for row in db.execute(query)
            ]

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
