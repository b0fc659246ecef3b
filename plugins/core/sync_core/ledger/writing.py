"""Recording what a batch did: outcomes, links, agreed values and retries in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sync_core import times
from sync_core.ledger import tables
from sync_core.ledger.store import Ledger, Link, OutcomeRow

_DIALECTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Retry:
    """A record kept for another try, with its whole payload as JSON text.

    Attributes:
        stream: The record's stream.
        source_id: Its own id there.
        payload: The record.
        reason: Why it is kept.
        last: When it was last tried; now, if empty.
    """

    stream: str
    source_id: str
    payload: str
    reason: str
    last: str = ""


@dataclass
class Entries:
    """What one batch adds to the ledger.

    Attributes:
        outcomes: Lines of the sync log; unchanged records are only counted.
        counts: (entity, outcome, reason) -> records.
        links: Links with their agreed values as they are now.
        retries: Kept for another try.
        settled: (stream, source id) that needs no other try any more.
    """

    outcomes: list[OutcomeRow] = field(default_factory=list)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    links: list[Link] = field(default_factory=list)
    retries: list[Retry] = field(default_factory=list)
    settled: list[tuple[str, str]] = field(default_factory=list)


def record(ledger: Ledger, run: str, direction: str, entries: Entries) -> None:
    """Write a batch's entries, all or nothing."""
    with ledger.transaction() as db:
        _outcomes(db, run, entries.outcomes)
        _counts(db, run, entries.counts)
        _links(db, ledger.connection, entries.links)
        _settled(db, ledger.connection, direction, entries.settled)
        _retries(db, ledger.connection, direction, entries.retries)


def _upsert(
    db: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]], keys: Sequence[str]
) -> None:
    if not rows:
        return
    insert = _DIALECTS[db.dialect.name](table)
    columns = [name for name in rows[0] if name not in keys]
    updates = {name: insert.excluded[name] for name in columns}
    db.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=updates), rows)


def _outcomes(db: sa.Connection, run: str, outcomes: Iterable[OutcomeRow]) -> None:
    at = times.now()
    rows = [
        {**vars(row), "fields": ", ".join(row.fields), "run": run, "at": at} for row in outcomes
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
    insert = _DIALECTS[db.dialect.name](tables.counts)
    total = {"count": tables.counts.c.count + insert.excluded.count}
    db.execute(insert.on_conflict_do_update(index_elements=["run", *names], set_=total), rows)


def _links(db: sa.Connection, connection: str, links: Sequence[Link]) -> None:
    for link in links:
        if link.id is not None:
            of_link = tables.links.c.id == link.id
            db.execute(tables.links.update().where(of_link).values(key=link.key))
    seen = times.now()
    rows = [
        {
            "connection": connection,
            "kind": link.kind,
            "key": link.key,
            "pipedrive_id": link.pipedrive_id or None,
            "journy_id": link.journy_id or None,
            "pipedrive_updated": link.pipedrive_updated,
            "seen": seen,
        }
        for link in links
    ]
    _upsert(db, tables.links, rows, ("connection", "kind", "key"))
    numbers = _numbers(db, connection, links)
    agreed = [
        {
            "link": numbers[link.kind, link.key],
            "pipedrive_field": pair[0],
            "other_field": pair[1],
            "pipedrive_digest": value.pipedrive,
            "other_digest": value.other,
            "other_written": value.other_written,
        }
        for link in links
        for pair, value in link.agreed.items()
    ]
    _upsert(db, tables.agreed, agreed, ("link", "pipedrive_field", "other_field"))


def _numbers(
    db: sa.Connection, connection: str, links: Sequence[Link]
) -> dict[tuple[str, str], int]:
    table = tables.links
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(links), 500):
        keys = [link.key for link in links[start : start + 500] if link.agreed]
        query = sa.select(table.c.id, table.c.kind, table.c.key).where(
            table.c.connection == connection, table.c.key.in_(keys)
        )
        found.update({(row.kind, row.key): row.id for row in db.execute(query)})
    return found


def _settled(
    db: sa.Connection, connection: str, direction: str, settled: Iterable[tuple[str, str]]
) -> None:
    table = tables.retries
    for stream, source_id in settled:
        db.execute(
            table.delete().where(
                table.c.connection == connection,
                table.c.direction == direction,
                table.c.stream == stream,
                table.c.source_id == source_id,
            )
        )


def _retries(db: sa.Connection, connection: str, direction: str, retries: Sequence[Retry]) -> None:
    now = times.now()
    rows = [
        {
            **vars(retry),
            "connection": connection,
            "direction": direction,
            "tries": 1,
            "last": retry.last or now,
        }
        for retry in retries
    ]
    if not rows:
        return
    table = tables.retries
    insert = _DIALECTS[db.dialect.name](table)
    changes = {name: insert.excluded[name] for name in ("payload", "reason", "last")}
    changes["tries"] = table.c.tries + 1
    keys = ["connection", "direction", "stream", "source_id"]
    db.execute(insert.on_conflict_do_update(index_elements=keys, set_=changes), rows)
