"""What is kept for another try, in portions: there may be more of it than memory takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from sync_core import times
from sync_core.ledger import patience, tables
from sync_core.ledger.links import among
from sync_core.ledger.rows import Kept
from sync_core.ledger.store import Ledger

_COLUMNS = ("source_id", "payload", "reason", "last")


def count_kept(ledger: Ledger, direction: str, stream: str) -> tuple[int, int]:
    """How many records of a stream are kept: those to be tried now, and all of them."""
    due = sa.func.count().filter(patience.is_due(times.now()))
    query = sa.select(due, sa.func.count()).where(*_kept(ledger, direction, stream))
    with ledger.reading() as db:
        tried, every = db.execute(query).one()
    return int(tried), int(every)


def portions(ledger: Ledger, direction: str, stream: str, size: int) -> Iterator[list[Kept]]:
    """What is to be tried now, oldest first, each record once.

    What is kept anew while this goes on waits for the next run.

    Args:
        ledger: The connection's memory.
        direction: Of the run.
        stream: Whose records these are.
        size: At most so many at a time.
    """
    begin, last = times.now(), ("", "")
    while rows := _portion(ledger, direction, stream, begin, last, size):
        now = times.now()
        # Where the clock was set back, what lies ahead counts as now.
        yield [Kept(row.payload, row.reason, min(row.last, now), row.source_id) for row in rows]
        last = (rows[-1].last, rows[-1].source_id)


def _portion(  # noqa: PLR0913, PLR0917 - where it goes on
    ledger: Ledger, direction: str, stream: str, begin: str, after: tuple[str, str], size: int
) -> list[sa.Row[tuple[str, str, str, str]]]:
    table = tables.retries
    # By now the run itself has kept some again; only what was so when it began is tried.
    due = sa.or_(sa.and_(table.c.last <= begin, table.c.due <= begin), table.c.last > times.now())
    place = sa.tuple_(table.c.last, table.c.source_id)
    query = (
        sa.select(*(table.c[name] for name in _COLUMNS))
        .where(*_kept(ledger, direction, stream), table.c.given_up == "", due)
        .where(place > sa.tuple_(*map(sa.literal, after)))
        .order_by(table.c.last, table.c.source_id)
        .limit(size)
    )
    with ledger.reading() as db:
        return list(db.execute(query))


def kept_of(
    ledger: Ledger, direction: str, stream: str, source_ids: Iterable[str]
) -> dict[str, Kept]:
    """What is kept of some records, due or not, without their payloads; by source id."""
    table, wanted = tables.retries, sorted(set(source_ids))
    now = times.now()
    with ledger.reading() as db:
        names = ("source_id", "reason", "last", "given_up", "sent")
        query = sa.select(*(table.c[name] for name in names)).where(
            *_kept(ledger, direction, stream), among(db, table.c.source_id, wanted)
        )
        return {
            row.source_id: Kept(
                "",
                row.reason,
                min(row.last, now),
                row.source_id,
                given_up=bool(row.given_up),
                sent=row.sent,
            )
            for row in db.execute(query)
        }


def _kept(ledger: Ledger, direction: str, stream: str) -> tuple[sa.ColumnElement[bool], ...]:
    table = tables.retries
    return (
        table.c.connection == ledger.connection,
        table.c.direction == direction,
        table.c.stream == stream,
    )
