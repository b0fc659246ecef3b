"""The actions of a run: watch every record that passes, and see to what they call for."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from sync_core.actions.delivering import Delivery
from sync_core.actions.firing import ENTITY, Firing, counted, kept_under, restored
from sync_core.actions.memory import Memory
from sync_core.actions.pausing import Pause
from sync_core.actions.placeholders import Accounts
from sync_core.actions.settings import Action
from sync_core.actions.watcher import Watcher
from sync_core.engine import Item, Kind, Outcome, Plan
from sync_core.engine.following import Ended, Note
from sync_core.engine.giving_up import judged
from sync_core.engine.model import BUDGET_SPENT
from sync_core.engine.recalling import PORTION
from sync_core.engine.telling import called, told
from sync_core.ledger import Ledger
from sync_core.ledger.portions import portions
from sync_core.ledger.writing import Entries
from sync_core.mapping import Related, SourceSchema
from sync_core.settings import collected

log = logging.getLogger(__name__)

_WORTH_A_WARNING = (Kind.REJECTED, Kind.DEFERRED)


class Actions:
    """Follows the engine; one for each run."""

    def __init__(
        self,
        actions: Sequence[Action],
        delivery: Delivery,
        ledger: Ledger,
        related: Related,
        *,
        direction: str,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            actions: The settings.
            delivery: Makes what they call for.
            ledger: Remembers where conditions stand, and keeps what isn't certain yet.
            related: What users' accounts say.
            direction: Of the run.
        """
        self._delivery = delivery
        self._dry_run = delivery.dry_run
        self._activities = delivery.activities
        self._watchers = [
            Watcher(each, Memory(each, ledger, direction, dry_run=self._dry_run), self._activities)
            for each in actions
        ]
        self._accounts = Accounts(related)
        self._ledger = ledger
        self._direction = direction
        self._pause = Pause(ledger, direction)
        self._recalled: set[str] = set()
        #: What the last batch calls for.
        self._due: list[Firing] = []

    @property
    def cost(self) -> tuple[int, int]:
        """Calls and tokens of what a dry run didn't send."""
        return self._delivery.cost

    def announce(self, schema: SourceSchema) -> None:
        """Find every segment, property and placeholder in a stream.

        Raises:
            ConfigurationError: Lists whatever isn't there.
        """
        concerned = self._of(schema.stream)
        collected(*(lambda each=each: each.announce(schema, self._accounts)
                    for each in concerned))  # fmt: skip

    def watch(self, plan: Plan, items: Sequence[Item], batch: Entries) -> None:
        """Look at a batch; what it calls for is kept with it, so that it can't be lost."""
        self._due = [
            firing
            for watcher in self._of(plan.stream)
            for firing in watcher.watch(plan, items, self._accounts, batch)
        ]
        if not self._dry_run:
            batch.retries += [each.kept("not_reached") for each in self._due]

    def __call__(self, plan: Plan, _items: Sequence[Item], note: Note, ended: Ended) -> None:
        """Deliver what the last batch calls for, and what earlier runs have kept.

        Raises:
            ApiError: Nothing can go on; what is left is kept.
        """
        self._begin(plan, note)
        due, self._due = self._due, []
        if ended():
            self._deliver(plan, due, note, ended)
            return
        kept = self._recall(plan.stream, {(each.stream, each.id) for each in due})
        self._deliver(plan, [*next(kept, []), *due], note, ended)
        for portion in kept:
            self._deliver(plan, portion, note, ended)
        if self._delivery.budget_spent is not None:
            raise self._delivery.budget_spent

    def _begin(self, plan: Plan, note: Note) -> None:
        """Note that the actions watch, though their stream may have brought nothing."""
        begun = Entries()
        for watcher in self._of(plan.stream):
            watcher.begin(begun)
        if begun.triggers:
            note(begun)

    def _of(self, stream: str) -> list[Watcher]:
        return [each for each in self._watchers if each.action.stream == stream]

    def _recall(self, stream: str, new: Collection[tuple[str, str]]) -> Iterator[list[Firing]]:
        """What earlier runs kept, and thus isn't new, in portions; once per run."""
        if stream in self._recalled:
            return
        self._recalled.add(stream)
        every = (
            firing
            for action in [each.action for each in self._of(stream)]
            for portion in portions(self._ledger, self._direction, kept_under(action.name), PORTION)
            for firing in (restored(kept.payload, self._activities.now) for kept in portion)
            # What an action kept while it watched something else is about other records.
            if firing.entity in ("", action.entity) and (firing.stream, firing.id) not in new
        )
        while firings := list(islice(every, PORTION)):
            yield firings

    def _deliver(self, plan: Plan, firings: list[Firing], note: Note, ended: Ended) -> None:
        """Note that they may have been sent, and send them."""
        if not firings:
            return
        clock, now = self._activities.clock, self._activities.now
        for each in firings:  # they may have been made already, as far as this ledger knows
            if not each.is_first:
                each.since = each.since or self._pause.since(clock)
        if not (self._dry_run or ended()):
            note(Entries(retries=[each.lost(clock, now).kept("answer_lost") for each in firings]))
        tally: Counter[str] = Counter()

        def settle(firing: Firing, outcome: Outcome) -> None:
            tally[outcome.kind.value] += 1
            self._settle(plan, firing, outcome, note)

        failure = self._delivery.deliver(plan, firings, settle, ended)
        log.info("%s: %s", ENTITY, ", ".join(f"{count} {kind}" for kind, count in tally.items()))
        if failure is not None:
            raise failure

    def _settle(self, plan: Plan, firing: Firing, outcome: Outcome, note: Note) -> None:
        outcome, reason = judged(self._ledger, self._direction, (firing.stream, firing.id), outcome)
        if outcome.kind in _WORTH_A_WARNING and outcome.reason != BUDGET_SPENT:
            who = f"action {firing.action} for {called(plan, firing.remote_id)}"
            log.warning("%s", told(who, outcome))
        batch = Entries(outcomes=[firing.row(outcome)], counts=counted(outcome))
        if not self._dry_run:
            self._remember(firing, outcome, reason, batch)
        note(batch)

    def _remember(self, firing: Firing, outcome: Outcome, reason: str, batch: Entries) -> None:
        """Keep what needs another try, or waits for a person."""
        parked = not reason and outcome.kind is Kind.REJECTED  # its signal won't come a second time
        if reason and firing.sent:
            self._delivery.apart.lose(firing, reason)
        elif not reason:
            batch.retries += self._delivery.apart.kept(firing)
        if reason or parked:
            kept = firing.kept(reason or outcome.reason)
            batch.retries.append(replace(kept, parked=parked))
        else:
            batch.settled.append((firing.stream, firing.id))
