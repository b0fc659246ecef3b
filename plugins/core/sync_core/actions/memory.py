"""What one action remembers of records, and since when it watches them without a gap."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import replace

from sync_core import times
from sync_core.actions.conditions import State
from sync_core.actions.settings import Action
from sync_core.ledger import Ledger
from sync_core.ledger.questions import came_since
from sync_core.ledger.triggers import Trigger, remembered
from sync_core.ledger.writing import Entries

log = logging.getLogger(__name__)

#: Beside a state's conditions: since when the action watches, where that isn't for the first time.
_AGAIN = "again"


class Memory:
    """One action's memory in one run.

    Attributes:
        began: When the action began to watch for its conditions.
        knew: Whether an earlier run had begun.
    """

    def __init__(self, action: Action, ledger: Ledger, direction: str, *, dry_run: bool) -> None:
        self._action = action
        self._ledger = ledger
        self._direction = direction
        self._dry_run = dry_run
        self._own: Trigger | None = None
        #: A dry run remembers nothing for later, but must not count an edge twice either.
        self._dreamt: dict[str, Trigger] = {}
        self.began = ""
        self.knew = False

    def begin(self, marks: Collection[str], batch: Entries, clock: str) -> None:
        """Go on from the last run, or begin anew; once per run.

        Args:
            marks: Names of the action's conditions.
            batch: Takes what is to be remembered.
            clock: The time by a service's clock, which the sources' times are compared with.
        """
        if self._own is not None:
            return
        now, name = times.now(), self._action.name
        known = remembered(self._ledger, name, [""]).get("")
        self.knew = known is not None
        state, self.began = dict.fromkeys(marks, ""), clock
        if known is not None and self._goes_on(known, state):
            state, self.began = dict(known.state), known.seen
        elif known is not None:
            state[_AGAIN] = now
            log.info("%s: begins anew; what is so by now is learned and no signal", name)
        self._own = Trigger(name, "", state, self.began, now)
        self.remember(self._own, batch)

    def _goes_on(self, known: Trigger, marks: State) -> bool:
        """Whether the action has the same conditions as before, and saw all that came since."""
        conditions = {mark: stood for mark, stood in known.state.items() if mark != _AGAIN}
        eager, stream = self._action.fire_on_first_run, self._action.stream
        # What an eager one would learn it would fire for, though it may have done so before.
        return conditions == marks and (
            eager
            or not known.fired
            or not came_since(self._ledger, self._direction, stream, known.fired)
        )

    def recall(self, records: Iterable[str]) -> dict[str, Trigger]:
        """What is remembered of some records; of a time before the action began, no state."""
        known = {**remembered(self._ledger, self._action.name, records), **self._dreamt}
        if not (again := self.blank().items()):
            return known
        return {
            record: each if again <= each.state.items() else replace(each, state={})
            for record, each in known.items()
        }

    def blank(self) -> State:
        """A record's state before anything is known of it."""
        again = self._own.state.get(_AGAIN) if self._own else None
        return {_AGAIN: again} if again else {}

    def remember(self, trigger: Trigger, batch: Entries) -> None:
        """Keep what is known of a record by now."""
        if self._dry_run:
            self._dreamt[trigger.record] = trigger
        else:
            batch.triggers.append(trigger)
