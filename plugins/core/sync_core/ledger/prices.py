"""What a run was expected to cost, and what it did, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.store import Ledger

_WRITES = ("created", "updated")


@dataclass(frozen=True)
class Lookups:
    """How many records of a stream were looked up.

    Attributes:
        linked: Those whose record was known by its id.
        unlinked: Those that were looked for by their keys.
    """

    linked: int = 0
    unlinked: int = 0

    def plus(self, linked: int, unlinked: int) -> Lookups:
        """These and some more."""
        return Lookups(self.linked + linked, self.unlinked + unlinked)


def note_estimate(ledger: Ledger, run: str, estimate: Mapping[str, Any]) -> None:
    """Keep what a run is expected to cost."""
    _note(ledger, run, "estimate", estimate)


def note_bill(ledger: Ledger, run: str, bill: Mapping[str, int]) -> None:
    """Keep what a run did cost, by kind of call."""
    _note(ledger, run, "bill", bill)


def note_lookups(ledger: Ledger, run: str, lookups: Mapping[str, Lookups]) -> None:
    """Keep how many records of each stream a run looked up."""
    _note(ledger, run, "lookups", {stream: asdict(each) for stream, each in lookups.items()})


def _note(ledger: Ledger, run: str, column: str, value: Mapping[str, Any]) -> None:
    text = msgspec.json.encode(value).decode()
    table = tables.runs
    with ledger.transaction() as db:
        db.execute(table.update().where(table.c.id == run).values({column: text}))


def last_writes(ledger: Ledger, stream: str) -> int | None:
    """How many records of a stream the last whole run wrote; None if there was none.

    The two directions have streams of different names.
    """
    counts = tables.counts
    with ledger.reading() as db:
        run = db.execute(_last(ledger, stream, tables.runs.c.id)).scalar()
        if run is None:
            return None
        total = sa.select(sa.func.coalesce(sa.func.sum(counts.c.count), 0)).where(
            counts.c.run == run, counts.c.entity == stream, counts.c.outcome.in_(_WRITES)
        )
        return int(db.execute(total).scalar_one())


def last_lookups(ledger: Ledger, stream: str) -> Lookups | None:
    """How many records of a stream the last whole run looked up; None if nobody noted that."""
    with ledger.reading() as db:
        text = db.execute(_last(ledger, stream, tables.runs.c.lookups)).scalar()
    if not text:
        return None
    return msgspec.json.decode(text, type=dict[str, Lookups]).get(stream, Lookups())


def _last(ledger: Ledger, stream: str, column: sa.Column[Any]) -> sa.Select[Any]:
    """A column of the last whole run of a stream."""
    runs, counts = tables.runs, tables.counts
    return (
        sa.select(column)
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
