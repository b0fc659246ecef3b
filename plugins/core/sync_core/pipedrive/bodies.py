"""What is sent to Pipedrive: both parts of a name, and custom fields in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync_core.canonical import EMPTY, digest, is_empty
from sync_core.engine.model import Item, Plan
from sync_core.engine.vouching import Vouched
from sync_core.ledger import Link
from sync_core.mapping import UNKNOWN, Rule, ValueMisfitError
from sync_core.pipedrive.client import Row
from sync_core.pipedrive.endpoints import Entity

NAME_PARTS = ("first_name", "last_name")
_CUSTOM_KEY_LENGTH = 40


def name_parts(plan: Plan, item: Item, link: Link, seen: Vouched) -> dict[str, Any] | None:
    """The parts of a person's name that go along with one that is written, where they are known.

    Returns:
        Field key -> what the record holds, by what was agreed on; None where it has to be read.
    """
    rules = {rule.field.key: rule for rule in plan.rules if rule.field.key in NAME_PARTS}
    known: dict[str, Any] = {}
    moved: set[str] = set()
    for key, rule in rules.items():
        agreed = link.agreed.get(rule.pair)
        value = rule.read(item.record)
        if value is not UNKNOWN and digest(value) != (agreed.other if agreed else EMPTY):
            moved.add(key)
        elif agreed is None:
            known |= {} if rule.pair in seen.others else {key: None}
        elif agreed.pipedrive == digest(_stored(rule, value)):
            known[key] = _stored(rule, value)
    return known if not moved or len(moved) == len(known) == 1 else None


def _stored(rule: Rule, value: Any) -> Any:
    """What a field holds once a source's value was written to it."""
    try:
        return None if value is UNKNOWN or is_empty(value) else rule.field.convert(value)
    except ValueMisfitError:
        return None


def named(plan: Plan, values: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Send both parts of a person's name, since Pipedrive takes either both or none."""
    whole = dict(values)
    if plan.entity == "person" and any(part in whole for part in NAME_PARTS):
        for part in NAME_PARTS:
            whole[part] = whole.get(part, current.get(part)) or ""
    return whole


def accompanied(
    entity: Entity, values: Mapping[str, Any], current: Mapping[str, Any]
) -> dict[str, Any]:
    """Add what has to be named along: a note is pinned to what the same request names."""
    others = (entity.along[key] for key in entity.along.keys() & values.keys())
    there = {key: current[key] for key in others if current.get(key) is not None}
    return {**there, **values}


def body(entity: Entity, values: Mapping[str, Any]) -> Row:
    """Put custom fields where the API wants them; their keys are 40 hexadecimal digits."""
    if not entity.nested:
        return dict(values)
    sent: Row = {}
    for key, value in values.items():
        place = sent.setdefault("custom_fields", {}) if is_custom(key) else sent
        place[key] = value
    return sent


def is_custom(key: str) -> bool:
    """Whether a key is a custom field's: 40 hexadecimal digits."""
    return len(key) == _CUSTOM_KEY_LENGTH and all(char in "0123456789abcdef" for char in key)
