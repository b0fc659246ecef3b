"""Whose turn it is: a create waits for the writes before it that may make its very record."""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.engine.model import Change, Destination, Kind, Plan


def take_turn(
    plan: Plan, changes: Sequence[Change], destination: Destination
) -> tuple[Sequence[Change], Sequence[Change]]:
    """Those changes that may be written side by side now, and those that have to wait.

    A new record waits if one that comes before would be found by any of its keys: whether it still
    has to be made is known only when that is written. One that waits for another that waits does
    so as well, and all of them are matched anew together: a key that hundreds share, such as a
    placeholder, costs no turn for each of them.
    """
    if destination.upserts or all(change.kind is not Kind.CREATED for change in changes):
        return changes, ()
    now: list[Change] = []
    later: list[Change] = []
    claimed: set[tuple[str, str]] = set()
    for change in changes:
        asked = destination.asked_by(plan, change.item) if change.kind is Kind.CREATED else ()
        (now if claimed.isdisjoint(asked) else later).append(change)
        claimed.update(destination.known_by(change.values))
    return now, later
