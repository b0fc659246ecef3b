"""A key that one record of journy takes over from another: once, for journy may have unified them.

Who had it before is remembered beside what is agreed on. If that one comes with it again, both are
there, and writing what each of them says in turns would never come to rest.
"""

from __future__ import annotations

import msgspec

from sync_core.engine.model import DUPLICATE, Item, Plan
from sync_core.ledger import Agreed, Link

#: So many are remembered: the rows of a table may get new ids each day, and never have them again.
_MOST = 20


def take_over(plan: Plan, item: Item, link: Link) -> None:
    """Link a record, and remember which one it takes the place of."""
    before = link.on(plan.side)
    if before not in {"", item.source_id}:
        known = [each for each in _had(plan, link) if each not in {before, item.source_id}]
        text = msgspec.json.encode([*known, before][-_MOST:]).decode()
        link.agree(_name(plan), Agreed(text, text))
    link.place(plan.side, item.source_id)


def comes_back(plan: Plan, item: Item, link: Link) -> bool:
    """Whether a record had a link that is another one's now, and nobody wants it to have it again.

    Args:
        plan: The stream's plan.
        item: The record.
        link: The link of its key.
    """
    if link.on(plan.side) in {"", item.source_id} or (item.kept == DUPLICATE and item.asked):
        return False
    return item.source_id in _had(plan, link)


def _had(plan: Plan, link: Link) -> list[str]:
    """The records that had a link before, the last one at the end."""
    known = link.agreed.get(_name(plan))
    return msgspec.json.decode(known.other, type=list[str]) if known else []


def _name(plan: Plan) -> tuple[str, str]:
    return "", f"had by {plan.side}"
