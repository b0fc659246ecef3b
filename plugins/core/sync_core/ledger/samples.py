"""A few values before and after, so that a preview shows what a dry run would have written.

They are values of records, so they live no longer than the direction's next run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.rows import Sample
from sync_core.ledger.store import Ledger


def save_samples(ledger: Ledger, run: str, samples: Sequence[Sample]) -> None:
    """Keep some samples of a run."""
    if samples:
        with ledger.transaction() as db:
            db.execute(tables.samples.insert(), [{**vars(each), "run": run} for each in samples])


def samples_of(ledger: Ledger, run: str) -> list[Sample]:
    """The samples of a run, in the order in which they were taken."""
    table = tables.samples
    columns = [table.c[each.name] for each in fields(Sample)]
    query = sa.select(*columns).where(table.c.run == run).order_by(table.c.id)
    with ledger.reading() as db:
        return [Sample(**row) for row in db.execute(query).mappings()]
