"""One burst window of a service: what is known of it, and whether another call fits."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from heapq import merge
from itertools import islice

#: A call counts in a window for this much longer than the service says, so that neither a clock nor
#: the network makes us early; a share of the window's length.
_MARGIN = 0.015
#: So much of the quickest round trip is relied on: a quicker one may come.
_CREDIT = 0.9
#: After so many answers in a row that say so, others use the window as well; for so many windows it
#: isn't tried again to have one alone; that takes so many answers in a row that know of us only.
_SIGHTINGS, _SHARED_WINDOWS, _PROOFS = 3, 5, 8


@dataclass(frozen=True)
class Place:
    """A call's place in a burst window.

    Attributes:
        lane: The window.
        number: How many calls had left before it.
        ended: How many of those had their answers, so that the service has counted them for sure.
        method: The call's method: calls of one kind take about the same time.
        left_at: When it left, by the pacer's clock.
        gone: How many calls had surely left the service's window again by then.
    """

    lane: str
    number: int
    ended: int
    method: str = ""
    left_at: float = 0.0
    gone: int = 0


class OwnCalls:
    """Our own calls in a sliding window whose length and limit are known.

    A service counts a call somewhere between its leaving and its answer. The way back of one call
    and the way there of the next take together at least the quickest round trip of their kind: so a
    call may leave once the call whose room it takes was answered a window ago, less that quickest
    round trip. No delay that stays the same costs anything.
    """

    def __init__(self, seconds: float) -> None:
        """Start without a call.

        Args:
            seconds: The window's length.
        """
        self.limit: float | None = None
        self.waiting = 0
        self._seconds = seconds
        self._under_way = 0
        #: By method: when the calls that still count were answered.
        self._counting: dict[str, deque[float]] = {}
        self._answered: deque[float] = deque()
        self._gone = 0
        self._quickest: dict[str, float] = {}
        self._sighted = 0
        self._proofs = 0
        self._shared_until = -math.inf

    @property
    def latency(self) -> float:
        """Seconds of the quickest round trip of the slowest kind of call."""
        return max(self._quickest.values(), default=0.0)

    def leave(self, lane: str, number: int, ended: int, method: str, now: float) -> Place:
        """Take a place."""
        while self._answered and self._answered[0] <= now - self._seconds:
            self._answered.popleft()
            self._gone += 1
        self._under_way += 1
        return Place(lane, number, ended, method, now, self._gone)

    def answer(self, place: Place, now: float, *, came: bool) -> None:
        """Note that a call has its answer, or has lost it."""
        self._under_way -= 1
        self._answered.append(now)
        self._counting.setdefault(place.method, deque()).append(now)
        took = now - place.left_at
        if came:
            self._quickest[place.method] = min(took, self._quickest.get(place.method, took))

    def is_alone(self, now: float) -> bool:
        """Whether the limit is known, and nobody else seems to use the window."""
        proven = self._proofs >= _PROOFS and now >= self._shared_until
        return self.limit is not None and proven

    def learn(self, limit: float, others: float, now: float) -> None:
        """Take in the newest answer's limit, and how many calls in the window can't be ours."""
        self.limit = limit
        self._sighted = self._sighted + 1 if others >= 1 else 0
        if self._proofs < _PROOFS:
            self._proofs = self._proofs + 1 if others < 1 else 0
        if self._sighted >= _SIGHTINGS:
            self.share(now)

    def share(self, now: float) -> None:
        """Take it that others use the window: a refusal is a sign of that."""
        self._proofs = 0
        self._shared_until = now + _SHARED_WINDOWS * self._seconds

    def has_room(self, now: float) -> bool:
        """Whether a call that leaves now is certain to fit, as our own calls tell."""
        return self.is_alone(now) and self._room(now) >= 1

    def opens_at(self, now: float) -> float | None:
        """When a call behind those that wait may leave; None if only an answer can tell."""
        if not self.is_alone(now):
            return None
        behind = max(self.waiting + math.ceil(1 - self._room(now)) - 1, 0)
        leaving = [self._leaving(method) for method, calls in self._counting.items() if calls]
        if len(leaving) == 1:  # as while a target writes
            calls, later = leaving[0]
            return calls[min(behind, len(calls) - 1)] + later
        every = merge(*([at + later for at in calls] for calls, later in leaving))
        return next(iter(deque(islice(every, behind + 1), maxlen=1)), None)  # the last of these

    def _room(self, now: float) -> float:
        if self.limit is None:
            return 0.0
        self._forget(now)
        return self.limit - self._under_way - sum(map(len, self._counting.values()))

    def _leaving(self, method: str) -> tuple[deque[float], float]:
        """A kind's answered calls, ascending, and how much later they leave the window, surely."""
        quickest = min(self._quickest.get(method, 0.0), self._seconds)
        return self._counting[method], self._seconds * (1 + _MARGIN) - _CREDIT * quickest

    def _forget(self, now: float) -> None:
        for method in self._counting:
            calls, later = self._leaving(method)
            while calls and calls[0] + later <= now:
                calls.popleft()
