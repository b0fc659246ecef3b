"""Reading and writing the ledger; one transaction per batch of records."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from sync_core import times
from sync_core.budget import Daily
from sync_core.errors import ConfigurationError, LedgerError
from sync_core.ledger import opening, patience, tables
from sync_core.ledger.policy import Policy
from sync_core.ledger.rows import Agreed, Kept, Link, RunRow

CHUNK = 500
#: Any number that no other use of the database is likely to lock.
_LOCK = 0x6A6F75726E79


class Ledger:
    """The memory of one connection."""

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
        self._engine = opening.connect(url)
        try:
            with self.transaction() as db:
                self._prepare(db)
        except ConfigurationError:
            self.close()
            raise
        except LedgerError as error:
            self.close()
            raise ConfigurationError(
                f"ledger_url: the ledger can't be opened ({error}); "
                "check that the folder exists and that it can be written to"
            ) from None

    def _prepare(self, db: sa.Connection) -> None:
        if self._engine.dialect.name == "postgresql":
            # Two runs that start at once would both make the tables.
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if sa.inspect(db).has_table(tables.meta.name):
            opening.check_version(db)
        tables.metadata.create_all(db)
        opening.check_version(db)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """All or nothing.

        Raises:
            LedgerError: The database refused.
        """
        with opening.plainly(), self._engine.begin() as db:
            if self._engine.dialect.name == "sqlite":
                # Take the write lock now: upgrading a read lock fails at once where two runs meet.
                db.exec_driver_sql("BEGIN IMMEDIATE")
            yield db

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection for looking things up.

        Raises:
            LedgerError: The database refused.
        """
        with opening.plainly(), self._engine.connect() as db:
            yield db

    # Runs

    def start_run(self, direction: str, *, dry_run: bool) -> str:
        """Note that a run began and return its id; samples of earlier dry runs are over."""
        run = str(uuid.uuid4())
        row = {
            "id": run,
            "connection": self.connection,
            "direction": direction,
            "started": times.now(),
            "status": "running",
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
        """Note how a run ended.

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
        with self.transaction() as db:
            db.execute(tables.runs.update().where(tables.runs.c.id == run).values(values))

    def runs(self) -> list[RunRow]:
        """All runs, oldest first, with their counts."""
        with self.reading() as db:
            rows = db.execute(sa.select(tables.runs).order_by(tables.runs.c.started)).mappings()
            return [run_row(row, _reasons(db, row["id"])) for row in rows]

    # Links

    def links_by(self, kind: str, column: str, values: Iterable[str]) -> dict[str, Link]:
        """Links of one kind with their agreed values.

        Args:
            kind: user, account, or a mapped stream's name.
            column: `key`, `pipedrive_id` or `journy_id`.
            values: What to look for; each at most once in the answer.
        """
        wanted = sorted({value for value in values if value})
        found: dict[str, Link] = {}
        with self.reading() as db:
            for start in range(0, len(wanted), CHUNK):
                some = wanted[start : start + CHUNK]
                for link in self._links(db, kind, column, some):
                    found[getattr(link, column)] = link
        return found

    def _links(
        self, db: sa.Connection, kind: str, column: str, values: Sequence[str]
    ) -> list[Link]:
        table = tables.links
        query = sa.select(table).where(
            table.c.connection == self.connection,
            table.c.kind == kind,
            table.c[column].in_(values),
        )
        found = {row["id"]: _link(row) for row in db.execute(query).mappings()}
        agreed = sa.select(tables.agreed).where(tables.agreed.c.link.in_(list(found)))
        for row in db.execute(agreed).mappings():
            pair = (row["pipedrive_field"], row["other_field"])
            found[row["link"]].agreed[pair] = Agreed(
                row["pipedrive_digest"], row["other_digest"], row["other_written"]
            )
        for link in found.values():
            link.stored = dict(link.agreed)
        return list(found.values())

    def count_links(self, kind: str, side: str) -> int:
        """How many records of a kind are known on one side."""
        table = tables.links
        query = (
            sa.select(sa.func.count())
            .select_from(table)
            .where(
                table.c.connection == self.connection,
                table.c.kind == kind,
                table.c[f"{side}_id"].is_not(None),
            )
        )
        with self.reading() as db:
            return int(db.execute(query).scalar_one())

    # Retries

    def retries(self, direction: str, stream: str) -> list[Kept]:
        """What is kept for another try and is to be tried now."""
        table, now = tables.retries, times.now()
        query = (
            sa.select(table.c.payload, table.c.reason, table.c.last)
            .where(*self._kept(direction, stream), patience.is_due(now))
            .order_by(table.c.last, table.c.source_id)
        )
        with self.reading() as db:
            # Where the clock was set back, what lies ahead counts as now.
            return [Kept(row.payload, row.reason, min(row.last, now)) for row in db.execute(query)]

    def waiting(self, direction: str, stream: str) -> dict[str, str]:
        """What is kept but isn't to be tried yet, or was given up: source id -> reason."""
        table = tables.retries
        query = sa.select(table.c.source_id, table.c.reason).where(
            *self._kept(direction, stream), sa.not_(patience.is_due(times.now()))
        )
        with self.reading() as db:
            return dict(db.execute(query).tuples().all())

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


def _link(row: sa.RowMapping) -> Link:
    return Link(
        kind=row["kind"],
        key=row["key"],
        pipedrive_id=row["pipedrive_id"] or "",
        journy_id=row["journy_id"] or "",
        pipedrive_updated=row["pipedrive_updated"],
        stamp=row["stamp"],
        id=row["id"],
        stored_key=row["key"],
    )


def run_row(row: sa.RowMapping, reasons: Sequence[Mapping[str, Any]]) -> RunRow:
    """A run with what it counted, added up by stream and outcome."""
    by_entity: dict[str, dict[str, int]] = {}
    for each in reasons:
        outcomes = by_entity.setdefault(each["entity"], {})
        outcomes[each["outcome"]] = outcomes.get(each["outcome"], 0) + each["count"]
    about = {name: row[name] for name in _RUN_COLUMNS}
    return RunRow(run=row["id"], counts=by_entity, reasons=reasons, **about)


def _reasons(db: sa.Connection, run: str) -> list[dict[str, Any]]:
    table = tables.counts
    names = (table.c.entity, table.c.outcome, table.c.reason, table.c.count)
    return [
        dict(each) for each in db.execute(sa.select(*names).where(table.c.run == run)).mappings()
    ]


_RUN_COLUMNS = (
    "connection", "direction", "started", "ended", "status", "error", "dry_run", "calls", "tokens",
    "daily_at_start", "daily_left", "daily_share", "planned_calls", "planned_tokens",
    "estimate", "bill",
)  # fmt: skip
