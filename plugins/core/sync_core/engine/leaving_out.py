"""Fields that a service doesn't take, left out of a change so that the rest gets through."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from sync_core.engine.model import Change, Destination, Kind, Plan
from sync_core.errors import InvalidError


class LeavingOut:
    """Leaves out of changes what a service has refused."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination

    def foresee(self, plan: Plan, change: Change) -> None:
        """Leave out what the service is known not to take any more, before it is sent."""
        gone = self._destination.outdated(plan, change.values)
        if self._drop(plan, change, gone):
            self._wait(plan, change, gone)

    def heed(self, plan: Plan, change: Change, error: InvalidError) -> bool:
        """Leave out the fields that a refusal names.

        Returns:
            Whether it names any, and the rest makes sense without them.
        """
        named = [key for key in change.values if _names(error.detail, key)]
        gone = self._destination.outdated(plan, change.values, named) if named else {}
        why = {**dict.fromkeys(named, error.detail), **gone}
        refused = {key: f"refused by the service: {said}" for key, said in why.items()}
        dropped = self._drop(plan, change, refused)
        if dropped:
            self._wait(plan, change, gone)
        return dropped

    def _drop(self, plan: Plan, change: Change, refused: Mapping[str, str]) -> bool:
        rest = {key: value for key, value in change.values.items() if key not in refused}
        if not refused or not self._makes_sense(plan, change, rest):
            return False
        for key, why in refused.items():
            del change.values[key]
            change.refused.add(key)
            change.item.rejected_fields[change.labels.pop(key)] = why
        return True

    @staticmethod
    def _wait(plan: Plan, change: Change, gone: Collection[str]) -> None:
        """Let a record wait for its account, where what that is linked to is gone."""
        relation = plan.relation
        for rule in plan.rules:
            if relation and rule.mapping.source == relation.column and rule.field.key in gone:
                change.item.record.pop(relation.into, None)
                change.item.mark = ""  # it isn't in step with its account
                change.refused.discard(rule.field.key)  # what waits isn't kept as refused

    def _makes_sense(self, plan: Plan, change: Change, rest: Mapping[str, object]) -> bool:
        if change.kind is Kind.CREATED:
            return bool(rest) and not self._destination.lacking(plan, change.item, rest)
        return True


def _names(detail: str, key: str) -> bool:
    """Whether a text has the key as a word of its own: `first_name` isn't a `name`."""
    return len(key) > 1 and re.search(rf"(?<!\w){re.escape(key)}(?!\w)", detail) is not None
