"""Opening a ledger's database, and telling its errors plainly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from sync_core.errors import ConfigurationError, LedgerError
from sync_core.ledger import migrating, tables

_BUSY_MILLISECONDS = 30_000
BACKENDS = ("sqlite", "postgresql")


@contextmanager
def plainly() -> Iterator[None]:
    """Tell a database's error in one line, without the statement, its values or their details."""
    try:
        yield
    except DBAPIError as error:
        reason = (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
        # PostgreSQL's own error repeats the whole row, so no traceback may show it.
        raise LedgerError(f"the ledger's database refused: {reason}") from None


def connect(url: str) -> sa.Engine:
    """An engine for a ledger's URL; nothing is opened yet.

    Raises:
        ConfigurationError: The URL is malformed, or of another kind of database.
    """
    problem = "expected an SQLAlchemy URL such as sqlite:////path/to/ledger.db"
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() not in BACKENDS:
            raise ConfigurationError(f"ledger_url: {problem}, of {' or '.join(BACKENDS)}")
        engine = sa.create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        name = type(error).__name__
        raise ConfigurationError(
            f"ledger_url: {problem} whose driver is installed ({name})"
        ) from None
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Let readers and a writer of other processes work side by side, and wait for each other."""
    connection.isolation_level = None  # transactions begin where `transaction` says so
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def check_version(db: sa.Connection) -> None:
    """Note a new ledger's version, and bring an older ledger up to it.

    Raises:
        ConfigurationError: The ledger is newer than this plugin.
    """
    table = tables.meta
    stored = db.execute(sa.select(table.c.value).where(table.c.name == "schema_version")).scalar()
    if stored is None:
        row = {"name": "schema_version", "value": str(tables.SCHEMA_VERSION)}
        db.execute(table.insert().values(row))
    elif not stored.isdecimal() or int(stored) > tables.SCHEMA_VERSION:
        raise ConfigurationError(
            f"ledger_url: this ledger has version {stored}, newer than version "
            f"{tables.SCHEMA_VERSION} that this plugin knows; update the plugin"
        )
    elif int(stored) < tables.SCHEMA_VERSION:
        migrating.migrate(db, int(stored))
