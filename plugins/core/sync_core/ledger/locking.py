"""One run of a connection and direction at a time, on this machine and on others.

The lock is the operating system's, or the database server's: it is freed the moment its process
dies, however it dies, and no clock has a part in it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from sync_core.errors import LedgerError
from sync_core.ledger.opening import OF_PLACES, in_words, plainly
from sync_core.ledger.place import Place

#: What PostgreSQL says of a lock that didn't become free in time: lock_not_available.
_TIMED_OUT = "55P03"
#: How long the server lets a session work or idle; a turn lasts as long as its run.
_LIMITS = ("statement_timeout", "idle_session_timeout")
#: Older servers don't know all of them.
_WITHOUT_LIMITS = sa.text(
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = ANY(:names)"
)
#: Seconds after which the server looks whether the machine at a silent session's other end is still
#: there, so that one that is gone keeps nobody waiting for long; by itself it does after hours.
_LIVING = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_SET = sa.text("SELECT set_config(name, :value, false) FROM pg_settings WHERE name = :name")
#: A long wait is asked for in parts, since no answer is waited for without end.
_PART_SECONDS = 60.0
_BYTES = 8
#: What to do about a lock's file for which nothing better is known.
_LET_LOCK = "delete it while no run is under way, or let this user write to it"


class RunLock(Protocol):
    """A lock under a name."""

    def take(self, seconds: float) -> bool:
        """Take it, waiting so long at most; whether that succeeded."""
        ...

    def verify(self) -> None:
        """Make sure that it is still held.

        Raises:
            LedgerError: It isn't.
        """
        ...

    def release(self) -> None:
        """Let go of it, if it is held."""
        ...


def run_lock(engine: sa.Engine, name: str) -> RunLock:
    """The lock of this name in a ledger's database."""
    if engine.dialect.name == "postgresql":
        return _ServerLock(engine, name)
    with plainly(), engine.connect() as db:
        file = db.exec_driver_sql("SELECT file FROM pragma_database_list WHERE seq = 0").scalar()
    return _FileLock(f"{file}-{name}.lock" if file else ":memory:")


class _FileLock:
    """A file beside the ledger, locked with what SQLite itself locks files by."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._held: sqlite3.Connection | None = None
        self._place = Place("")

    def take(self, seconds: float) -> bool:
        held: sqlite3.Connection | None = None
        try:
            held = sqlite3.connect(
                self._path, timeout=seconds, isolation_level=None, check_same_thread=False
            )
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if held is not None:
                held.close()
            if "locked" in str(error):
                return False
            raise LedgerError(
                f"the file beside the ledger that locks it, {self._path}, can't be used "
                f"({in_words(error, _LET_LOCK, OF_PLACES)})"
            ) from None
        self._held, self._place = held, Place("" if self._path == ":memory:" else self._path)
        return True

    def verify(self) -> None:
        """Look whether it is still the file that another run would lock."""
        if self._held is not None:
            self._place.verify()

    def release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


class _ServerLock:
    """A lock of PostgreSQL's for as long as a connection of its own lasts."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._held: sa.Connection | None = None

    def take(self, seconds: float) -> bool:
        with plainly():
            held = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            held.detach()  # it ends with the lock, and doesn't go back to the others
            taken = self._try(held, seconds)
        self._held = held if taken else None
        if not taken:
            held.close()
        return taken

    def _try(self, held: sa.Connection, seconds: float) -> bool:
        held.execute(_WITHOUT_LIMITS, {"names": list(_LIMITS)})
        held.execute(_SET, [{"name": name, "value": value} for name, value in _LIVING.items()])
        schema = held.execute(sa.select(sa.func.current_schema())).scalar()
        lock = number(f"{schema} {self._name}")
        if seconds <= 0:
            return bool(held.execute(sa.select(sa.func.pg_try_advisory_lock(lock))).scalar())
        whole, rest = divmod(seconds, _PART_SECONDS)
        parts = [*[_PART_SECONDS] * int(whole), rest]
        return any(self._wait(held, lock, part) for part in parts if part)

    @staticmethod
    def _wait(held: sa.Connection, lock: int, seconds: float) -> bool:
        milliseconds = str(max(1, round(1000 * seconds)))
        held.execute(sa.select(sa.func.set_config("lock_timeout", milliseconds, False)))
        try:
            held.execute(sa.select(sa.func.pg_advisory_lock(lock)))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _TIMED_OUT:
                raise
            return False
        return True

    def verify(self) -> None:
        """Ask over the connection that holds it."""
        if self._held is not None:
            with plainly():
                self._held.execute(sa.select(1))

    def release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


def number(name: str) -> int:
    """A name as the signed 64 bits that PostgreSQL's locks are called by."""
    digest = hashlib.blake2b(name.encode(), digest_size=_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)
