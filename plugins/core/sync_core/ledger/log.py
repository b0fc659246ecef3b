"""Looking up what happened, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.rows import Difference
from sync_core.ledger.store import Ledger
from sync_core.text import same_email


@dataclass(frozen=True)
class Question:
    """What to look for; empty attributes don't narrow it.

    Attributes:
        record: An e-mail, account id, Pipedrive id or journy id; it also finds what the log says
            of the same record under an earlier key, as far as the links still tell.
        run: A run's id, or its beginning.
        direction: `pipedrive-to-journy` or `journy-to-pipedrive`.
        entity: A stream, such as persons.
        outcome: created, updated, skipped, rejected, deferred or failed.
        reason: A reason code.
        field: A field's label, or the beginning of one, that was written or refused.
        since: Lines from this comparable time on.
        until: Lines before this comparable time.
        after: Lines with a higher number than this.
        skip: Leave out so many of the newest lines.
        limit: At most so many lines, the newest; None for all.
    """

    record: str = ""
    run: str = ""
    direction: str = ""
    entity: str = ""
    outcome: str = ""
    reason: str = ""
    field: str = ""
    since: str = ""
    until: str = ""
    after: int = 0
    skip: int = 0
    limit: int | None = 50


@dataclass(frozen=True)
class LogLine:
    """One record's outcome in one run; `milliseconds` is how long its write took.

    `changes` are values before and after, where the ledger keeps values.
    """

    id: int
    at: str
    run: str
    direction: str
    entity: str
    outcome: str
    reason: str
    key: str
    pipedrive_id: str
    journy_id: str
    fields: str
    text: str
    milliseconds: int | None
    dry_run: bool
    changes: tuple[Difference, ...] = ()


_EQUAL = ("entity", "outcome", "reason")
_OF_OUTCOME = (
    "id", "at", "run", "entity", "outcome", "reason", "key", "pipedrive_id", "journy_id", "fields",
    "text", "milliseconds", "changes",
)  # fmt: skip
#: Kind of link -> the streams whose records it is about; another kind is a stream's own name.
STREAMS: Mapping[str, tuple[str, ...]] = {
    "user": ("users", "persons"),
    "account": ("accounts", "organizations"),
}


def find(ledger: Ledger, question: Question) -> list[LogLine]:
    """The lines that answer a question, newest first."""
    lines, runs = tables.outcomes, tables.runs
    with ledger.reading() as db:
        query = (
            sa.select(*(lines.c[name] for name in _OF_OUTCOME), runs.c.direction, runs.c.dry_run)
            .join(runs, runs.c.id == lines.c.run)
            .where(*_conditions(db, question))
            .order_by(lines.c.id.desc())
            .limit(question.limit)
            .offset(question.skip or None)
        )
        rows = [dict(row) for row in db.execute(query).mappings()]
    return [LogLine(**{**row, "changes": changes_of(row["changes"])}) for row in rows]


def changes_of(text: str | None) -> tuple[Difference, ...]:
    """Values before and after, as the ledger keeps them."""
    return msgspec.json.decode(text, type=tuple[Difference, ...]) if text else ()


def count(ledger: Ledger, question: Question) -> int:
    """How many lines answer a question, whatever its limit."""
    lines, runs = tables.outcomes, tables.runs
    with ledger.reading() as db:
        query = (
            sa.select(sa.func.count())
            .select_from(lines.join(runs, runs.c.id == lines.c.run))
            .where(*_conditions(db, question))
        )
        return int(db.execute(query).scalar_one())


def _conditions(db: sa.Connection, question: Question) -> list[sa.ColumnElement[bool]]:
    lines, runs = tables.outcomes, tables.runs
    found = [lines.c[name] == getattr(question, name) for name in _EQUAL if getattr(question, name)]
    if question.run:
        found.append(lines.c.run.startswith(question.run, autoescape=True))
    if question.direction:
        found.append(runs.c.direction == question.direction)
    if question.since:
        found.append(lines.c.at >= question.since)
    if question.until:
        found.append(lines.c.at < question.until)
    if question.after:
        found.append(lines.c.id > question.after)
    if question.field:
        found.append(_of_field(question.field))
    if question.record:
        found.append(_of_record(db, question.record.strip()))
    return found


def _of_field(label: str) -> sa.ColumnElement[bool]:
    """Written fields stand one after the other; refused ones stand before their reason."""
    fields = sa.literal(", ") + tables.outcomes.c.fields
    text = sa.literal("; ") + tables.outcomes.c.text
    return sa.or_(
        fields.icontains(f", {label}", autoescape=True),
        text.icontains(f"; {label}", autoescape=True),
    )


def _of_record(db: sa.Connection, record: str) -> sa.ColumnElement[bool]:
    lines, links = tables.outcomes, tables.links
    names = {record, same_email(record)}
    found: list[sa.ColumnElement[bool]] = [lines.c[column].in_(names) for column in _NAMES]
    linked = sa.select(*(links.c[column] for column in ("kind", *_NAMES))).where(
        sa.or_(*(links.c[column].in_(names) for column in _NAMES))
    )
    for link in db.execute(linked).mappings():
        same = [lines.c[column] == link[column] for column in _NAMES if link[column]]
        streams = STREAMS.get(link["kind"], (link["kind"],))
        found.append(sa.and_(lines.c.entity.in_(streams), sa.or_(*same)))
    return sa.or_(*found)


_NAMES = ("key", "pipedrive_id", "journy_id")
