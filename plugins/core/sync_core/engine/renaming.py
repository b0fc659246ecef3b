"""A user's address that changed: the other side keeps the user's id, and gets to know the new one.

Both sides' directions note here which address each side has, so that neither sets back what the
other one changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync_core.canonical import digest
from sync_core.engine.model import Item, Plan
from sync_core.ledger import Agreed, Link
from sync_core.ledger.rows import Pair

#: Column that holds an address that changed, for a rule to read.
KEY = "__key"
#: The ledger's name for the address that each side has.
TOLD: Pair = ("key, as known", "key, as told")


def rename(plan: Plan, link: Link, key: str) -> None:
    """Follow a changed key."""
    if plan.key_follows:
        told = link.agreed.get(TOLD)
        before = digest(link.key)
        if plan.side == "journy":
            link.agree(TOLD, Agreed(told.pipedrive if told else before, digest(key)))
        elif told is None:
            link.agree(TOLD, Agreed(before, before))
    link.rename(key)


def tell(plan: Plan, items: Iterable[Item]) -> None:
    """Let a rule read the addresses that changed, in this run or before a write that failed."""
    if not plan.key_follows or plan.side == "journy":
        return
    for item in items:
        link = item.link
        item.record.pop(KEY, None)
        if link is None or link.id is None or not link.journy_id:
            continue
        if (link.key != link.stored_key or item.kept) and TOLD in link.agreed:
            item.record[KEY] = item.key
