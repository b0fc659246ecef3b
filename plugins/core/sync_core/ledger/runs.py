"""Runs: one of a connection and direction at a time; when they were, and what they cost."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from sync_core import times
from sync_core.budget import Daily
from sync_core.errors import AlreadyRunningError
from sync_core.ledger import tables
from sync_core.ledger.database import Database
from sync_core.ledger.locking import RunLock, run_lock
from sync_core.ledger.rows import RunRow
from sync_core.text import number_of

log = logging.getLogger(__name__)

RUNNING = "running"
ABANDONED = "abandoned"


class Runs(Database):
    """The runs of one connection."""

    _lock: RunLock | None = None

    @contextmanager
    def turn(self, direction: str, *, dry_run: bool) -> Iterator[None]:
        """Wait for the connection's turn in a direction, before anything is asked of a service.

        The turn stays for `begin_run`; the ledger is closed if what is done in here fails.

        Raises:
            AlreadyRunningError: Another run didn't end in time.
        """
        try:
            self._take_turn(direction, dry_run=dry_run)
            yield
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the turn and of the database."""
        self._give_way()
        super().close()

    def begin_run(self, direction: str, *, dry_run: bool) -> str:
        """Wait for the connection's turn, unless it has come, note that a run began, return its id.

        Dry runs write nothing that real ones read, so the two don't wait for each other.

        Raises:
            AlreadyRunningError: Another run didn't end in time.
        """
        if self._lock is None:
            self._take_turn(direction, dry_run=dry_run)
        self._abandon(direction, dry_run=dry_run)
        return self.start_run(direction, dry_run=dry_run)

    def verify_turn(self) -> None:
        """Make sure that no other run can have begun in the meantime.

        Raises:
            LedgerError: The connection that kept others waiting is lost.
        """
        if self._lock is not None:
            self._lock.verify()

    def _take_turn(self, direction: str, *, dry_run: bool) -> None:
        mark = hashlib.blake2b(self.connection.encode(), digest_size=4).hexdigest()
        lock = run_lock(self.engine, f"{direction}{'-dry' if dry_run else ''}-{mark}")
        seconds = self.policy.lock_wait_seconds
        if not lock.take(0):
            other = self._under_way(direction, dry_run=dry_run)
            if seconds:
                log.info("%s; waiting for it for up to %g s (lock_wait_seconds)", other, seconds)
            if not seconds or not lock.take(seconds):
                raise AlreadyRunningError(
                    f"{other}, and after {seconds:g} s (lock_wait_seconds) it still is; "
                    "nothing was written, and the next run does what this one would have done"
                )
        self._lock = lock

    def _under_way(self, direction: str, *, dry_run: bool) -> str:
        row = None
        with self.reading() as db:
            query = sa.select(tables.runs.c.id, tables.runs.c.started).where(
                *self._running(direction, dry_run=dry_run)
            )
            row = db.execute(query.order_by(tables.runs.c.started.desc())).first()
        which = f" (run {row.id[:8]}, since {row.started[:19]} UTC)" if row else ""
        return f"another run of connection {self.connection} {direction}{which} is under way"

    def _running(self, direction: str, *, dry_run: bool) -> tuple[sa.ColumnElement[bool], ...]:
        table = tables.runs
        return (
            table.c.connection == self.connection,
            table.c.direction == direction,
            table.c.dry_run.is_(dry_run),
            table.c.status == RUNNING,
        )

    def _abandon(self, direction: str, *, dry_run: bool) -> None:
        """Mark runs whose process died: whoever holds the lock is the only one alive."""
        values = {
            "status": ABANDONED,
            "ended": times.now(),
            "error": "its process ended without a word; the next run goes on",
        }
        table = tables.runs
        with self.transaction() as db:
            condition = self._running(direction, dry_run=dry_run)
            count = db.execute(table.update().where(*condition).values(values)).rowcount
        if count:
            runs = number_of(count, "earlier run")
            log.warning("%s of %s ended without a word", runs, direction)

    def start_run(self, direction: str, *, dry_run: bool) -> str:
        """Note that a run began and return its id; samples of earlier dry runs are over."""
        run = str(uuid.uuid4())
        row = {
            "id": run,
            "connection": self.connection,
            "direction": direction,
            "started": times.now(),
            "status": RUNNING,
            "dry_run": dry_run,
            "calls": 0,
            "tokens": 0,
        }
        with self.transaction() as db:
            table = tables.runs
            before = sa.select(table.c.id).where(
                table.c.connection == self.connection, table.c.direction == direction
            )
            db.execute(tables.samples.delete().where(tables.samples.c.run.in_(before)))
            db.execute(table.insert().values(row))
        return run

    def end_run(  # noqa: PLR0913 - a row has many columns
        self,
        run: str,
        *,
        status: str,
        calls: int,
        tokens: int,
        error: str | None = None,
        daily: Daily | None = None,
        planned: tuple[int, int] | None = None,
    ) -> None:
        """Note how a run ended, and give way to the next one.

        Args:
            run: Its id.
            status: completed or failed.
            calls: Calls to the destination.
            tokens: What they cost.
            error: What ended it early.
            daily: How the day's tokens stood, where the service said so.
            planned: Calls and tokens that the writes of a dry run would have taken.
        """
        values = {
            "ended": times.now(),
            "status": status,
            "calls": calls,
            "tokens": tokens,
            "error": error,
            **({f"daily_{name}": count for name, count in vars(daily).items()} if daily else {}),
            **dict(zip(("planned_calls", "planned_tokens"), planned or (), strict=False)),
        }
        try:
            with self.transaction() as db:
                db.execute(tables.runs.update().where(tables.runs.c.id == run).values(values))
        finally:
            self._give_way()

    def _give_way(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def runs(self) -> list[RunRow]:
        """All runs, oldest first, with their counts."""
        with self.reading() as db:
            rows = db.execute(sa.select(tables.runs).order_by(tables.runs.c.started)).mappings()
            return [RunRow.of(dict(row), _reasons(db, row["id"])) for row in rows]


def _reasons(db: sa.Connection, run: str) -> list[dict[str, Any]]:
    table = tables.counts
    names = (table.c.entity, table.c.outcome, table.c.reason, table.c.count)
    return [
        dict(each) for each in db.execute(sa.select(*names).where(table.c.run == run)).mappings()
    ]
