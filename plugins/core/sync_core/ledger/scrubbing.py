"""Leaving no copy of dropped rows behind."""

from __future__ import annotations

from sync_core.ledger.store import Ledger


def scrub(ledger: Ledger) -> None:
    """Rewrite a SQLite file without what was dropped from it; PostgreSQL does so by itself.

    Raises:
        LedgerError: Somebody else is at work in it.
    """
    with ledger.reading() as db:
        if db.dialect.name == "sqlite":
            db.exec_driver_sql("VACUUM")
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
