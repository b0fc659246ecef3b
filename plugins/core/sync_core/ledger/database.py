"""The database that a ledger is in: its tables, its transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync_core.errors import ConfigurationError, LedgerError
from sync_core.ledger import opening, tables
from sync_core.ledger.place import Place
from sync_core.policy import Policy

if TYPE_CHECKING:
    from typing_extensions import Self

#: Any number that no other use of the database is likely to lock.
_LOCK = 0x6A6F75726E79


class Database:
    """What is kept for one connection; several may share a database."""

    def __init__(self, url: str, connection: str, policy: Policy | None = None) -> None:
        """Open the ledger, making its tables where they are missing.

        Args:
            url: Any SQLAlchemy URL.
            connection: Name of the connection; several may share a ledger.
            policy: How patient it is, and how long it remembers.

        Raises:
            ConfigurationError: The URL is malformed, or nothing can be opened there.
        """
        self.connection = connection
        self.policy = policy or Policy()
        self.engine = opening.connect(url)
        self._place = Place("")
        try:
            with self.transaction() as db:
                self._prepare(db)
                place = Place.of(db)
        except ConfigurationError:
            self.close()
            raise
        except LedgerError as error:
            self.close()
            raise ConfigurationError(f"ledger_url: the ledger can't be opened ({error})") from None
        self._place = place

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """The ledger that a target's settings describe.

        Raises:
            ConfigurationError: The URL is malformed, or nothing can be opened there.
        """
        name = str(config.get("connection_name") or "default")
        return cls(str(config["ledger_url"]), name, Policy.of(config))

    def _prepare(self, db: sa.Connection) -> None:
        if self.engine.dialect.name == "postgresql":
            # Two runs that start at once would both make the tables.
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if sa.inspect(db).has_table(tables.meta.name):
            opening.check_version(db)
        tables.metadata.create_all(db)
        opening.check_version(db)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """All or nothing.

        Raises:
            LedgerError: The database refused, or isn't where it was any more.
        """
        self._place.verify()
        with opening.plainly(), self.engine.begin() as db:
            if self.engine.dialect.name == "sqlite":
                # Take the write lock now: upgrading a read lock fails at once where two runs meet.
                db.exec_driver_sql("BEGIN IMMEDIATE")
            yield db
        self._place.verify()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection for looking things up.

        Raises:
            LedgerError: The database refused, or isn't where it was any more.
        """
        self._place.verify()
        with opening.plainly(), self.engine.connect() as db:
            yield db
