"""Records that read another one: what that said is remembered, and its news reaches all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sync_core.canonical import digest
from sync_core.engine.model import REMOVED, Item, Kind, Plan
from sync_core.engine.preparing import MEMBER
from sync_core.ledger import Ledger, Link
from sync_core.ledger.relatives import UNLINKED, behind, members, recall
from sync_core.ledger.rows import Relative
from sync_core.ledger.writing import Entries
from sync_core.mapping import Partial, Related

#: Outcomes of records that nothing is written to any more, whatever their related record says.
_OUT = frozenset({"left_segment", "not_in_segment", "deleted", REMOVED})
#: Outcomes of versions of a record that another one takes the place of.
_PASSED_OVER = frozenset({"stale", "superseded"})
#: The mark of a related record that nothing is known of; no digest has it.
_UNKNOWN = "?"


class Belonging:
    """What one run knows of users' accounts, or of persons' organizations."""

    #: What it does costs no call.
    cost = (0, 0)

    def __init__(self, related: Related | None, ledger: Ledger, *, dry_run: bool) -> None:
        """Prepare; nothing is read yet.

        Args:
            related: What the lines of the mapping ask of the related stream; None: nothing.
            ledger: The connection's memory.
            dry_run: Whether nothing may be remembered beyond this run.
        """
        self._related = related if related is not None and related.is_asked else None
        self._ledger = ledger
        self._dry_run = dry_run
        #: Whom a dry run has dealt with, since it can't note that in their links.
        self._dealt: set[str] = set()

    def watch(self, plan: Plan, items: Sequence[Item], batch: Entries) -> None:
        """Learn from a batch of the related stream, as a follower of the engine."""
        if self._related is not None and plan.stream == self._related.stream:
            self._learn(self._related, items, batch)

    def __call__(self, plan: Plan, items: Sequence[Item], *_: Any) -> None:
        """Say of how many records the related one isn't known."""
        if self._related is not None and plan.relation is not None:
            self._related.tell(items)

    def _learn(self, related: Related, items: Sequence[Item], batch: Entries) -> None:
        said = related.learn(item for item in items if _reason(item) != "deleted")
        if self._dry_run or not said:
            return
        known = recall(self._ledger, related.stream, said)
        batch.relatives += [
            Relative(related.stream, record, values)
            for record, values in said.items()
            if known.get(record) != values
        ]

    def expect(self, plan: Plan, items: Sequence[Item]) -> None:
        """Get ready for a batch whose lines read the related stream."""
        if self._related is not None and plan.relation is not None:
            unseen = self._related.unseen(items)
            self._related.recalled = recall(self._ledger, self._related.stream, unseen)

    def settle(self, plan: Plan, items: Sequence[Item]) -> None:
        """Note with what the related record said each item was dealt with."""
        if self._related is None or plan.relation is None:
            return
        for item in items:
            if item.outcome is not None and item.link is not None:
                self._settle(self._related, item, item.link)

    def _settle(self, related: Related, item: Item, link: Link) -> None:
        if self._dry_run:
            self._dealt.add(item.source_id)
        elif belongs_no_more(item):
            link.belong("", "")
        elif not passed_over(item) and not stays_due(item):
            record, said = related.standing(item.record)
            mark = _UNKNOWN if said is None else digest(said) if record else ""
            if link.related != (record, UNLINKED + mark):  # whether it is linked isn't told here
                link.belong(record, mark)

    def due(self, plan: Plan) -> Iterator[list[dict[str, Any]]]:
        """Records that didn't come by, but whose related one has news for them, in portions.

        Of each no more is known than what the ledger has: who it is, and what it belongs to.
        """
        related, relation = self._related, plan.relation
        if related is None or relation is None:
            return
        finders = [partial(behind, self._ledger, plan.kind, related.stream)]
        if self._dry_run:
            finders.append(partial(members, self._ledger, plan.kind, related.seen))
        for find in finders:
            for links in portions(find):
                wanted = [link for link in links if self._is_due(plan, link, related.seen)]
                if wanted:
                    yield [linked(plan, relation.column, link) for link in wanted]

    def _is_due(self, plan: Plan, link: Link, seen: Mapping[str, Mapping[str, Any]]) -> bool:
        if link.on(plan.side) in self._dealt:
            return False
        record, mark = link.related
        return record not in seen or digest(seen[record]) != mark.removeprefix(UNLINKED)


def portions(find: Callable[[int], list[Link]]) -> Iterator[list[Link]]:
    """All links that a question finds, which is asked again behind the last of each answer."""
    after = 0
    while links := find(after):
        yield links
        after = links[-1].id or 0


def member(own: str, key: str, column: str, related: str) -> dict[str, Any]:
    """A record of which only its relation is known, since that has news for it."""
    return Partial({MEMBER: {"id": own, "key": key}, column: related})


def linked(plan: Plan, column: str, link: Link) -> dict[str, Any]:
    """Such a record, of which the ledger knows the rest."""
    return member(link.on(plan.side), link.key, column, link.related[0])


def belongs_no_more(item: Item) -> bool:
    """Whether nothing is written to an item any more, whatever its related record says."""
    return _reason(item) in _OUT


def passed_over(item: Item) -> bool:
    """Whether another version takes the place of an item."""
    return _reason(item) in _PASSED_OVER


def stays_due(item: Item) -> bool:
    """Whether nothing is kept of an item that couldn't be written, since it is found again."""
    deferred = item.outcome is not None and item.outcome.kind is Kind.DEFERRED
    return deferred and isinstance(item.record, Partial)


def _reason(item: Item) -> str:
    return item.outcome.reason if item.outcome else ""
