"""Recording what a batch did: outcomes, links, agreed values and retries in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa

from sync_core import times
from sync_core.ledger import patience, tables
from sync_core.ledger.claimants import save_claimants
from sync_core.ledger.locking import number
from sync_core.ledger.memberships import unsettle
from sync_core.ledger.relatives import row_of as relative_row
from sync_core.ledger.rows import Left, Link, OutcomeRow, Relative, Retry
from sync_core.ledger.saving import save_links
from sync_core.ledger.store import Ledger
from sync_core.ledger.triggers import Trigger, rows_of
from sync_core.ledger.upserting import insert_into, upsert

__all__ = ["Entries", "Retry", "record"]


@dataclass
class Entries:
    """What one batch adds to the ledger.

    Attributes:
        outcomes: Lines of the sync log; unchanged records are only counted.
        counts: (entity, outcome, reason) -> records.
        links: Links with their agreed values as they are now.
        retries: Kept for another try.
        settled: (stream, source id) that needs no other try any more.
        triggers: What actions remember of records.
        relatives: What other streams' lines read of records.
        left: Accounts that their organizations have left for others.
        claimants: (Kind, record) -> the contested key that it goes by; None: none any more.
    """

    outcomes: list[OutcomeRow] = field(default_factory=list)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    links: list[Link] = field(default_factory=list)
    retries: list[Retry] = field(default_factory=list)
    settled: list[tuple[str, str]] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    relatives: list[Relative] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    claimants: dict[tuple[str, str], str | None] = field(default_factory=dict)


def record(ledger: Ledger, run: str, direction: str, entries: Entries) -> None:
    """Write a batch's entries, all or nothing."""
    with ledger.transaction() as db:
        _alone(db, ledger.connection)
        _outcomes(db, run, entries.outcomes)
        _counts(db, run, entries.counts)
        save_links(db, ledger.connection, entries.links)
        _settled(db, ledger.connection, direction, entries.settled)
        limit = ledger.policy.retry_limit
        retries = patience.rows_of(db, ledger.connection, direction, entries.retries, limit)
        upsert(db, tables.retries, retries, ("connection", "direction", "stream", "source_id"))
        triggers = rows_of(ledger.connection, entries.triggers)
        upsert(db, tables.triggers, triggers, ("connection", "action", "record"))
        relatives = [relative_row(ledger.connection, each) for each in entries.relatives]
        upsert(db, tables.relatives, relatives, ("connection", "stream", "record"))
        unsettle(db, ledger.connection, entries.left)
        save_claimants(db, ledger.connection, entries.claimants)


def _alone(db: sa.Connection, connection: str) -> None:
    """Wait for another run of the connection that records just now, as SQLite does by itself.

    What a row says of a link is put together from what stands there and what is new.
    """
    if db.dialect.name == "postgresql":
        lock = number(f"record {connection}")
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))


def _outcomes(db: sa.Connection, run: str, outcomes: Iterable[OutcomeRow]) -> None:
    at = times.now()
    rows = [
        {
            **vars(row),
            "fields": ", ".join(row.fields),
            "changes": msgspec.json.encode(row.changes).decode() if row.changes else None,
            "run": run,
            "at": at,
        }
        for row in outcomes
    ]
    if rows:
        db.execute(tables.outcomes.insert(), rows)


def _counts(db: sa.Connection, run: str, counts: Counter[tuple[str, str, str]]) -> None:
    names = ("entity", "outcome", "reason")
    rows = [
        {**dict(zip(names, what, strict=True)), "run": run, "count": count}
        for what, count in counts.items()
    ]
    if not rows:
        return
    insert = insert_into(db, tables.counts)
    total = {"count": tables.counts.c.count + insert.excluded.count}
    db.execute(insert.on_conflict_do_update(index_elements=["run", *names], set_=total), rows)


def _settled(
    db: sa.Connection, connection: str, direction: str, settled: Iterable[tuple[str, str]]
) -> None:
    rows = [{"_stream": stream, "_source_id": source_id} for stream, source_id in settled]
    if not rows:
        return
    table = tables.retries
    of_record = (
        table.c.connection == connection,
        table.c.direction == direction,
        table.c.stream == sa.bindparam("_stream"),
        table.c.source_id == sa.bindparam("_source_id"),
    )
    db.execute(table.delete().where(*of_record), rows)
