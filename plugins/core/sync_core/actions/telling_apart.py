"""Several occurrences for one record, some of whose answers were lost: whose is which activity."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from sync_core.actions.firing import Firing
from sync_core.ledger.writing import Retry


class ToldApart:
    """What one run knows of the activities that an occurrence without an answer isn't looking for.

    It is looked for by what it is made of, and another occurrence's activity is made of the same.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._made: dict[str, list[str]] = defaultdict(list)
        self._lost: dict[str, list[tuple[Firing, str]]] = defaultdict(list)

    def take(self, firing: Firing, activity: str) -> None:
        """Note that an activity is an occurrence's, and thus none of the others'."""
        self._made[firing.remote_id].append(activity)
        for other, _ in self._lost[firing.remote_id]:
            other.others.append(activity)

    def lose(self, firing: Firing, reason: str) -> None:
        """Note that an occurrence is kept whose activity may have been made."""
        firing.others = [*dict.fromkeys([*firing.others, *self._made[firing.remote_id]])]
        self._lost[firing.remote_id].append((firing, reason))

    def kept(self, firing: Firing) -> list[Retry]:
        """What is kept of the other occurrences for the same record, as it is by now."""
        others = self._lost[firing.remote_id]
        return [replace(each.kept(reason), tried=False) for each, reason in others]
