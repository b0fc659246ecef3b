"""The time since the last run that the ledger knows: it may have lost another one."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from sync_core.actions.moments import before, passed
from sync_core.ledger import Ledger
from sync_core.ledger.questions import last_end

#: How far back an activity counts as the one that a lost ledger would have remembered.
LOOK_BACK = timedelta(days=30)
#: Between runs of a schedule nothing is looked for; a backup that is restored is mostly older.
_LONG = timedelta(hours=1)
#: Services tell times to the second; what the last known run made itself lies before this.
_SECOND = timedelta(seconds=1)


class Pause:
    """The time since the end of the last run that the ledger knows."""

    def __init__(self, ledger: Ledger, direction: str) -> None:
        """Prepare; nothing is read yet.

        Args:
            ledger: The connection's memory.
            direction: Of the run.
        """
        self._ledger = ledger
        self._direction = direction

    @cached_property
    def _ended(self) -> str:
        return last_end(self._ledger, self._direction)

    def since(self, clock: str) -> str:
        """Since when an activity is of a run that the ledger doesn't know; empty: there was none.

        Args:
            clock: The time by Pipedrive's clock.
        """
        pause = passed(self._ended) if self._ended else timedelta()
        return before(clock, min(pause, LOOK_BACK) - _SECOND) if pause >= _LONG else ""
