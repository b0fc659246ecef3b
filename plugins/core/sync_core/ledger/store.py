"""The ledger: runs, links with what was agreed on, and how often the kept was tried."""

from __future__ import annotations

from collections.abc import Iterable

from sync_core.ledger import patience
from sync_core.ledger.links import CHUNK, Links

__all__ = ["CHUNK", "Ledger"]


class Ledger(Links):
    """The memory of one connection."""

    def tries(self, direction: str, stream: str, source_ids: Iterable[str]) -> dict[str, int]:
        """How often some kept records of a stream were tried."""
        with self.reading() as db:
            return patience.tries_of(db, self.connection, direction, stream, source_ids)
