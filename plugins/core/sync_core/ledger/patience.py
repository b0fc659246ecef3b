"""When what was kept is tried again, and when no more without being asked to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from sync_core import times
from sync_core.ledger import tables
from sync_core.ledger.rows import Retry

#: The first time the next run tries again; from the second on it waits, twice as long each time.
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
#: Reasons that say nothing against the record. The next run tries it, however often it was kept:
#: a create without an answer above all has to be looked up before its record is sent again.
BLAMELESS = frozenset({"answer_lost", "budget_spent", "not_reached"})
#: Reasons that somebody takes away in Pipedrive, of which no record tells: once a day it is looked.
DAILY = frozenset({"several_matches"})
CHUNK = 500


def due(reason: str, tries: int, now: str) -> str:
    """When a record is tried again after so many tries; empty: by the next run."""
    if reason in DAILY:
        return times.later(now, LONGEST_WAIT)
    if tries <= 1:
        return ""
    doublings = min(tries - 2, 32)
    return times.later(now, min(FIRST_WAIT * 2**doublings, LONGEST_WAIT))


def is_due(now: str) -> sa.ColumnElement[bool]:
    """Whether a kept row is to be tried; also where the clock was set back since its last try."""
    table = tables.retries
    return sa.and_(table.c.given_up == "", sa.or_(table.c.due <= now, table.c.last > now))


def is_worn(reason: str, tries: int, limit: int) -> bool:
    """Whether a record has failed often enough to be given up.

    Args:
        reason: Why it failed the last time.
        tries: How often it was tried.
        limit: The policy's limit; 0: never.
    """
    return bool(limit) and tries >= limit and reason not in BLAMELESS | DAILY


def tries_of(
    db: sa.Connection, connection: str, direction: str, stream: str, source_ids: Iterable[str]
) -> dict[str, int]:
    """How often some kept records of a stream were tried."""
    table, wanted = tables.retries, sorted(set(source_ids))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), CHUNK):
        query = sa.select(table.c.source_id, table.c.tries).where(
            table.c.connection == connection,
            table.c.direction == direction,
            table.c.stream == stream,
            table.c.source_id.in_(wanted[start : start + CHUNK]),
        )
        found.update(dict(db.execute(query).tuples().all()))
    return found


def rows_of(
    db: sa.Connection, connection: str, direction: str, retries: Sequence[Retry], limit: int
) -> list[dict[str, Any]]:
    """Retries as the table holds them, with their tries counted and the next one set."""
    newest = {(retry.stream, retry.source_id): retry for retry in retries}
    by_stream: dict[str, list[str]] = {}
    for stream, source_id in newest:
        by_stream.setdefault(stream, []).append(source_id)
    known = {
        (stream, source_id): tries
        for stream, ids in by_stream.items()
        for source_id, tries in tries_of(db, connection, direction, stream, ids).items()
    }
    now = times.now()
    return [
        {"connection": connection, "direction": direction}
        | _row(retry, known.get(name, 0), now, limit)
        for name, retry in newest.items()
    ]


def _row(retry: Retry, before: int, now: str, limit: int) -> dict[str, Any]:
    counts = retry.tried and retry.reason not in BLAMELESS
    tries = before + counts
    given_up = retry.parked or (counts and is_worn(retry.reason, tries, limit))
    return {
        "stream": retry.stream,
        "source_id": retry.source_id,
        "payload": retry.payload,
        "reason": retry.reason,
        "tries": tries,
        "last": retry.last or now,
        "due": due(retry.reason, tries, now) if counts else "",
        "given_up": now if given_up else "",
        "sent": retry.sent,
    }
