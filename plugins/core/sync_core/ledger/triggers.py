"""What the actions remember of each record: where its conditions stand, and when it fired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa

from sync_core.ledger import tables
from sync_core.ledger.store import CHUNK, Ledger


@dataclass(frozen=True)
class Trigger:
    """One record as one action last saw it.

    Attributes:
        action: The action's name.
        record: The record's own id; empty for the action itself, whose `seen` is when it began to
            watch for the conditions of its `state`.
        state: Condition -> where it stood: a truth or a digest, never a value.
        seen: The record's time of last change, where it has one.
        fired: When the action last fired for it; empty if it never did. For the action itself, when
            a run last began to watch.
    """

    action: str
    record: str
    state: Mapping[str, str] = field(default_factory=dict)
    seen: str = ""
    fired: str = ""


def remembered(ledger: Ledger, action: str, records: Iterable[str]) -> dict[str, Trigger]:
    """What an action remembers of some records, by record."""
    table, wanted = tables.triggers, sorted(set(records))
    found: dict[str, Trigger] = {}
    with ledger.reading() as db:
        for start in range(0, len(wanted), CHUNK):
            query = sa.select(table.c.record, table.c.state, table.c.seen, table.c.fired).where(
                table.c.connection == ledger.connection,
                table.c.action == action,
                table.c.record.in_(wanted[start : start + CHUNK]),
            )
            for row in db.execute(query):
                state = msgspec.json.decode(row.state, type=dict[str, str])
                found[row.record] = Trigger(action, row.record, state, row.seen, row.fired)
    return found


def rows_of(connection: str, triggers: Sequence[Trigger]) -> list[dict[str, str]]:
    """Triggers as the table holds them."""
    return [
        {
            "connection": connection,
            "action": each.action,
            "record": each.record,
            "state": msgspec.json.encode(each.state).decode(),
            "seen": each.seen,
            "fired": each.fired,
        }
        for each in triggers
    ]
