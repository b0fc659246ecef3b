"""Looking up what happened, and why."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.store import Ledger


@dataclass(frozen=True)
class Question:
    """What to look for; empty attributes don't narrow it.

    Attributes:
        record: An e-mail, account id, Pipedrive id or journy id.
        run: A run's id, or its beginning.
        direction: `pipedrive-to-journy` or `journy-to-pipedrive`.
        entity: A stream, such as persons.
        outcome: created, updated, skipped, rejected, deferred or failed.
        reason: A reason code.
        limit: At most so many lines, the newest.
    """

    record: str = ""
    run: str = ""
    direction: str = ""
    entity: str = ""
    outcome: str = ""
    reason: str = ""
    limit: int = 50


@dataclass(frozen=True)
class LogLine:
    """One record's outcome in one run."""

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
    dry_run: bool


_EQUAL = ("entity", "outcome", "reason")
_OF_OUTCOME = (
    "at", "run", "entity", "outcome", "reason", "key", "pipedrive_id", "journy_id", "fields",
    "text",
)  # fmt: skip


def find(ledger: Ledger, question: Question) -> list[LogLine]:
    """The lines that answer a question, newest first."""
    lines, runs = tables.outcomes, tables.runs
    query = (
        sa.select(*(lines.c[name] for name in _OF_OUTCOME), runs.c.direction, runs.c.dry_run)
        .join(runs, runs.c.id == lines.c.run)
        .where(*_conditions(question))
        .order_by(lines.c.id.desc())
        .limit(question.limit)
    )
    with ledger.reading() as db:
        return [LogLine(**row) for row in db.execute(query).mappings()]


def _conditions(question: Question) -> list[sa.ColumnElement[bool]]:
    lines, runs = tables.outcomes, tables.runs
    found = [lines.c[name] == getattr(question, name) for name in _EQUAL if getattr(question, name)]
    if question.run:
        found.append(lines.c.run.startswith(question.run, autoescape=True))
    if question.direction:
        found.append(runs.c.direction == question.direction)
    if question.record:
        record = question.record.strip()
        columns = (lines.c.key, lines.c.pipedrive_id, lines.c.journy_id)
        found.append(sa.or_(*(column.in_({record, record.casefold()}) for column in columns)))
    return found
