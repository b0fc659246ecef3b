"""A record that says just what it said when it was last found in step needs no second look."""

from __future__ import annotations

import hashlib

import msgspec

from sync_core.canonical import EMPTY, digest
from sync_core.engine import refusals
from sync_core.engine.model import Item, Plan
from sync_core.ledger import Agreed, Link
from sync_core.mapping import UNKNOWN, Partial, Rule

_BYTES = 12
_encode = msgspec.json.Encoder().encode


def mark(plan: Plan, item: Item) -> None:
    """Give an item the mark of its mapped values, as they are in the record.

    Values that mean the same but are written otherwise have another mark; that costs a closer look.
    What can't be told is told apart from every value. A record of which only a part is known has
    none.
    """
    record = item.record
    if isinstance(record, Partial):
        return
    values = [rule.read(record) for rule in plan.rules]
    unknown: list[int] = []
    if UNKNOWN in values:
        unknown = [at for at, value in enumerate(values) if value is UNKNOWN]
        values = [None if value is UNKNOWN else value for value in values]
    try:
        text = _encode((plan.lines, values, unknown))
    except (OverflowError, TypeError, ValueError):  # such as half of a surrogate pair
        return
    item.mark = hashlib.blake2b(text, digest_size=_BYTES).hexdigest()


def has_news(plan: Plan, item: Item) -> bool:
    """Whether a linked record has a mapped value that isn't the one agreed on."""
    link = item.link
    assert link is not None  # noqa: S101 - callers ask of linked items
    if item.mark and link.steps.get(plan.side) == item.mark:
        return False
    return any(_is_news(plan, item, link, rule) for rule in plan.rules)


def remember(plan: Plan, item: Item) -> None:
    """Note that a record is in step with all that it says, if it is."""
    link = item.link
    if link is None or not link.pipedrive_id or not link.journy_id or not item.mark:
        return
    if link.steps.get(plan.side) == item.mark and not link.has_moved:
        return
    if not has_news(plan, item) and not refusals.any_stands(plan, item):
        link.find_in_step(plan.side, item.mark)


def _is_news(plan: Plan, item: Item, link: Link, rule: Rule) -> bool:
    value = rule.read(item.record)
    moved = _has_moved(plan, link.agreed.get(rule.pair), value)
    return moved and not refusals.stands(plan, item, rule, value)


def _has_moved(plan: Plan, agreed: Agreed | None, value: object) -> bool:
    if value is UNKNOWN:
        return False
    source = digest(value)
    if agreed is None:
        return source != EMPTY
    before = agreed.pipedrive if plan.side == "pipedrive" else agreed.other
    return source != before
