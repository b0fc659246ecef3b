"""The actions of a run: watch every record that passes, and see to what they call for."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from sync_core.actions.delivering import Delivery
from sync_core.actions.firing import ENTITY, Firing, counted, kept_under, restored
from sync_core.actions.pausing import Pause
from sync_core.actions.placeholders import Accounts
from sync_core.actions.settings import Action
from sync_core.actions.watcher import Watcher
from sync_core.engine import Item, Kind, Outcome, Plan
from sync_core.engine.giving_up import judged
from sync_core.engine.model import BUDGET_SPENT
from sync_core.engine.recalling import PORTION
from sync_core.ledger import Ledger
from sync_core.ledger.portions import portions
from sync_core.ledger.writing import Entries
from sync_core.mapping import Related, SourceSchema
from sync_core.settings import collected

log = logging.getLogger(__name__)

Note = Callable[[Entries], None]
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
            Watcher(each, ledger, self._activities, dry_run=self._dry_run) for each in actions
        ]
        self._accounts = Accounts(related)
        self._ledger = ledger
        self._direction = direction
        self._pause = Pause(ledger, direction)
        self._recalled: set[str] = set()

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

    def __call__(self, plan: Plan, items: Sequence[Item], note: Note) -> None:
        """Watch a batch, and deliver what it calls for and what earlier runs have kept.

        Raises:
            ApiError: Nothing can go on; what is left is kept.
        """
        watchers = self._of(plan.stream)
        kept = self._recall(plan.stream, watchers)
        # What is new is noted with the first of them: whatever becomes of those, it isn't lost.
        firings, seen = next(kept, []), Entries()
        for watcher in watchers:
            firings += watcher.watch(plan, items, self._accounts, seen)
        self._deliver(plan, firings, seen, note)
        for portion in kept:
            self._deliver(plan, portion, Entries(), note)
        if self._delivery.budget_spent is not None:
            raise self._delivery.budget_spent

    def _of(self, stream: str) -> list[Watcher]:
        return [each for each in self._watchers if each.action.stream == stream]

    def _recall(self, stream: str, watchers: Iterable[Watcher]) -> Iterator[list[Firing]]:
        """What earlier runs kept, in portions; once per run."""
        if stream in self._recalled:
            return
        self._recalled.add(stream)
        names = [kept_under(each.action.name) for each in watchers]
        every = (
            restored(each.payload)
            for name in names
            for portion in portions(self._ledger, self._direction, name, PORTION)
            for each in portion
        )
        while firings := list(islice(every, PORTION)):
            yield firings

    def _deliver(self, plan: Plan, firings: list[Firing], seen: Entries, note: Note) -> None:
        """Note what was seen together with what follows from it, and then let it follow."""
        clock = self._activities.clock
        for each in firings:  # they may have been made already, as far as this ledger knows
            each.since = each.since or self._pause.since(clock)
        announced = [] if self._dry_run else [each.lost(clock) for each in firings]
        seen.retries += [each.kept("answer_lost") for each in announced]
        if seen != Entries():
            note(seen)
        if firings:
            self._see_to(plan, firings, note)

    def _see_to(self, plan: Plan, firings: Sequence[Firing], note: Note) -> None:
        tally: Counter[str] = Counter()

        def settle(firing: Firing, outcome: Outcome) -> None:
            tally[outcome.kind.value] += 1
            self._settle(firing, outcome, note)

        failure = self._delivery.deliver(plan, firings, settle)
        log.info("%s: %s", ENTITY, ", ".join(f"{count} {kind}" for kind, count in tally.items()))
        if failure is not None:
            raise failure

    def _settle(self, firing: Firing, outcome: Outcome, note: Note) -> None:
        outcome, reason = judged(self._ledger, self._direction, (firing.stream, firing.id), outcome)
        if outcome.kind in _WORTH_A_WARNING and outcome.reason != BUDGET_SPENT:
            log.warning("%s %s (%s)", firing.said(outcome), outcome.kind.value, outcome.reason)
        batch = Entries(outcomes=[firing.row(outcome)], counts=counted(outcome))
        parked = not reason and outcome.kind is Kind.REJECTED  # its signal won't come a second time
        if not self._dry_run and (reason or parked):
            kept = firing.kept(reason or outcome.reason)
            batch.retries.append(replace(kept, parked=parked))
        elif not self._dry_run:
            batch.settled.append((firing.stream, firing.id))
        note(batch)
