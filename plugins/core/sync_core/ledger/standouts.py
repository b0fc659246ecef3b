"""The records of a period that stand out: slow, restless, refused, in conflict."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.log import STREAMS, changes_of
from sync_core.ledger.questions import Span, within
from sync_core.ledger.rows import Difference
from sync_core.ledger.store import Ledger

_UPDATED = "updated"
#: What a record is known by.
_NAMES = ("key", "pipedrive_id", "journy_id")


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
        changes: Values before and after, where the ledger keeps them.
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
    changes: tuple[Difference, ...] = ()


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
        .where(*within(span), lines.c.key != "", *conditions)
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
        .where(*within(span), sa.or_(*either) if either else sa.true())
        .where(lines.c.entity == entity if entity else sa.true())
        .group_by(*(lines.c[name] for name in ("entity", "reason", *_NAMES)))
    )
    names = ("at", "entity", "outcome", "reason", "text", "changes", *_NAMES)
    query = (
        sa.select(*(lines.c[name] for name in names), runs.c.direction)
        .join(runs, runs.c.id == lines.c.run)
        .where(lines.c.id.in_(newest))
        .order_by(lines.c.id.desc())
        .limit(limit)
    )
    with ledger.reading() as db:
        rows = [dict(row) for row in db.execute(query).mappings()]
    return [Example(**{**row, "changes": changes_of(row["changes"])}) for row in rows]


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
        .where(*within(span), lines.c.reason.in_(reasons))
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
        .where(*within(span), lines.c.reason.in_(reasons))
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
        .where(*within(span), lines.c.entity == entity)
    )
    with ledger.reading() as db:
        for row in db.execute(query):
            yield row.outcome, row.text
