"""Accounts found again by the digests that agreed values keep of their ids."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from sync_core.canonical import digest
from sync_core.ledger import tables
from sync_core.ledger.store import Ledger


@dataclass(frozen=True)
class KnownAccount:
    """An account: its id, and its organization in Pipedrive, empty where that isn't known."""

    key: str
    pipedrive_id: str


class Accounts:
    """Every account of a connection, read when one is first asked for."""

    def __init__(self, ledger: Ledger) -> None:
        """Prepare; nothing is read yet.

        Args:
            ledger: The connection's memory.
        """
        self._ledger = ledger
        self._known: dict[str, KnownAccount] = {}
        self._missed: set[str] = set()

    def find(self, stamp: str) -> KnownAccount | None:
        """The account whose id has this digest; None if the ledger has none (any more)."""
        if stamp not in self._known and stamp not in self._missed:
            self._read()
            if stamp not in self._known:
                self._missed.add(stamp)
        return self._known.get(stamp)

    def _read(self) -> None:
        table = tables.links
        query = sa.select(table.c.key, table.c.pipedrive_id).where(
            table.c.connection == self._ledger.connection, table.c.kind == "account"
        )
        with self._ledger.reading() as db:
            for row in db.execute(query):
                known = KnownAccount(row.key, row.pipedrive_id or "")
                self._known[digest(row.key)] = known
