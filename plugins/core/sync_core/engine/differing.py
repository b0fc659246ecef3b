"""What the values of a record's fields were and became, where the ledger keeps values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from sync_core.canonical import in_words, is_empty
from sync_core.engine.merge import Verdict
from sync_core.engine.model import Item, Plan, Said
from sync_core.ledger import Difference
from sync_core.ledger.values import UNKNOWN, Both, Values
from sync_core.mapping import Rule


def note_values(  # noqa: PLR0913, PLR0917 - one field of one record, and what was decided
    plan: Plan,
    item: Item,
    rule: Rule,
    verdict: Verdict,
    source: Any,
    written: Mapping[str, Any],
) -> None:
    """Note the values of one field, as it was decided. Nothing is decided by them.

    Args:
        plan: The stream's plan.
        item: The record.
        rule: The field's line.
        verdict: What was decided.
        source: The source's value.
        written: Field key -> value to send.
    """
    values = item.link.values if item.link else None
    if item.link is None or values is None or verdict is Verdict.LEAVE:
        return
    label, there = rule.field.label, _there(plan, item, rule, values)
    if verdict is Verdict.WRITE:
        if rule.field.key in written:
            after = _plain(rule, written[rule.field.key])
            item.said[label] = Said(there, after)
            values.sent[rule.pair] = _sides(plan, source, after)
        return
    if verdict is Verdict.KEEP:
        if label in item.conflicts:
            item.said[label] = Said(there, there, lost=source)
        there = _agreed(plan, rule, values)  # the other direction still compares with that
    elif there is UNSET:
        there = None if is_empty(source) else rule.field.plain(rule.field.convert(source))
    item.link.learn(rule.pair, _sides(plan, source, there))


def _there(plan: Plan, item: Item, rule: Rule, values: Values) -> Any:
    """The destination's value before anything is written."""
    match = item.match
    if match is None or not match.ids:
        return None
    if match.current is None or match.as_agreed:
        return _agreed(plan, rule, values)
    return rule.field.plain(match.current.get(rule.field.key))


def _agreed(plan: Plan, rule: Rule, values: Values) -> Any:
    own, other = values.agreed.get(rule.pair, UNKNOWN)
    return other if plan.side == "pipedrive" else own


def _plain(rule: Rule, sent: Any) -> Any:
    return None if sent is None else rule.field.plain(sent)


def _sides(plan: Plan, source: Any, destination: Any) -> Both:
    return (source, destination) if plan.side == "pipedrive" else (destination, source)


def differences(item: Item) -> tuple[Difference, ...]:
    """The values of every field that was written, or over which both sides were at odds."""
    written = item.outcome.fields if item.outcome else ()
    labels = [*written, *(each for each in item.conflicts if each not in written)]
    found = ((label, item.said.get(label)) for label in labels)
    return tuple(
        Difference(label, _words(said.before), _words(said.after), _words(said.lost))
        for label, said in found
        if said is not None and (label in written or said.lost is not UNSET)
    )


def _words(value: Any) -> str | None:
    return None if value is UNSET else in_words(value)
