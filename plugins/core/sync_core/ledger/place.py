"""The file that something is kept in: whether it is still the one that was opened.

An open file can be deleted or replaced; what is written to it then goes nowhere, without an error.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from sync_core.errors import LedgerError


class Place:
    """A file as it was when it was opened."""

    def __init__(self, path: str) -> None:
        """Remember it.

        Args:
            path: Where it is; empty where it is in memory, and nothing can happen to it.
        """
        self._path = path
        self._opened = self._there()

    @classmethod
    def of(cls, db: sa.Connection) -> Place:
        """The place of a database; a server's is its own concern."""
        if db.dialect.name != "sqlite":
            return cls("")
        query = "SELECT file FROM pragma_database_list WHERE seq = 0"
        return cls(db.exec_driver_sql(query).scalar() or "")

    def verify(self) -> None:
        """Make sure that the file is still there.

        Raises:
            LedgerError: It isn't, or it is another one.
        """
        if self._path and (self._opened is None or self._there() != self._opened):
            raise LedgerError(
                f"the ledger's file {self._path} was deleted or replaced while this run used it; "
                "put it back, or run again: the next run finds out again who is who"
            )

    def _there(self) -> tuple[int, int] | None:
        """What tells the file from every other; None: there is none."""
        try:
            found = Path(self._path).stat() if self._path else None
        except OSError:
            return None
        return found and (found.st_dev, found.st_ino)
