"""Linked records whose key is another one by now."""

from __future__ import annotations

from dataclasses import replace

from sync_core.engine.model import Item, Match, Plan


def is_renamed(item: Item) -> bool:
    """Whether a linked record has another key than the one that it was linked by."""
    link = item.link
    return link is not None and bool(link.pipedrive_id) and link.stored_key not in ("", link.key)


def followed(plan: Plan, linked: Match, by_key: Match) -> Match:
    """The record that the new key finds, unless that is none, or the linked one."""
    if by_key.hidden:
        return by_key
    if not by_key.unaffordable and (not by_key.ids or set(linked.ids) & set(by_key.ids)):
        return linked
    if len(by_key.ids) != 1 or not linked.ids:
        return by_key
    note = (
        f"{plan.entity} {linked.ids[0]} was kept in step with the {plan.noun} until its "
        f"{plan.key_label} changed, and stays as it is; {plan.entity} {by_key.ids[0]} has the new "
        "one: if the two are the same, merge them"
    )
    return replace(by_key, note=note, left=linked)
