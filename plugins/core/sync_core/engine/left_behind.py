"""Records whose counterpart is another one's by now: none is made anew unless somebody asks.

A person gets another user's address, since a colleague merged two of them or corrected one; or a
user gets another person's. What is left alone then is mostly what somebody just put in order, so
that making its counterpart anew would double it.
"""

from __future__ import annotations

from sync_core.engine.model import Item, Kind, Outcome, Plan
from sync_core.ledger import Link
from sync_core.text import one

_TEXT = (
    "{0} was kept in step with this {1} until it got another {1}'s {2}, so none is made anew: give "
    "{3} this {2}, merge the two {1}s, or let `connector retry` make one"
)


def leave(plan: Plan, former: Link) -> None:
    """Let a link go without the record that goes by another one's key by now."""
    if plan.key_follows:
        former.leave(plan.side)
    else:
        former.place(plan.side, "")


def part(plan: Plan, item: Item) -> None:
    """Give what an item was linked with, and is there still, a link of its own."""
    link, match = item.link, item.match
    if link is None or match is None or not match.left or not plan.key_follows:
        return
    if item.former is None:
        item.former = Link(plan.kind, link.stored_key, changed=True)
        item.former.place(plan.there, match.left.ids[0])
        item.former.place(plan.side, item.source_id)
        item.former.leave(plan.side)


def outcome(plan: Plan, item: Item) -> Outcome | None:
    """What becomes of a record that is about to get a counterpart anew; None if it may."""
    left = item.link.left_by(plan.there) if item.link else ""
    if not left or item.asked:
        return None
    # A user's id may be an address, which no log shows.
    which = f"{plan.entity} {left}" if plan.there == "pipedrive" else f"its {plan.entity}"
    text = _TEXT.format(which, plan.noun, plan.key_label, one(plan.entity))
    return Outcome(Kind.REJECTED, "left_behind", text)
