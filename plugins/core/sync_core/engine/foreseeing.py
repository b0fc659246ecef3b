"""Accounts as a dry run would have linked them: those who belong to them come later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sync_core.canonical import digest
from sync_core.engine.model import Destination, Item, Kind, Match, Plan
from sync_core.engine.relating import is_usable, left
from sync_core.ledger import Ledger, Link
from sync_core.mapping import Partial

_ACCOUNT = "account"
#: Stands in for the id that a record gets once it is made; no service gives such a one.
NOT_MADE_YET = -1


class Foreseen:
    """The links of the ledger, and of accounts those that the real run would have made by now."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        #: Digest of the id of an account that its organization would leave -> the organization.
        self.left: dict[str, str] = {}
        #: Own id -> key and account of those whose account wouldn't be linked so far.
        self.awaiting: dict[str, tuple[str, str]] = {}
        self._links: dict[str, dict[str, Link]] = {"key": {}, "pipedrive_id": {}, "journy_id": {}}

    def links_by(self, kind: str, column: str, values: Iterable[str]) -> Mapping[str, Link]:
        """Links of one kind, by a column's values."""
        wanted = list(values)
        known = dict(self._ledger.links_by(kind, column, wanted))
        if kind == _ACCOUNT:
            news = self._links[column]
            known.update({each: news[each] for each in wanted if each in news})
        return known

    def usable(self, column: str, there: str) -> set[str]:
        """Names, in one column, of this run's accounts that would be known on the other side."""
        news = self._links[column]
        return {name for name, link in news.items() if is_usable(link, there)}

    def wait(self, item: Item, account: str) -> None:
        """Note that a record would wait for an account to be linked; empty: for none."""
        kind = item.outcome.kind if item.outcome else None
        if account and kind in (Kind.CREATED, Kind.UPDATED, Kind.UNCHANGED):
            self.awaiting[item.source_id] = item.key, account
        else:
            self.awaiting.pop(item.source_id, None)

    def due(self, by: str, there: str) -> list[tuple[str, str, str]]:
        """Own id, key and account of those whose account would be linked by now."""
        names = self.usable(by, there)
        return [(own, key, account) for own, (key, account) in self.awaiting.items()
                if account in names]  # fmt: skip

    def match(
        self, destination: Destination, plan: Plan, items: Sequence[Item]
    ) -> Mapping[int, Match]:
        """Find the records of some items; those that would have been made have their keys."""
        made = [at for at, item in enumerate(items) if self._would_be_there(item, destination)]
        rest = [at for at in range(len(items)) if at not in set(made)]
        found = destination.match(plan, [items[at] for at in rest])
        return {
            **{at: Match((items[at].key,), current={}) for at in made},
            **{at: found[position] for position, at in enumerate(rest)},
        }

    def _would_be_there(self, item: Item, destination: Destination) -> bool:
        if not isinstance(item.record, Partial) or item.source_id not in self.awaiting:
            return False
        if item.link is None or item.link.on(destination.name):
            return False
        item.link.place(destination.name, item.key)
        return True

    def foresee(self, plan: Plan, destination: str, items: Sequence[Item]) -> None:
        """Remember the links of a batch's accounts as they would be.

        Args:
            plan: The stream's plan.
            destination: The side that would have been written to.
            items: The batch, with its outcomes.
        """
        if plan.kind != _ACCOUNT:
            return
        for item in items:
            if (former := left(plan, item)) is not None:
                self.left[digest(former.account)] = former.record
            if item.link is not None:
                link = Link(_ACCOUNT, item.link.key, item.link.pipedrive_id, item.link.journy_id)
                made = item.outcome is not None and item.outcome.kind is Kind.CREATED
                if made and not link.on(destination):
                    link.place(destination, str(NOT_MADE_YET))
                for column, names in self._links.items():
                    if name := getattr(link, column):
                        names[name] = link
