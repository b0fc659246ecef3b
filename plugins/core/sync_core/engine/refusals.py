"""Values that a service refused: they aren't sent again as long as nothing changes."""

from __future__ import annotations

from typing import Any

from sync_core.canonical import digest, is_empty
from sync_core.engine.model import Item, Plan
from sync_core.ledger import Agreed, Link
from sync_core.ledger.rows import Pair
from sync_core.mapping import UNKNOWN, Rule, ValueMisfitError


def note(plan: Plan, link: Link, rule: Rule, sent: Any, at: str) -> None:
    """Remember a refused value, beside what is agreed on, which the other direction reads too.

    Args:
        plan: The stream's plan.
        link: The record's link.
        rule: The field's line.
        sent: What was sent.
        at: When, by the service's clock.
    """
    mark = _mark(rule, sent)
    link.agree(_name(plan, rule), Agreed(mark, mark, at))


def forget(plan: Plan, link: Link, rule: Rule) -> None:
    """Forget what was refused of a field that has taken a value."""
    if link.agreed.pop(_name(plan, rule), None) is not None:
        link.changed = True


def stands(plan: Plan, item: Item, rule: Rule, value: Any) -> bool:
    """Whether the service has refused this very value before, and nobody asked to try it again."""
    refused = item.link.agreed.get(_name(plan, rule)) if item.link else None
    if refused is None or item.asked or value is UNKNOWN:
        return False
    try:
        wanted = None if is_empty(value) else rule.field.convert(value)
    except ValueMisfitError:
        return False
    return refused.other == _mark(rule, wanted)


def any_stands(plan: Plan, item: Item) -> bool:
    """Whether the service has refused any of a record's values as they are now."""
    return any(stands(plan, item, rule, rule.read(item.record)) for rule in plan.rules)


def _name(plan: Plan, rule: Rule) -> Pair:
    own, other = rule.pair
    return own, f"{other}, refused to {plan.side}"


def _mark(rule: Rule, value: Any) -> str:
    # Of another type, or once the service knows the field, it may be taken.
    kind = type(value).__name__
    return digest({"value": value, "type": kind, "known": rule.field.known})
