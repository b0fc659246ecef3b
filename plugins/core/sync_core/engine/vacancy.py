"""Fields that are empty on both sides, of which a later run can tell that both were filled.

Not those to which values are added: where both fill one of these, it takes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync_core.canonical import is_empty
from sync_core.engine.model import Item, Plan
from sync_core.ledger import Link
from sync_core.mapping import UNKNOWN, Rule


def seen_empty(item: Item, rule: Rule) -> None:
    """Note a line whose fields are empty on both sides, if the stored one was really read.

    Of a service that can't be read, no more is known than what is noted already.
    """
    guessed = item.match is None or item.match.as_agreed
    if not guessed and item.link is not None:
        _note(item.link, rule)


def after_create(plan: Plan, item: Item, link: Link, current: Mapping[str, Any]) -> None:
    """Note the lines that a new record has no value for; the service may have given some itself.

    Args:
        plan: The stream's plan.
        item: The record that was created at the destination.
        link: Its link.
        current: Field key -> stored value, by the service's answer.
    """
    for rule in plan.rules:
        value = rule.read(item.record)
        if value is UNKNOWN or not is_empty(value):
            continue
        if is_empty(rule.field.plain(current.get(rule.field.key))):
            _note(link, rule)


def _note(link: Link, rule: Rule) -> None:
    if not rule.field.adds:
        link.vacate(rule.pair)
