"""What was written, or may have been, so lately that the service's lists may not show it yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.links import among
from sync_core.ledger.log import STREAMS
from sync_core.ledger.store import Ledger

_ANSWER_LOST = "answer_lost"


def written_since(ledger: Ledger, kinds: Sequence[str], moment: str) -> list[str]:
    """Pipedrive's ids of the linked records that we have written to since a moment of its clock."""
    if not kinds:
        return []
    table = tables.links
    query = sa.select(table.c.pipedrive_id).where(
        *_mine(ledger, kinds),
        table.c.pipedrive_id.is_not(None),
        table.c.pipedrive_updated >= moment,
    )
    with ledger.reading() as db:
        return list(db.execute(query).scalars())


def lost_creates(ledger: Ledger, kinds: Sequence[str], keys: Iterable[str]) -> dict[str, str]:
    """Match key -> when a create with it got no answer, where nobody has looked it up since."""
    if not kinds:
        return {}
    table, retries = tables.links, tables.retries
    streams = [stream for kind in kinds for stream in STREAMS.get(kind, (kind,))]
    with ledger.reading() as db:
        query = (
            sa.select(table.c.key, sa.func.max(retries.c.sent))
            .join(
                retries,
                sa.and_(
                    retries.c.connection == table.c.connection,
                    retries.c.source_id == table.c.journy_id,
                ),
            )
            .where(
                *_mine(ledger, kinds),
                among(db, table.c.key, sorted(set(keys))),
                table.c.pipedrive_id.is_(None),
                retries.c.stream.in_(streams),
                retries.c.reason == _ANSWER_LOST,
            )
            .group_by(table.c.key)
        )
        return dict(db.execute(query).tuples().all())


def _mine(ledger: Ledger, kinds: Sequence[str]) -> tuple[sa.ColumnElement[bool], ...]:
    table = tables.links
    return table.c.connection == ledger.connection, table.c.kind.in_(kinds)
