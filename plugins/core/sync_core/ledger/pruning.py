"""Forgetting runs and outcomes after as long as the setting says; links never."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from sync_core import times
from sync_core.ledger import tables
from sync_core.ledger.runs import RUNNING
from sync_core.ledger.store import Ledger

#: Lines of one transaction: a run that goes on beside it doesn't wait long.
_LINES = 5000


def prune(ledger: Ledger) -> int:
    """Forget the connection's old runs with all that happened in them.

    Returns:
        How many runs were forgotten.
    """
    days = ledger.policy.keep_outcomes_days
    if not days:
        return 0
    old = _older_than(ledger, times.later(times.now(), timedelta(days=-days)))
    for run in old:
        while _drop_lines(ledger, run) == _LINES:
            pass
        _drop_run(ledger, run)
    return len(old)


def _older_than(ledger: Ledger, moment: str) -> list[str]:
    table = tables.runs
    query = (
        sa.select(table.c.id)
        .where(
            table.c.connection == ledger.connection,
            table.c.started < moment,
            table.c.status != RUNNING,
        )
        .order_by(table.c.started)
    )
    with ledger.reading() as db:
        return list(db.execute(query).scalars())


def _drop_lines(ledger: Ledger, run: str) -> int:
    table = tables.outcomes
    some = sa.select(table.c.id).where(table.c.run == run).limit(_LINES)
    with ledger.transaction() as db:
        return db.execute(table.delete().where(table.c.id.in_(some))).rowcount


def _drop_run(ledger: Ledger, run: str) -> None:
    with ledger.transaction() as db:
        for table in (tables.counts, tables.samples):
            db.execute(table.delete().where(table.c.run == run))
        db.execute(tables.runs.delete().where(tables.runs.c.id == run))
