"""Fields that a service doesn't take, left out of a change so that the rest gets through."""

from __future__ import annotations

from collections.abc import Mapping

from sync_core.engine.deciding import Change
from sync_core.engine.model import Destination, Kind, Plan
from sync_core.errors import InvalidError


class LeavingOut:
    """Leaves out of changes what a service has refused."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination

    def heed(self, plan: Plan, change: Change, error: InvalidError) -> bool:
        """Leave out the fields that a refusal names.

        Returns:
            Whether it names any, and the rest makes sense without them.
        """
        why = f"refused by the service: {error.detail}"
        named = [key for key in change.values if len(key) > 1 and key in error.detail]
        return self._drop(plan, change, dict.fromkeys(named, why))

    def _drop(self, plan: Plan, change: Change, refused: Mapping[str, str]) -> bool:
        rest = {key: value for key, value in change.values.items() if key not in refused}
        if not refused or not self._makes_sense(plan, change, rest):
            return False
        for key, why in refused.items():
            del change.values[key]
            change.refused.add(key)
            change.item.rejected_fields[change.labels.pop(key)] = why
        return True

    def _makes_sense(self, plan: Plan, change: Change, rest: Mapping[str, object]) -> bool:
        if change.kind is Kind.CREATED:
            return bool(rest) and not self._destination.lacking(plan, change.item, rest)
        return True
