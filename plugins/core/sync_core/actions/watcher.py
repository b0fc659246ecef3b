"""One action: compares each record with what is remembered of it, and tells when it fires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sync_core import times
from sync_core.actions import placeholders
from sync_core.actions.conditions import Tree, compile_condition
from sync_core.actions.firing import Firing, counted
from sync_core.actions.memory import Memory
from sync_core.actions.moments import before, passed
from sync_core.actions.pausing import LOOK_BACK
from sync_core.actions.placeholders import Accounts, Read
from sync_core.actions.settings import Action
from sync_core.engine import Item, Kind, Outcome, Plan
from sync_core.engine.model import GONE
from sync_core.engine.preparing import is_deleted
from sync_core.ledger.triggers import Trigger
from sync_core.ledger.writing import Entries
from sync_core.mapping import SourceSchema
from sync_core.pipedrive.activities import Activities
from sync_core.settings import collected

_TICK = timedelta(microseconds=1)
_CREATED = "created_at"


class Watcher:
    """One action in one run."""

    def __init__(self, action: Action, memory: Memory, activities: Activities) -> None:
        self.action = action
        self._memory = memory
        self._activities = activities
        #: Records that the action knew before the batch.
        self._met: frozenset[str] = frozenset()
        self._tree: Tree | None = None
        self._readers: Mapping[str, Read] = {}

    def announce(self, schema: SourceSchema, accounts: Accounts) -> None:
        """Find segments, properties and placeholders in the stream.

        Raises:
            ConfigurationError: Lists those that it doesn't have.
        """
        self._tree, self._readers = collected(
            lambda: compile_condition(self.action.when, schema),
            lambda: placeholders.readers(self.action, schema, accounts),
        )

    def begin(self, seen: Entries) -> None:
        """Begin to watch in this run, or go on."""
        marks = self._tree.marks if self._tree else ()
        self._memory.begin(marks, seen, self._activities.now)

    def watch(
        self, plan: Plan, items: Sequence[Item], accounts: Accounts, seen: Entries
    ) -> list[Firing]:
        """Look at a batch.

        Args:
            plan: The stream's plan.
            items: The batch, with what became of each item.
            accounts: What is known of accounts in this run.
            seen: Takes what is to be remembered, and the outcomes of what can't be delivered.
        """
        self.begin(seen)
        watched = [item for item in _versions(items) if _counts(item)]
        if not watched:
            return []
        known = self._memory.recall(item.source_id for item in watched)
        self._met = frozenset(known if self._memory.knew else ())
        fired = (self._look(plan, item, known, accounts, seen) for item in watched)
        return _told_apart([firing for firing in fired if firing is not None])

    def _look(
        self, plan: Plan, item: Item, every: dict[str, Trigger], accounts: Accounts, seen: Entries
    ) -> Firing | None:
        """Compare one record with what is remembered, and remember what it is now."""
        known = every.get(item.source_id) or Trigger(self.action.name, item.source_id)
        if self._tree is None or (item.updated and item.updated < known.seen):
            return None  # read from before what is remembered: its edges are over
        first = not self._tree.marks & known.state.keys()
        born = self._is_born(item)
        after = self._memory.blank()
        fresh = first and (born or self.action.fire_on_first_run)
        sight = self._tree.look(item.record, known.state, after, fresh=fresh)
        # An earlier version told it by this machine's clock, which may have been ahead.
        firing, fired = None, known.fired and min(known.fired, self._activities.now)
        if sight.happens and not self._keeps_quiet(fired):
            firing = self._fire(plan, item, accounts, seen)
        elif sight.happens:
            self._skip(item, Outcome(Kind.SKIPPED, "reenter_after", _QUIET), seen)
        unknown = not born and (first or item.source_id not in self._met)
        if firing is not None and unknown and not firing.is_first:
            # The ledger may have been lost after the action had fired.
            firing.since = before(self._activities.clock, self.action.reenter_after or LOOK_BACK)
        fired = firing.fired if firing else fired
        if after != known.state or fired != known.fired:
            updated = item.updated or known.seen
            every[known.record] = Trigger(known.action, known.record, after, updated, fired)
            self._memory.remember(every[known.record], seen)
        return firing

    def _is_born(self, item: Item) -> bool:
        """Whether the record is younger than the condition, so that there was nothing to learn."""
        created = times.comparable(item.record.get(_CREATED))
        return bool(created) and created > self._memory.began

    def _keeps_quiet(self, fired: str) -> bool:
        quiet = self.action.reenter_after
        return quiet is not None and bool(fired) and passed(fired, self._activities.now) < quiet

    def _fire(self, plan: Plan, item: Item, accounts: Accounts, seen: Entries) -> Firing | None:
        remote_id = item.link.pipedrive_id if item.link else ""
        if not remote_id and not item.made_up:
            self._skip(item, _undeliverable(plan, item.outcome), seen)
            return None
        texts = placeholders.values(self._readers, plan, item, accounts)
        now = self._activities.now
        firing = Firing(self.action.name, item.source_id, item.key, remote_id, texts, now)
        firing.entity, firing.is_first = self.action.entity, _is_made(item)
        return firing

    def _skip(self, item: Item, outcome: Outcome, seen: Entries) -> None:
        remote_id = item.link.pipedrive_id if item.link else ""
        firing = Firing(self.action.name, item.source_id, item.key, remote_id)
        seen.outcomes.append(firing.row(outcome))
        seen.counts.update(counted(outcome))


_QUIET = "it fired for the record not long ago, and keeps quiet until reenter_after has passed"


def _versions(items: Sequence[Item]) -> Iterator[Item]:
    """Every version of each record, in the order of their coming.

    The engine writes the last one alone, but what it leaves out may be an edge. What became of the
    last one counts for all.
    """
    last = {item.source_id: item for item in items if item.source_id}
    for item in items:
        newest = last.get(item.source_id, item)
        is_older = newest is not item and not is_deleted(newest.record)
        yield replace(newest, record=item.record, updated=item.updated) if is_older else item


def _counts(item: Item) -> bool:
    """Whether a record shows how things are.

    Not one that is gone, with all that came before. Nor one that is tried again while nobody knows
    for whom in Pipedrive it is: that comes back, unless something newer comes before.
    """
    outcome = item.outcome
    if outcome is None or not item.source_id or is_deleted(item.record):
        return False
    if outcome.kind is Kind.DEFERRED:
        return outcome.reason != GONE and item.link is not None and bool(item.link.pipedrive_id)
    return outcome.reason != "superseded"


def _is_made(item: Item) -> bool:
    """Whether the record was made just now, so that it can't have an activity yet."""
    return item.outcome is not None and item.outcome.kind is Kind.CREATED


def _told_apart(firings: list[Firing]) -> list[Firing]:
    """Give each firing a moment of its own: a record may fire twice within a batch."""
    taken: set[str] = set()
    for firing in firings:
        while firing.id in taken:
            firing.fired = before(firing.fired, -_TICK)
        taken.add(firing.id)
    return firings


def _undeliverable(plan: Plan, outcome: Outcome | None) -> Outcome:
    """Why there is nobody in Pipedrive to create the activity for; the record's own reason."""
    if outcome is not None and outcome.kind in (Kind.REJECTED, Kind.SKIPPED):
        return Outcome(outcome.kind, outcome.reason, f"no activity: {outcome.text}")
    text = f"no activity: the {plan.noun} has no {plan.entity} in Pipedrive"
    return Outcome(Kind.SKIPPED, "no_match", text)
