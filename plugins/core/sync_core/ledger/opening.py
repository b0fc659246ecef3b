"""Opening a ledger's database, and telling its errors plainly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from sync_core.errors import ConfigurationError, LedgerError, LedgerLostError
from sync_core.ledger import migrating, tables

#: What is said of a text that is no such URL, or whose driver isn't installed.
NO_URL = (
    "ledger_url: expected an SQLAlchemy URL such as sqlite:////path/to/ledger.db or "
    "postgresql+psycopg://user:password@host/database"
)
_BUSY_MILLISECONDS = 30_000
BACKENDS = ("sqlite", "postgresql")
_DAMAGED = "put a backup in its place, or move it away: the next run finds out again who is who"
_ADDRESS = (
    "check that the server is up, and that the URL has the right address, user, password and "
    "database"
)
#: What SQLite says of the place where a file lies -> what to do about it.
OF_PLACES: Mapping[str, str] = {
    "disk is full": "make room, and run again",
    "disk I/O error": "make room, or check that the disk works, and run again",
    "readonly": "let the user who runs this write to the file and to its folder",
    "unable to open": "check that the folder exists and that it can be written to",
}
#: A part of what SQLite or the driver say, or PostgreSQL's code for it -> what to do about it.
_CURES: Mapping[str, str] = {
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
    "is locked": "end the program that keeps it so, and run again",
    **OF_PLACES,
    "connection failed": _ADDRESS,
    "connection timeout": _ADDRESS,
    "failed to resolve": _ADDRESS,
    "25006": "take a server that isn't read-only",
    "42501": "take a user who may make tables",
    "53100": "make room on the server, and run again",
}
#: What PostgreSQL says as it ends or before it has begun, and the class of its broken connections.
_LOST = ("57P01", "57P02", "57P03", "08")


@contextmanager
def plainly() -> Iterator[None]:
    """Tell a database's error in one line, without the statement, its values or their details."""
    try:
        yield
    except DBAPIError as error:
        # PostgreSQL's own error repeats the whole row, so no traceback may show it.
        if _is_lost(error):
            raise LedgerLostError(
                f"the ledger's server is lost: {in_words(error.orig, 'the next run goes on')}"
            ) from None
        raise LedgerError(f"the ledger's database refused: {in_words(error.orig)}") from None


def _is_lost(error: DBAPIError) -> bool:
    """Whether there is no connection to a server any more; what psycopg itself says has no code."""
    code = getattr(error.orig, "sqlstate", "")
    silent = code is None and isinstance(error, OperationalError)
    return error.connection_invalidated or silent or bool(code and code.startswith(_LOST))


def in_words(
    error: BaseException | None, otherwise: str = "", cures: Mapping[str, str] = _CURES
) -> str:
    """The first line of what a driver says, and what to do about it.

    Args:
        error: The driver's.
        otherwise: What to do where nothing better is known.
        cures: What is known, by a sign of what is wrong.
    """
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    code = getattr(error, "sqlstate", None)
    cure = next((cure for sign, cure in cures.items() if sign in reason or sign == code), "")
    cure = cure or otherwise
    return f"{reason}; {cure}" if cure else reason


def connect(url: str) -> sa.Engine:
    """An engine for a ledger's URL; nothing is opened yet.

    Raises:
        ConfigurationError: The URL is malformed, or of another kind of database.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() not in BACKENDS:
            raise ConfigurationError(NO_URL)
        engine = sa.create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise ConfigurationError(NO_URL) from None
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
    elif engine.dialect.driver == "psycopg":
        from sync_core.ledger import answering  # noqa: PLC0415  # SQLite needs no such driver

        answering.limit(engine)
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
