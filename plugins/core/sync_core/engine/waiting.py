"""Records whose account isn't linked yet: caught up once it is, though they don't come again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from sync_core.engine.belonging import (
    belongs_no_more,
    linked,
    passed_over,
    portions,
    stays_due,
)
from sync_core.engine.foreseeing import Foreseen
from sync_core.engine.model import Item, Plan, Relation
from sync_core.engine.relating import is_usable
from sync_core.ledger import Ledger, Link
from sync_core.ledger.memberships import added
from sync_core.ledger.relatives import UNLINKED, members, waiting
from sync_core.mapping import chosen


class Waiting:
    """What one run knows of users whose account, or persons whose organization, comes later."""

    def __init__(self, ledger: Ledger, foreseen: Foreseen | None) -> None:
        """Prepare; nothing is read yet.

        Args:
            ledger: The connection's memory.
            foreseen: Knows the accounts that a dry run would link; None in a real one.
        """
        self._ledger = ledger
        self._foreseen = foreseen

    def settle(self, plan: Plan, items: Sequence[Item]) -> None:
        """Note whose account isn't linked, and who waits no more."""
        if plan.relation is None:
            return
        for item in items:
            if item.link is None or item.outcome is None or passed_over(item) or stays_due(item):
                continue
            account = "" if belongs_no_more(item) else _awaited(plan.relation, item)
            _mark(item.link, account)

    def due(self, plan: Plan) -> Iterator[list[dict[str, Any]]]:
        """Records that didn't come by, but whose account is linked by now, in portions."""
        relation = plan.relation
        if relation is None:
            return
        finders = [partial(waiting, self._ledger, plan.kind, relation.by, plan.there)]
        names = self._foreseen.usable(relation.by) if self._foreseen is not None else set()
        if names:
            finders.append(partial(members, self._ledger, plan.kind, names))
        stored = chain.from_iterable(portions(find) for find in finders)
        known = chain(map(self._ledger.latest, stored), self._changed(plan, names))
        for links in chain(known, self._moved(plan, relation)):
            if wanted := [link for link in links if link.related[1].startswith(UNLINKED)]:
                yield [linked(plan, relation.column, link) for link in wanted]

    def _changed(self, plan: Plan, names: set[str]) -> Iterator[list[Link]]:
        """Those that wait for some accounts since this dry run came by them."""
        pretended = self._ledger.pretended
        return iter(()) if pretended is None else pretended.related(plan.kind, names)

    def _moved(self, plan: Plan, relation: Relation) -> Iterator[list[Link]]:
        """Those whose organization would stand for another account, as `unsettle` finds them."""
        left = self._foreseen.left if self._foreseen is not None else {}
        links = self._ledger.links_by("account", relation.by, left.values())
        usable = {record for record, link in links.items() if is_usable(link, plan.there)}
        homes = {stamp: record for stamp, record in left.items() if record in usable}
        if relation.made is None or not homes:
            return
        for stored in portions(partial(added, self._ledger, plan.kind, homes)):
            theirs = self._ledger.latest(stored)
            for link in theirs:
                made = link.agreed.get(relation.made)
                home = homes.get(made.other) if made else None
                if home is not None and link.related[0] in {"", home}:
                    link.belong(home, UNLINKED)
            yield theirs


def _mark(link: Link, account: str) -> None:
    """Note in front of the mark of what an account said that it isn't linked, or no more."""
    related, mark = link.related
    said = mark.removeprefix(UNLINKED)
    if account:
        link.belong(account, UNLINKED + said)
    elif said != mark:
        link.belong(related if said else "", said)


def _awaited(relation: Relation, item: Item) -> str:
    """The one account that a record belongs to, if it isn't linked; with several, none counts."""
    if dict.get(item.record, relation.into):
        return ""
    return chosen(item.record, relation.column, relation.into)
