"""Records whose account isn't linked yet: caught up once it is, though they don't come again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sync_core.engine.belonging import belongs_no_more, member, passed_over, stays_due
from sync_core.engine.model import Item, Plan, Relation
from sync_core.ledger import Ledger
from sync_core.ledger.relatives import waiting
from sync_core.mapping import chosen

#: The mark of an account that wasn't linked when its record was dealt with; no digest has it.
_UNLINKED = "-"


class Waiting:
    """What one run knows of users whose account, or persons whose organization, comes later."""

    def __init__(self, ledger: Ledger, *, dry_run: bool) -> None:
        """Prepare; nothing is read yet.

        Args:
            ledger: The connection's memory.
            dry_run: Whether nothing may be remembered beyond this run.
        """
        self._ledger = ledger
        self._dry_run = dry_run
        #: Whom a dry run has dealt with, since it can't note that in their links.
        self._dealt: set[str] = set()

    def settle(self, plan: Plan, items: Sequence[Item]) -> None:
        """Note whose account isn't linked, and who waits no more."""
        if plan.relation is None:
            return
        for item in items:
            if item.link is None or item.outcome is None or passed_over(item) or stays_due(item):
                continue
            if self._dry_run:
                self._dealt.add(item.source_id)
                continue
            account = "" if belongs_no_more(item) else _awaited(plan.relation, item)
            if account or item.link.related[1] == _UNLINKED:
                item.link.belong(account, _UNLINKED if account else "")

    def due(self, plan: Plan) -> Iterator[list[dict[str, Any]]]:
        """Records that didn't come by, but whose account is linked by now, in portions."""
        relation, after = plan.relation, 0
        if relation is None:
            return
        while links := waiting(self._ledger, plan.kind, relation.by, _UNLINKED, after):
            after = links[-1].id or 0
            open_links = [link for link in links if link.on(plan.side) not in self._dealt]
            if open_links:
                yield [member(plan, relation.column, link) for link in open_links]


def _awaited(relation: Relation, item: Item) -> str:
    """The one account that a record belongs to, if it isn't linked; with several, none counts."""
    if dict.get(item.record, relation.into):
        return ""
    return chosen(item.record, relation.column, relation.into)
