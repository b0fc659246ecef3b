"""Identifiers beside the id, such as an account's domain: no two records may have the same.

Which of two identifiers counts isn't documented, so the values of a record with another one's might
go to that one.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.canonical import digest
from sync_core.engine.claims import Owners
from sync_core.engine.deciding import nothing_written
from sync_core.engine.model import Change, Kind, Plan
from sync_core.ledger import Ledger
from sync_core.ledger.accounts import holders


class SecondIds:
    """Who has which, as far as the ledger and this run know."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._owners = Owners()

    def refuse_taken(self, plan: Plan, changes: Sequence[Change]) -> list[Change]:
        """Take out of changes what another record has; gives those that still change something."""
        field = plan.second_id
        wanted = {
            at: digest(change.values[field])
            for at, change in enumerate(changes)
            if field and change.values.get(field)
        }
        if not wanted:
            return list(changes)
        held = holders(self._ledger, plan.kind, field, wanted.values())
        names = [(f"{plan.kind} {field}", said) for said in wanted.values()]
        with self._owners.of(names) as claimed:
            for (at, said), name in zip(wanted.items(), names, strict=True):
                own = changes[at].item.key
                known = held.get(said, {own})
                owner = claimed.claim(name, own) if own in known else min(known)
                if owner != own:
                    _refuse(plan, changes[at], owner)
        return [each for each in changes if each.values or each.kind is Kind.CREATED]


def _refuse(plan: Plan, change: Change, owner: str) -> None:
    del change.values[plan.second_id]
    label = change.labels.pop(plan.second_id)
    change.item.rejected_fields[label] = (
        f"{plan.entity} {owner} has it already, and no two may have the same; take it off one of "
        "them"
    )
    if not change.values:
        change.item.outcome = nothing_written(change.item)
