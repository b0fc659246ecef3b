"""Accounts as a dry run would have linked them: those who belong to them come later."""

from __future__ import annotations

from collections.abc import Iterable

from sync_core.canonical import digest
from sync_core.engine.model import Item, Plan
from sync_core.engine.relating import is_usable, left

_ACCOUNT = "account"


class Foreseen:
    """The accounts of this run as they would be by now.

    Attributes:
        left: Digest of the id of an account that its organization would leave -> the organization.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.left: dict[str, str] = {}
        self._names: dict[str, set[str]] = {"key": set(), "pipedrive_id": set()}

    def usable(self, column: str) -> set[str]:
        """Names, in one column, of those that would be known where members are written to."""
        return self._names[column]

    def foresee(self, plan: Plan, items: Iterable[Item]) -> None:
        """Remember a batch's accounts as they would be.

        Args:
            plan: The stream's plan.
            items: The batch, with its outcomes.
        """
        if plan.kind != _ACCOUNT:
            return
        for item in items:
            for former in left(plan, item):
                self.left[digest(former.account)] = former.record
            if item.link is not None and is_usable(item.link, plan.there):
                for column, names in self._names.items():
                    names.add(getattr(item.link, column))
