"""What reports ask of the ledger as a whole: the runs of a period, and what is kept by now."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from sync_core import times
from sync_core.ledger import tables
from sync_core.ledger.rows import RunRow
from sync_core.ledger.runs import ABANDONED
from sync_core.ledger.store import Ledger


@dataclass(frozen=True)
class Span:
    """Which runs count; empty attributes don't narrow it.

    Attributes:
        since: Those that began at this comparable time or later.
        until: Those that began before this comparable time.
        run: A run's id, or its beginning.
        connection: The connection's name.
        dry_runs: Whether dry runs count as well.
    """

    since: str = ""
    until: str = ""
    run: str = ""
    connection: str = ""
    dry_runs: bool = False


@dataclass(frozen=True)
class Waiting:
    """Records that are kept for another try.

    Attributes:
        direction: Which way they go.
        stream: Their stream, or `actions/<name>`.
        reason: Why they are kept.
        count: How many.
        given_up: How many of them no run tries any more.
        oldest: When the first of them was last tried.
        due: When the first of them is tried again; empty: by the next run.
    """

    direction: str
    stream: str
    reason: str
    count: int
    given_up: int
    oldest: str
    due: str


def runs_in(ledger: Ledger, span: Span) -> list[RunRow]:
    """The runs of a span, oldest first, with their counts."""
    runs = tables.runs
    query = sa.select(runs).where(*within(span)).order_by(runs.c.started)
    counted = sa.select(tables.counts).join(runs).where(*within(span))
    with ledger.reading() as db:
        rows = db.execute(query).mappings().all()
        counts: dict[str, list[dict[str, object]]] = {}
        for each in db.execute(counted).mappings():
            reason = dict(each)
            counts.setdefault(reason.pop("run"), []).append(reason)
    return [RunRow.of(dict(row), counts.get(row["id"], [])) for row in rows]


def came_since(ledger: Ledger, direction: str, stream: str, moment: str) -> bool:
    """Whether a real run that began after a moment has brought records of a stream.

    One that seems to lie ahead doesn't count: the clock was set back since.
    """
    runs, counts = tables.runs, tables.counts
    query = (
        sa.select(sa.literal(1))
        .select_from(counts.join(runs))
        .where(
            runs.c.connection == ledger.connection,
            runs.c.direction == direction,
            runs.c.started > moment,
            runs.c.started <= times.now(),
            ~runs.c.dry_run,
            counts.c.entity == stream,
        )
        .limit(1)
    )
    with ledger.reading() as db:
        return db.execute(query).first() is not None


def waiting(ledger: Ledger, connection: str = "") -> list[Waiting]:
    """What is kept for another try now."""
    table = tables.retries
    names = ("direction", "stream", "reason")
    query = (
        sa.select(
            *(table.c[name] for name in names),
            sa.func.count().label("count"),
            sa.func.count(sa.func.nullif(table.c.given_up, "")).label("given_up"),
            sa.func.min(table.c.last).label("oldest"),
            sa.func.min(table.c.due).label("due"),
        )
        .where(table.c.connection == connection if connection else sa.true())
        .group_by(*(table.c[name] for name in names))
        .order_by(*(table.c[name] for name in names))
    )
    with ledger.reading() as db:
        return [Waiting(**row) for row in db.execute(query).mappings()]


def last_size(ledger: Ledger, direction: str) -> int:
    """How many records the connection's last completed run of a direction had; 0 without one."""
    runs, counts = tables.runs, tables.counts
    last = (
        sa.select(runs.c.id)
        .where(
            runs.c.connection == ledger.connection,
            runs.c.direction == direction,
            runs.c.status == "completed",
        )
        .order_by(runs.c.started.desc())
        .limit(1)
    )
    total = sa.select(sa.func.coalesce(sa.func.sum(counts.c.count), 0)).where(
        counts.c.run == last.scalar_subquery()
    )
    with ledger.reading() as db:
        return int(db.execute(total).scalar_one())


def last_spans(ledger: Ledger, direction: str, most: int) -> list[tuple[str, str]]:
    """When the connection's last real runs of a direction began and were over, newest first.

    One whose process ended without a word was over with the last thing that it recorded: when that
    was noticed says nothing, for a backup may have been made in its middle.
    """
    runs, outcomes = tables.runs, tables.outcomes
    recorded = sa.select(sa.func.max(outcomes.c.at)).where(outcomes.c.run == runs.c.id)
    over = sa.case(
        (runs.c.status == ABANDONED, sa.func.coalesce(recorded.scalar_subquery(), runs.c.started)),
        else_=runs.c.ended,
    )
    query = (
        sa.select(runs.c.started, over)
        .where(
            runs.c.connection == ledger.connection,
            runs.c.direction == direction,
            runs.c.dry_run.is_(False),
            runs.c.ended.is_not(None),
        )
        .order_by(runs.c.started.desc())
        .limit(most)
    )
    with ledger.reading() as db:
        return [(str(began), str(ended)) for began, ended in db.execute(query).tuples()]


def connections(ledger: Ledger) -> list[str]:
    """Names of the connections that have had a run."""
    names = sa.select(tables.runs.c.connection).distinct().order_by(tables.runs.c.connection)
    with ledger.reading() as db:
        return [str(name) for name in db.execute(names).scalars()]


def within(span: Span) -> list[sa.ColumnElement[bool]]:
    """Which runs belong to a span."""
    runs = tables.runs
    found: list[sa.ColumnElement[bool]] = []
    if span.since:
        found.append(runs.c.started >= span.since)
    if span.until:
        found.append(runs.c.started < span.until)
    if span.run:
        found.append(runs.c.id.startswith(span.run, autoescape=True))
    if span.connection:
        found.append(runs.c.connection == span.connection)
    if not span.dry_runs:
        found.append(runs.c.dry_run.is_(False))
    return found
