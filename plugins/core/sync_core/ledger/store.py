"""Reading and writing the ledger; one transaction per batch of records."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from sync_core import times
from sync_core.errors import ConfigurationError, LedgerError
from sync_core.ledger import migrating, tables

CHUNK = 500
_BUSY_MILLISECONDS = 30_000
#: Any number that no other use of the database is likely to lock.
_LOCK = 0x6A6F75726E79
BACKENDS = ("sqlite", "postgresql")
Pair = tuple[str, str]


@dataclass
class Link:
    """That a Pipedrive record and a journy record are the same person or company.

    Attributes:
        kind: user, account, or a mapped stream's name.
        key: The match key: an e-mail in lower case, or an account id.
        pipedrive_id: Empty while the record isn't known in Pipedrive.
        journy_id: Empty while the record isn't known in journy.
        pipedrive_updated: `update_time` that Pipedrive gave to our last write.
        agreed: (Pipedrive field, other field) -> what both sides last agreed on.
        id: The ledger's own number; None before it is stored.
        changed: Whether it differs from what is stored.
        stored_key: The key under which it is stored.
        stored: The agreed values that are stored.
    """

    kind: str
    key: str
    pipedrive_id: str = ""
    journy_id: str = ""
    pipedrive_updated: str = ""
    agreed: dict[Pair, Agreed] = field(default_factory=dict)
    id: int | None = None
    changed: bool = False
    stored_key: str = ""
    stored: Mapping[Pair, Agreed] = field(default_factory=dict)

    def rename(self, key: str) -> None:
        """Follow a changed match key."""
        self.changed |= self.key != key
        self.key = key

    def place(self, side: str, record_id: str) -> None:
        """Set the id on one side."""
        self.changed |= self.on(side) != record_id
        setattr(self, f"{side}_id", record_id)

    def agree(self, pair: Pair, value: Agreed) -> None:
        """Note what both sides now agree on."""
        if self.agreed.get(pair) != value:
            self.agreed[pair] = value
            self.changed = True

    def on(self, side: str) -> str:
        """The id on one side, `pipedrive` or `journy`."""
        return self.pipedrive_id if side == "pipedrive" else self.journy_id


@dataclass(frozen=True)
class Agreed:
    """Digests of one field's values on both sides when they last agreed.

    Attributes:
        pipedrive: Digest of the value in Pipedrive.
        other: Digest of the value in journy, or in another source.
        other_written: When we wrote it there, by that service's clock; empty if we didn't.
    """

    pipedrive: str
    other: str
    other_written: str = ""


@dataclass(frozen=True)
class Kept:
    """A record kept for another try: its JSON text, why, and when it was last tried."""

    payload: str
    reason: str
    last: str


@dataclass(frozen=True)
class OutcomeRow:
    """One line of the sync log."""

    entity: str
    outcome: str
    reason: str
    text: str = ""
    key: str = ""
    pipedrive_id: str = ""
    journy_id: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunRow:
    """One run as reports show it."""

    run: str
    connection: str
    direction: str
    started: str
    ended: str | None
    status: str
    error: str | None
    dry_run: bool
    calls: int
    tokens: int
    counts: Mapping[str, Mapping[str, int]]
    reasons: Sequence[Mapping[str, Any]]


class Ledger:
    """The memory of one connection."""

    def __init__(self, url: str, connection: str) -> None:
        """Open the ledger, making its tables where they are missing.

        Args:
            url: Any SQLAlchemy URL.
            connection: Name of the connection; several may share a ledger.

        Raises:
            ConfigurationError: The URL is malformed, or nothing can be opened there.
        """
        self.connection = connection
        self._engine = _engine(url)
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
            _check_version(db)
        tables.metadata.create_all(db)
        _check_version(db)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """All or nothing.

        Raises:
            LedgerError: The database refused.
        """
        with _plainly(), self._engine.begin() as db:
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
        with _plainly(), self._engine.connect() as db:
            yield db

    # Runs

    def start_run(self, direction: str, *, dry_run: bool) -> str:
        """Note that a run began and return its id."""
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
            db.execute(tables.runs.insert().values(row))
        return run

    def end_run(
        self, run: str, *, status: str, calls: int, tokens: int, error: str | None = None
    ) -> None:
        """Note how a run ended."""
        values = {
            "ended": times.now(),
            "status": status,
            "calls": calls,
            "tokens": tokens,
            "error": error,
        }
        with self.transaction() as db:
            db.execute(tables.runs.update().where(tables.runs.c.id == run).values(values))

    def runs(self) -> list[RunRow]:
        """All runs, oldest first, with their counts."""
        with self.reading() as db:
            rows = db.execute(sa.select(tables.runs).order_by(tables.runs.c.started)).mappings()
            return [_run_row(db, row) for row in rows]

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
        """What is kept for another try."""
        table = tables.retries
        query = (
            sa.select(table.c.payload, table.c.reason, table.c.last)
            .where(
                table.c.connection == self.connection,
                table.c.direction == direction,
                table.c.stream == stream,
            )
            .order_by(table.c.last, table.c.source_id)
        )
        with self.reading() as db:
            return [Kept(row.payload, row.reason, row.last) for row in db.execute(query)]


@contextmanager
def _plainly() -> Iterator[None]:
    """Tell a database's error in one line, without the statement, its values or their details."""
    try:
        yield
    except DBAPIError as error:
        reason = (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
        # PostgreSQL's own error repeats the whole row, so no traceback may show it.
        raise LedgerError(f"the ledger's database refused: {reason}") from None


def _engine(url: str) -> sa.Engine:
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


def _check_version(db: sa.Connection) -> None:
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


def _link(row: sa.RowMapping) -> Link:
    return Link(
        kind=row["kind"],
        key=row["key"],
        pipedrive_id=row["pipedrive_id"] or "",
        journy_id=row["journy_id"] or "",
        pipedrive_updated=row["pipedrive_updated"],
        id=row["id"],
        stored_key=row["key"],
    )


def _run_row(db: sa.Connection, row: sa.RowMapping) -> RunRow:
    query = sa.select(tables.counts).where(tables.counts.c.run == row["id"])
    reasons = [dict(each) for each in db.execute(query).mappings()]
    by_entity: dict[str, dict[str, int]] = {}
    for each in reasons:
        each.pop("run")
        outcomes = by_entity.setdefault(each["entity"], {})
        outcomes[each["outcome"]] = outcomes.get(each["outcome"], 0) + each["count"]
    about = {name: row[name] for name in _RUN_COLUMNS}
    return RunRow(run=row["id"], counts=by_entity, reasons=reasons, **about)


_RUN_COLUMNS = (
    "connection", "direction", "started", "ended", "status", "error", "dry_run", "calls", "tokens",
)  # fmt: skip
