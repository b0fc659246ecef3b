"""Who goes by a key that others go by as well, or by none though a link says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.links import among
from sync_core.ledger.store import Ledger
from sync_core.ledger.upserting import upsert

#: (Kind, record) -> the key that it goes by, empty for none; None: it is no claimant any more.
News = Mapping[tuple[str, str], str | None]
_REASON = "duplicate_key"


def claimants(ledger: Ledger, kind: str) -> dict[str, str]:
    """Pipedrive's records that contest a key, or let go of theirs, with the key that each has."""
    table = tables.claimants
    query = sa.select(table.c.record, table.c.key).where(
        table.c.connection == ledger.connection, table.c.kind == kind
    )
    with ledger.reading() as db:
        return dict(db.execute(query.order_by(table.c.record)).tuples().all())


def payloads(ledger: Ledger, direction: str, stream: str, records: Sequence[str]) -> dict[str, str]:
    """Record -> what is kept of it, of those that were rejected for a contested key."""
    table = tables.retries
    with ledger.reading() as db:
        query = sa.select(table.c.source_id, table.c.payload).where(
            table.c.connection == ledger.connection,
            table.c.direction == direction,
            table.c.stream == stream,
            table.c.reason == _REASON,
            among(db, table.c.source_id, records),
        )
        return dict(db.execute(query).tuples().all())


def save_claimants(db: sa.Connection, connection: str, news: News) -> None:
    """Store what has changed."""
    table = tables.claimants
    gone = [{"_kind": kind, "_record": record} for (kind, record), key in news.items()
            if key is None]  # fmt: skip
    if gone:
        mine = (
            table.c.connection == connection,
            table.c.kind == sa.bindparam("_kind"),
            table.c.record == sa.bindparam("_record"),
        )
        db.execute(table.delete().where(*mine), gone)
    rows = [
        {"connection": connection, "kind": kind, "record": record, "key": key}
        for (kind, record), key in news.items()
        if key is not None
    ]
    upsert(db, table, rows, ("connection", "kind", "record"))
