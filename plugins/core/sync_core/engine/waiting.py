"""Records whose account isn't linked yet: caught up once it is, though they don't come again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from sync_core.engine.belonging import (
    belongs_no_more,
    linked,
    member,
    passed_over,
    portions,
    stays_due,
)
from sync_core.engine.foreseeing import Foreseen
from sync_core.engine.model import Item, Plan, Relation
from sync_core.ledger import Ledger, Link
from sync_core.ledger.links import CHUNK
from sync_core.ledger.memberships import added
from sync_core.ledger.relatives import UNLINKED, members, waiting
from sync_core.mapping import chosen


class Waiting:
    """What one run knows of users whose account, or persons whose organization, comes later."""

    def __init__(self, ledger: Ledger, foreseen: Foreseen | None) -> None:
        """Prepare; nothing is read yet.

        Args:
            ledger: The connection's memory.
            foreseen: Knows the accounts that a dry run doesn't link; nothing is remembered beyond
                such a run. None in a real one.
        """
        self._ledger = ledger
        self._foreseen = foreseen
        #: Whom a dry run has dealt with, since it can't note that in their links.
        self._dealt: set[str] = set()

    def settle(self, plan: Plan, items: Sequence[Item]) -> None:
        """Note whose account isn't linked, and who waits no more."""
        if plan.relation is None:
            return
        for item in items:
            if item.link is None or item.outcome is None or passed_over(item) or stays_due(item):
                continue
            account = "" if belongs_no_more(item) else _awaited(plan.relation, item)
            if self._foreseen is None:
                _mark(item.link, account)
            else:
                self._dealt.add(item.source_id)
                self._foreseen.wait(item, account)

    def due(self, plan: Plan) -> Iterator[list[dict[str, Any]]]:
        """Records that didn't come by, but whose account is linked by now, in portions."""
        relation = plan.relation
        if relation is None:
            return
        finders = [partial(waiting, self._ledger, plan.kind, relation.by, plan.there)]
        if self._foreseen is not None:
            names = self._foreseen.usable(relation.by, plan.there)
            finders.append(partial(members, self._ledger, plan.kind, names))
        for links in chain.from_iterable(portions(find) for find in finders):
            if wanted := [link for link in links if self._is_due(plan, link)]:
                yield [linked(plan, relation.column, link) for link in wanted]
        if self._foreseen is not None:
            yield from self._would_move(plan, relation, self._foreseen.left)
            came = self._foreseen.due(relation.by, plan.there)
            for start in range(0, len(came), CHUNK):
                portion = came[start : start + CHUNK]
                yield [member(own, key, relation.column, home) for own, key, home in portion]

    def _would_move(
        self, plan: Plan, relation: Relation, left: Mapping[str, str]
    ) -> Iterator[list[dict[str, Any]]]:
        """Those whose organization would stand for another account, which nothing notes."""
        for links in portions(partial(added, self._ledger, plan.kind, left)) if left else ():
            for link in links:
                if link.on(plan.side) not in self._dealt and relation.made is not None:
                    link.belong(left[link.agreed[relation.made].other], UNLINKED)
            yield [linked(plan, relation.column, each) for each in links if each.changed]

    def _is_due(self, plan: Plan, link: Link) -> bool:
        return link.related[1].startswith(UNLINKED) and link.on(plan.side) not in self._dealt


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
