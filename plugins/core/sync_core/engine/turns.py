"""Whose turn it is: a create waits for the writes before it that may make its very record."""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.engine.model import Change, Destination, Kind, Plan


def in_turns(
    plan: Plan, changes: Sequence[Change], destination: Destination
) -> list[Sequence[Change]]:
    """Changes in groups, each of which may be written side by side once those before it are.

    A new record is in a group of its own if one that is written before would be found by any of
    its keys: whether it still has to be made is known only then.
    """
    if destination.upserts or all(change.kind is not Kind.CREATED for change in changes):
        return [changes]
    groups: list[list[Change]] = [[]]
    turns: dict[tuple[str, str], int] = {}
    for change in changes:
        asked = destination.asked_by(plan, change.item) if change.kind is Kind.CREATED else ()
        turn = max((turns.get(key, 0) for key in asked), default=0)
        groups += [[]] if turn == len(groups) else []
        groups[turn].append(change)
        for key in destination.known_by(change.values):
            turns[key] = max(turns.get(key, 0), turn + 1)
    return list(groups)
