"""Staying below burst limits, from what the services say in their headers."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sync_core.headers import LONGEST_WAIT_SECONDS, number, retry_after
from sync_core.lanes import Lane, Said
from sync_core.windows import Place

DEFAULT_RESET_SECONDS = 2.0

#: How many calls are under way at once: what serves an unknown window, and what a machine carries.
FEWEST_WORKERS, MOST_WORKERS = 8, 64
#: Calls a second beyond which more threads make one process no faster.
FASTEST = 250.0
#: Refusals in a row after which calls aren't repeated any more.
MOST_REFUSALS = 5


class _Opening(NamedTuple):
    """When to look again, and whether that is a place in the queue for our own calls' room."""

    at: float
    queued: bool = False


class Pacer:
    """Lets calls leave only as the service's window has room; one for all threads of a client.

    A call takes its place before it leaves, so that threads never share the last one. An answer
    that says "n left" makes room for n calls less those that the service may not have counted in
    it: all that left later, and those that were under way. With no room left, the others wait for
    answers, or for the window's reset; where the window's length and limit are known, for the
    moment at which one of our own calls has left it, which keeps it as full as the service allows.
    """

    limit_header = "x-ratelimit-limit"
    remaining_header = "x-ratelimit-remaining"
    reset_header = "x-ratelimit-reset"
    budget_header: str | None = None
    #: Length of a sliding window, for a service that doesn't say when there is room again.
    window_seconds: float | None = None
    #: Calls that such a window takes at most by the service's documentation.
    documented_limit: float | None = None
    #: First wait where nothing says how long; doubled with each further refusal.
    default_wait = DEFAULT_RESET_SECONDS

    def __init__(
        self,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with nothing known.

        Args:
            sleep: How to wait, in seconds.
            clock: Monotonic seconds.
        """
        self._sleep = sleep
        self._clock = clock
        self._changed = threading.Condition()
        self._lanes: dict[str, Lane] = {}

    def before(self, lane: str = "", method: str = "") -> Place:
        """Wait for room in a window, and take it; `after` has to follow.

        Args:
            lane: The window.
            method: The call's method, since calls of one kind take about the same time.
        """
        while not isinstance(found := self._enter(lane, method), Place):
            self._sleep(max(found.at - self._clock(), 0.0))
            with self._changed:
                self._wake(self._lane(lane), found)
        return found

    def workers(self, lane: str = "") -> int:
        """How many calls should be under way at once to use all of a window, as far as is known."""
        with self._changed:
            own = self._lane(lane).own
        if own is None or own.limit is None or self.window_seconds is None:
            return FEWEST_WORKERS
        a_second = min(own.limit / self.window_seconds, FASTEST)
        wanted = math.ceil(a_second * own.latency * 2) + 4
        return min(max(wanted, FEWEST_WORKERS), MOST_WORKERS)

    def whole_windows(self, most: int, lane: str = "") -> int:
        """The most calls, up to so many, that fill windows to their end; `most` while unknown.

        Calls sent by a batch that ends in the middle of a window wait for the calls of a window
        ago, and only then for their own answers; where it ends with the window, the answers come
        while nothing may leave anyway.
        """
        with self._changed:
            own = self._lane(lane).own
        limit = int(own.limit or 0) if own else 0
        return most - most % limit if 1 <= limit <= most else most

    def after(
        self,
        place: Place,
        headers: Mapping[str, str] | None,
        *,
        refused: bool = False,
        longest: float = LONGEST_WAIT_SECONDS,
    ) -> float:
        """Learn from an answer, or from its loss.

        Args:
            place: The call's.
            headers: The answer's; None where none came.
            refused: Whether the burst limit refused it: then the window closes for all threads.
            longest: Seconds that a refusal closes it at most.

        Returns:
            Seconds until a refused call may be sent again.
        """
        said = self._said(headers or {})
        with self._changed:
            window, now = self._lane(place.lane), self._clock()
            window.end(place, now, came=headers is not None)
            wait = 0.0
            if refused:
                wait = min(window.refuse(place, said, now), longest)
                window.close(wait, now)
            elif headers is not None:
                window.learn(place, said, now)
            self._changed.notify_all()
            return wait

    def is_stuck(self, lane: str = "") -> bool:
        """Whether refusal has followed refusal for so long that trying on would be hammering."""
        with self._changed:
            return self._lane(lane).refused >= MOST_REFUSALS

    def budget_spent(self, headers: Mapping[str, str], tokens: int = 0) -> bool:
        """Whether a 429 means the daily budget rather than the burst window.

        Args:
            headers: The answer's.
            tokens: What the refused call would have cost.
        """
        if self.budget_header is None:
            return False
        left = number(headers.get(self.budget_header))
        return left is not None and left < max(tokens, 1)

    def _said(self, headers: Mapping[str, str]) -> Said:
        return Said(
            limit=number(headers.get(self.limit_header)),
            remaining=number(headers.get(self.remaining_header)),
            reset=number(headers.get(self.reset_header)),
            retry_after=retry_after(headers),
        )

    def _lane(self, name: str) -> Lane:
        if name not in self._lanes:
            self._lanes[name] = Lane(self.window_seconds, self.default_wait, self.documented_limit)
        return self._lanes[name]

    def _enter(self, lane: str, method: str) -> Place | _Opening:
        """Take a place, or tell when to look again."""
        with self._changed:
            window = self._lane(lane)
            while True:
                now = self._clock()  # one moment for all questions: between two a window may open
                if window.open_at > now:
                    return _Opening(window.open_at)
                if window.has_room(now):
                    return window.take(lane, method, now)
                if (opening := self._opening(window, now)) is not None:
                    return opening
                self._changed.wait()

    @staticmethod
    def _opening(window: Lane, now: float) -> _Opening | None:
        """When to look again; None if only an answer can tell, which is sure to come."""
        at = window.own.opens_at(now) if window.own else None
        if at is None or window.own is None:
            return None
        window.own.waiting += 1
        return _Opening(at, queued=True)

    @staticmethod
    def _wake(window: Lane, opening: _Opening) -> None:
        if opening.queued and window.own:
            window.own.waiting -= 1
        elif window.open_at == opening.at:
            # Open now, whatever the clock says; unless an answer closed it anew meanwhile.
            window.open_at = 0.0
