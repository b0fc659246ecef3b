"""What a report asks of the ledger: runs of a period, and the records that stand out in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.log import STREAMS
from sync_core.ledger.rows import RunRow
from sync_core.ledger.store import Ledger

_UPDATED = "updated"
#: What a record is known by.
_NAMES = ("key", "pipedrive_id", "journy_id")


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
class Standout:
    """A record with what makes it stand out.

    Attributes:
        entity: The stream that it came from last.
        key: Its match key.
        pipedrive_id: Its id in Pipedrive; empty if it isn't known.
        journy_id: Its id in journy; empty if it isn't known.
        times: How often it was written.
        directions: In how many directions.
        milliseconds: How long its slowest write took.
        last: When that was last.
    """

    entity: str
    key: str
    pipedrive_id: str
    journy_id: str
    times: int
    directions: int
    milliseconds: int
    last: str


@dataclass(frozen=True)
class Example:
    """One record with a reason, as the log has it.

    Attributes:
        at: When.
        direction: Of its run.
        entity: The stream.
        outcome: What became of it.
        reason: Why.
        key: Its match key.
        pipedrive_id: Its id in Pipedrive.
        journy_id: Its id in journy.
        text: The log's sentence.
    """

    at: str
    direction: str
    entity: str
    outcome: str
    reason: str
    key: str
    pipedrive_id: str
    journy_id: str
    text: str


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
    query = sa.select(runs).where(*_in(span)).order_by(runs.c.started)
    counted = sa.select(tables.counts).join(runs).where(*_in(span))
    with ledger.reading() as db:
        rows = db.execute(query).mappings().all()
        counts: dict[str, list[dict[str, object]]] = {}
        for each in db.execute(counted).mappings():
            reason = dict(each)
            counts.setdefault(reason.pop("run"), []).append(reason)
    return [RunRow.of(dict(row), counts.get(row["id"], [])) for row in rows]


def slowest(ledger: Ledger, span: Span, limit: int) -> list[Standout]:
    """The records whose writes took longest."""
    longest = sa.func.max(tables.outcomes.c.milliseconds)
    return _standouts(ledger, span, longest.desc(), limit, tables.outcomes.c.milliseconds > 0)


def flapping(ledger: Ledger, span: Span, limit: int, *, least: int = 3) -> list[Standout]:
    """The records that were updated most often, in so many runs at least."""
    runs = sa.func.count(sa.distinct(tables.outcomes.c.run))
    updated = tables.outcomes.c.outcome == _UPDATED
    return _standouts(ledger, span, runs.desc(), limit, updated, having=runs >= least)


def _standouts(
    ledger: Ledger,
    span: Span,
    order: sa.UnaryExpression[int],
    limit: int,
    *conditions: sa.ColumnElement[bool],
    having: sa.ColumnElement[bool] | None = None,
) -> list[Standout]:
    lines, runs = tables.outcomes, tables.runs
    kind = _kind()
    query = (
        sa.select(
            sa.func.max(lines.c.entity).label("entity"),
            lines.c.key,
            sa.func.max(lines.c.pipedrive_id).label("pipedrive_id"),
            sa.func.max(lines.c.journy_id).label("journy_id"),
            sa.func.count(sa.distinct(lines.c.run)).label("times"),
            sa.func.count(sa.distinct(runs.c.direction)).label("directions"),
            sa.func.coalesce(sa.func.max(lines.c.milliseconds), 0).label("milliseconds"),
            sa.func.max(lines.c.at).label("last"),
        )
        .join(runs, runs.c.id == lines.c.run)
        .where(*_in(span), lines.c.key != "", *conditions)
        .group_by(kind, lines.c.key)
        .order_by(order, lines.c.key)
        .limit(limit)
    )
    if having is not None:
        query = query.having(having)
    with ledger.reading() as db:
        return [Standout(**row) for row in db.execute(query).mappings()]


def _kind() -> sa.ColumnElement[str]:
    """The streams of both directions that are about the same records, as one name."""
    entity = tables.outcomes.c.entity
    same = {stream: kind for kind, streams in STREAMS.items() for stream in streams}
    return sa.case(same, value=entity, else_=entity)


def examples(  # noqa: PLR0913  # each narrows it
    ledger: Ledger,
    span: Span,
    limit: int,
    *,
    reasons: Collection[str] = (),
    entity: str = "",
    saying: str = "",
) -> list[Example]:
    """The newest lines with one of some reasons, of a stream, or whose text says something.

    Of several lines about one record for one reason, the newest.
    """
    lines, runs = tables.outcomes, tables.runs
    either: list[sa.ColumnElement[bool]] = []
    if reasons:
        either.append(lines.c.reason.in_(reasons))
    if saying:
        either.append(lines.c.text.contains(saying, autoescape=True))
    newest = (
        sa.select(sa.func.max(lines.c.id))
        .join(runs, runs.c.id == lines.c.run)
        .where(*_in(span), sa.or_(*either) if either else sa.true())
        .where(lines.c.entity == entity if entity else sa.true())
        .group_by(*(lines.c[name] for name in ("entity", "reason", *_NAMES)))
    )
    names = ("at", "entity", "outcome", "reason", "text", *_NAMES)
    query = (
        sa.select(*(lines.c[name] for name in names), runs.c.direction)
        .join(runs, runs.c.id == lines.c.run)
        .where(lines.c.id.in_(newest))
        .order_by(lines.c.id.desc())
        .limit(limit)
    )
    with ledger.reading() as db:
        return [Example(**row) for row in db.execute(query).mappings()]


def concerned(
    ledger: Ledger, span: Span, reasons: Collection[str]
) -> list[tuple[str, str, str, int]]:
    """(direction, stream, reason, different records) of some reasons, the most first."""
    lines, runs = tables.outcomes, tables.runs
    nobody = sa.literal("")
    own = sa.func.coalesce(
        *(sa.func.nullif(lines.c[name], nobody) for name in _NAMES),
        nobody,
    )
    records = sa.func.count(sa.distinct(own)).label("records")
    names = (runs.c.direction, lines.c.entity, lines.c.reason)
    query = (
        sa.select(*names, records)
        .join(runs, runs.c.id == lines.c.run)
        .where(*_in(span), lines.c.reason.in_(reasons))
        .group_by(*names)
        .order_by(records.desc(), *names)
    )
    with ledger.reading() as db:
        return [(row[0], row[1], row[2], int(row[3])) for row in db.execute(query)]


def texts(ledger: Ledger, span: Span, reasons: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(stream, reason, sentence) of every line with one of some reasons, read as it comes."""
    lines, runs = tables.outcomes, tables.runs
    query = (
        sa.select(lines.c.entity, lines.c.reason, lines.c.text)
        .join(runs, runs.c.id == lines.c.run)
        .where(*_in(span), lines.c.reason.in_(reasons))
    )
    with ledger.reading() as db:
        for row in db.execute(query):
            yield row.entity, row.reason, row.text


def said_of(ledger: Ledger, span: Span, entity: str) -> Iterator[tuple[str, str]]:
    """(outcome, sentence) of every line of a stream, read as it comes."""
    lines, runs = tables.outcomes, tables.runs
    query = (
        sa.select(lines.c.outcome, lines.c.text)
        .join(runs, runs.c.id == lines.c.run)
        .where(*_in(span), lines.c.entity == entity)
    )
    with ledger.reading() as db:
        for row in db.execute(query):
            yield row.outcome, row.text


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


def connections(ledger: Ledger) -> list[str]:
    """Names of the connections that have had a run."""
    names = sa.select(tables.runs.c.connection).distinct().order_by(tables.runs.c.connection)
    with ledger.reading() as db:
        return [str(name) for name in db.execute(names).scalars()]


def _in(span: Span) -> list[sa.ColumnElement[bool]]:
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
