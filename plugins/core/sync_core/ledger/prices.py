"""What a run was expected to cost, and what it did, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.store import Ledger

_WRITES = ("created", "updated")


def note_estimate(ledger: Ledger, run: str, estimate: Mapping[str, Any]) -> None:
    """Keep what a run is expected to cost."""
    _note(ledger, run, "estimate", estimate)


def note_bill(ledger: Ledger, run: str, bill: Mapping[str, int]) -> None:
    """Keep what a run did cost, by kind of call."""
    _note(ledger, run, "bill", bill)


def _note(ledger: Ledger, run: str, column: str, value: Mapping[str, Any]) -> None:
    text = msgspec.json.encode(value).decode()
    table = tables.runs
    with ledger.transaction() as db:
        db.execute(table.update().where(table.c.id == run).values({column: text}))


def last_writes(ledger: Ledger, stream: str) -> int | None:
    """How many records of a stream the last whole run wrote; None if there was none.

    The two directions have streams of different names.
    """
    runs, counts = tables.runs, tables.counts
    last = (
        sa.select(runs.c.id)
        .join(counts, counts.c.run == runs.c.id)
        .where(
            runs.c.connection == ledger.connection,
            runs.c.status == "completed",
            runs.c.dry_run.is_(False),
            counts.c.entity == stream,
        )
        .order_by(runs.c.started.desc())
        .limit(1)
    )
    with ledger.reading() as db:
        run = db.execute(last).scalar()
        if run is None:
            return None
        total = sa.select(sa.func.coalesce(sa.func.sum(counts.c.count), 0)).where(
            counts.c.run == run, counts.c.entity == stream, counts.c.outcome.in_(_WRITES)
        )
        return int(db.execute(total).scalar_one())
