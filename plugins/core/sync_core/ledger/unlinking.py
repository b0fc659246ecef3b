"""Forgetting whom links point to, where that record is gone."""

from __future__ import annotations

from collections.abc import Iterable

from sync_core.ledger import tables
from sync_core.ledger.store import Ledger


def unlink(ledger: Ledger, kinds: Iterable[str], side: str, record_id: str) -> None:
    """Let the links to a record that is gone point to none; what has them is matched anew.

    Args:
        ledger: The connection's memory.
        kinds: The kinds of links that may point to it.
        side: `pipedrive` or `journy`.
        record_id: The record's id there.
    """
    table = tables.links
    nothing = {f"{side}_id": None, "stamp": "", "step_pipedrive": "", "step_journy": ""}
    with ledger.transaction() as db:
        db.execute(
            table.update()
            .where(
                table.c.connection == ledger.connection,
                table.c.kind.in_(list(kinds)),
                table.c[f"{side}_id"] == record_id,
            )
            .values(**nothing)
        )
