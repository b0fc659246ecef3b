"""Records that were merged into others, or deleted, since they were linked: matched anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sync_core.actions.firing import Firing
from sync_core.engine import Item, Outcome, Plan
from sync_core.engine.deciding import several
from sync_core.engine.model import Match
from sync_core.errors import BudgetSpentError
from sync_core.ledger import Link

#: Finds the records of some items, by position.
FindRecords = Callable[[Plan, Sequence[Item]], Mapping[int, Match]]


def follow(find: FindRecords, plan: Plan, firings: Sequence[Firing]) -> dict[str, Outcome]:
    """Let firings whose record is gone go on with the one that has its key now.

    Returns:
        The outcomes of those that several records match, by the firings' ids.

    Raises:
        ApiError: A look-up failed, or can't be afforded: that is never "not found".
    """
    refused: dict[str, Outcome] = {}
    for at, match in find(plan, [_item(plan, each) for each in firings]).items():
        if match.unaffordable:
            raise BudgetSpentError(match.unaffordable)
        if len(match.ids) > 1:
            refused[firings[at].id] = several(plan, match)
        elif match.ids:
            firings[at].remote_id = match.ids[0]
    return refused


def _item(plan: Plan, firing: Firing) -> Item:
    link = Link(plan.kind, firing.key, pipedrive_id=firing.remote_id)
    keys = (firing.key,) if firing.key else ()
    return Item({}, firing.record, firing.key, keys, link=link)
