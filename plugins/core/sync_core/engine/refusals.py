"""Values that a service refused: they aren't sent again as long as nothing changes."""

from __future__ import annotations

from typing import Any

from sync_core.canonical import digest, is_empty
from sync_core.engine.model import Item, Plan
from sync_core.ledger import Agreed, Link
from sync_core.ledger.rows import Pair
from sync_core.mapping import UNKNOWN, Rule, ValueMisfitError


def note(plan: Plan, item: Item, rule: Rule, at: str) -> None:
    """Remember a refused value, beside what is agreed on, which the other direction reads too.

    Args:
        plan: The stream's plan.
        item: The record.
        rule: The field's line.
        at: When, by the service's clock.
    """
    mark = _mark(rule, rule.read(item.record))
    if mark and item.link is not None:
        item.link.agree(_name(plan, rule), Agreed(mark, mark, at))


def forget(plan: Plan, link: Link, rule: Rule) -> None:
    """Forget what was refused of a field that has taken a value."""
    if link.agreed.pop(_name(plan, rule), None) is not None:
        link.changed = True


def stands(plan: Plan, item: Item, rule: Rule, value: Any) -> bool:
    """Whether the service has refused this very value before, and nobody asked to try it again."""
    refused = item.link.agreed.get(_name(plan, rule)) if item.link else None
    if refused is None or item.asked:
        return False
    return refused.other == _mark(rule, value)


def any_stands(plan: Plan, item: Item) -> bool:
    """Whether the service has refused any of a record's values as they are now."""
    return any(stands(plan, item, rule, rule.read(item.record)) for rule in plan.rules)


def _name(plan: Plan, rule: Rule) -> Pair:
    own, other = rule.pair
    return own, f"{other}, refused to {plan.side}"


def _mark(rule: Rule, value: Any) -> str:
    """The mark of a source's value, by what it becomes; empty where it isn't known, or misfits."""
    if value is UNKNOWN:
        return ""
    try:
        wanted = None if is_empty(value) else rule.field.convert(value)
    except ValueMisfitError:
        return ""
    # Of another type, or once the service knows the field, it may be taken.
    kind = type(wanted).__name__
    return digest({"value": wanted, "type": kind, "known": rule.field.known})
