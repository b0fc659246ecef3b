"""The time since the last run that the ledger knows: it may have lost another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from statistics import median

from sync_core import times
from sync_core.actions.moments import before, parsed, passed
from sync_core.ledger import Ledger
from sync_core.ledger.questions import last_spans

#: How far back an activity counts as the one that a lost ledger would have remembered.
LOOK_BACK = timedelta(days=30)
#: So long a pause is one in any case. To look at every pause would cost a list in every run.
_LONG = timedelta(hours=1)
#: So short a pause is none in any case.
_SHORT = timedelta(minutes=1)
#: A pause so many times as long as usual lacks a run: a restored ledger may have forgotten it.
_UNUSUAL = 1.5
#: So many pauses tell what is usual, and no fewer than so many.
_MOST, _FEWEST = 7, 3
#: Services tell times to the second; what the last known run made itself lies before this.
_SECOND = timedelta(seconds=1)


class Pause:
    """The time since the end of the last run that the ledger knows."""

    def __init__(self, ledger: Ledger, direction: str) -> None:
        """Prepare, as a run begins; nothing is read yet.

        Args:
            ledger: The connection's memory.
            direction: Of the run.
        """
        self._ledger = ledger
        self._direction = direction
        self._began = times.now()

    @cached_property
    def _ended(self) -> str:
        """When the last run was over, if a run may be missing since; empty otherwise."""
        spans = last_spans(self._ledger, self._direction, _MOST + 1)
        if not spans:
            return ""
        ended = spans[0][1]
        return ended if _between(ended, self._began) >= _long(spans) else ""

    def since(self, clock: str) -> str:
        """Since when an activity is of a run that the ledger doesn't know; empty: there was none.

        Args:
            clock: The time by Pipedrive's clock.
        """
        if not self._ended:
            return ""
        return before(clock, min(passed(self._ended), LOOK_BACK) - _SECOND)


def _long(spans: Sequence[tuple[str, str]]) -> timedelta:
    """The pause from which on a run may be missing, by the rhythm of the last ones."""
    pauses = [_between(ended, began).total_seconds() for (began, _), (_, ended) in pairwise(spans)]
    if len(pauses) < _FEWEST:
        return _LONG
    return max(_SHORT, min(_LONG, timedelta(seconds=_UNUSUAL * median(pauses))))


def _between(earlier: str, later: str) -> timedelta:
    return parsed(later) - parsed(earlier)
