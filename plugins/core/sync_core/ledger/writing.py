"""Recording what a batch did: outcomes, links, agreed values and retries in one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sync_core import times
from sync_core.ledger import patience, tables
from sync_core.ledger.relatives import row_of as relative_row
from sync_core.ledger.rows import Link, OutcomeRow, Pair, Relative, Retry
from sync_core.ledger.store import CHUNK, Ledger
from sync_core.ledger.triggers import Trigger, rows_of

__all__ = ["Entries", "Retry", "record"]

_DIALECTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


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
    """

    outcomes: list[OutcomeRow] = field(default_factory=list)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    links: list[Link] = field(default_factory=list)
    retries: list[Retry] = field(default_factory=list)
    settled: list[tuple[str, str]] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    relatives: list[Relative] = field(default_factory=list)


def record(ledger: Ledger, run: str, direction: str, entries: Entries) -> None:
    """Write a batch's entries, all or nothing."""
    with ledger.transaction() as db:
        _outcomes(db, run, entries.outcomes)
        _counts(db, run, entries.counts)
        _links(db, ledger.connection, entries.links)
        _settled(db, ledger.connection, direction, entries.settled)
        limit = ledger.policy.retry_limit
        retries = patience.rows_of(db, ledger.connection, direction, entries.retries, limit)
        _upsert(db, tables.retries, retries, ("connection", "direction", "stream", "source_id"))
        triggers = rows_of(ledger.connection, entries.triggers)
        _upsert(db, tables.triggers, triggers, ("connection", "action", "record"))
        relatives = [relative_row(ledger.connection, each) for each in entries.relatives]
        _upsert(db, tables.relatives, relatives, ("connection", "stream", "record"))


def _upsert(
    db: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]], keys: Sequence[str]
) -> None:
    if not rows:
        return
    insert = _DIALECTS[db.dialect.name](table)
    columns = [name for name in rows[0] if name not in keys]
    updates = {name: insert.excluded[name] for name in columns}
    # In one order everywhere, so that two runs never wait for each other's rows.
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])
    statement = insert.on_conflict_do_update(index_elements=list(keys), set_=updates)
    _execute(db, statement, ordered)


def _execute(db: sa.Connection, statement: sa.Insert, rows: Sequence[dict[str, Any]]) -> None:
    """Execute for each row, past what SQLAlchemy does to each: texts and numbers go as they are."""
    compiled = statement.compile(dialect=db.dialect, column_keys=list(rows[0]))
    order = getattr(compiled, "positiontup", None)
    plain = [tuple(row[name] for name in order) for row in rows] if order else list(rows)
    db.exec_driver_sql(str(compiled), plain)


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
    insert = _DIALECTS[db.dialect.name](tables.counts)
    total = {"count": tables.counts.c.count + insert.excluded.count}
    db.execute(insert.on_conflict_do_update(index_elements=["run", *names], set_=total), rows)


def _links(db: sa.Connection, connection: str, links: Sequence[Link]) -> None:
    links = list({(link.kind, link.key): link for link in links}.values())
    for link in links:
        if link.id is not None and link.key != link.stored_key:
            _rename(db, connection, link)
    seen = times.now()
    rows = [
        {
            "connection": connection,
            "kind": link.kind,
            "key": link.key,
            "pipedrive_id": link.pipedrive_id or None,
            "journy_id": link.journy_id or None,
            "pipedrive_updated": link.pipedrive_updated,
            "stamp": link.stamp,
            "step_pipedrive": link.lasting_steps.get("pipedrive", ""),
            "step_journy": link.lasting_steps.get("journy", ""),
            "related": link.related[0],
            "related_mark": link.related[1],
            "seen": seen,
        }
        for link in links
    ]
    _upsert(db, tables.links, rows, ("connection", "kind", "key"))
    _agreed(db, connection, [link for link in links if _has_moved(link)])


def _rename(db: sa.Connection, connection: str, link: Link) -> None:
    """Give a stored link its new key; another link that holds it is forgotten."""
    table = tables.links
    other = sa.select(table.c.id).where(
        table.c.connection == connection, table.c.kind == link.kind, table.c.key == link.key
    )
    for number in db.execute(other).scalars().all():
        db.execute(tables.agreed.delete().where(tables.agreed.c.link == number))
        db.execute(table.delete().where(table.c.id == number))
    db.execute(table.update().where(table.c.id == link.id).values(key=link.key))


def _agreed(db: sa.Connection, connection: str, links: Sequence[Link]) -> None:
    """Store the agreed values that moved, and forget those that no longer hold."""
    numbers = _numbers(db, connection, links)
    moved = [
        {
            "link": numbers[link.kind, link.key],
            "pipedrive_field": pair[0],
            "other_field": pair[1],
            "pipedrive_digest": value.pipedrive,
            "other_digest": value.other,
            "other_written": value.other_written,
            **_values(link, pair),
        }
        for link in links
        for pair, value in link.agreed.items()
        if link.stored.get(pair) != value or (link.values and pair in link.values.learned)
    ]
    gone = [
        {"_link": numbers[link.kind, link.key], "_pipedrive": pair[0], "_other": pair[1]}
        for link in links
        for pair in link.stored.keys() - link.agreed.keys()
    ]
    _upsert(db, tables.agreed, moved, ("link", "pipedrive_field", "other_field"))
    if gone:
        table = tables.agreed
        of_pair = (
            table.c.link == sa.bindparam("_link"),
            table.c.pipedrive_field == sa.bindparam("_pipedrive"),
            table.c.other_field == sa.bindparam("_other"),
        )
        db.execute(table.delete().where(*of_pair), gone)


def _has_moved(link: Link) -> bool:
    return link.has_moved or bool(link.values and link.values.learned)


def _values(link: Link, pair: Pair) -> dict[str, str | None]:
    own, other = link.values.texts(pair) if link.values else (None, None)
    return {"pipedrive_value": own, "other_value": other}


def _numbers(
    db: sa.Connection, connection: str, links: Sequence[Link]
) -> dict[tuple[str, str], int]:
    table = tables.links
    keys: dict[str, list[str]] = defaultdict(list)
    for link in links:
        keys[link.kind].append(link.key)
    found: dict[tuple[str, str], int] = {}
    for kind, wanted in keys.items():
        for start in range(0, len(wanted), CHUNK):
            query = sa.select(
                table.c.id, table.c.key
            ).where(
                table.c.connection == connection,
                table.c.kind == kind,  # with it, the index finds the keys
                table.c.key.in_(wanted[start : start + CHUNK]),
            )
            found.update({(kind, row.key): row.id for row in db.execute(query)})
    return found


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
