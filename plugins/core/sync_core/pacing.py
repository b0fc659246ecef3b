"""Counting calls and staying below burst limits, from what the services say in their headers."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sync_core import times
from sync_core.windows import OwnCalls, Place

if TYPE_CHECKING:
    import requests

DEFAULT_RESET_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 60.0
NO_ANSWER = "no answer"

#: How many calls are under way at once: what serves an unknown window, and what a machine carries.
FEWEST_WORKERS, MOST_WORKERS = 8, 64
#: Calls a second beyond which more threads make one process no faster.
FASTEST = 250.0
#: Refusals in a row after which calls aren't repeated any more.
MOST_REFUSALS = 5


class _Priced(Protocol):
    @property
    def method(self) -> str: ...
    @property
    def tokens(self) -> int: ...
    @property
    def kind(self) -> str: ...


class Usage:
    """Calls and tokens of one run; every call that left is counted.

    Whether a refused call costs tokens isn't documented, and one without an answer may have been
    carried out: we count both as if they did. A refused connection is no call.

    Attributes:
        first_answer_at: When the run began by the service's clock, as comparable text; empty if it
            doesn't say.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls = 0
        self.tokens = 0
        self.by_method: Counter[str] = Counter()
        self.by_kind: Counter[str] = Counter()
        self.first_answer_at = ""

    def add(self, call: _Priced, response: requests.Response | None) -> None:
        """Count one call, with its answer or, where none came, without."""
        with self._lock:
            self.calls += 1
            self.tokens += call.tokens
            self.by_kind[call.kind] += call.tokens
            end = NO_ANSWER if response is None else response.status_code
            self.by_method[f"{call.method} {end}"] += 1
            if response is not None and not self.first_answer_at:
                self.first_answer_at = times.from_http_date(response.headers.get("Date"))


class _Opening(NamedTuple):
    """When to look again, and whether that is a place in the queue for our own calls' room."""

    at: float
    queued: bool = False


class _Lane:
    """One burst window as the answers so far describe it.

    Attributes:
        left: Calls that may still leave; None while the service's headers say nothing.
        sent: Calls that have left.
        ended: Calls of these that have an answer, or have lost it.
        newest: The latest call that an answer is known of.
        open_at: When the window opens again, by the pacer's clock.
        refused: Refusals in a row; those of calls that were under way together are one.
        refused_at: How many calls had left at the latest refusal.
        answered: When the window's latest answers came.
        own: Our own calls in it, where its length is known.
    """

    def __init__(self, own: OwnCalls | None) -> None:
        # Before the first answer nothing is known of the window: one call goes ahead and asks.
        self.left: float | None = 1
        self.sent = 0
        self.ended = 0
        self.newest = -1
        self.open_at = 0.0
        self.refused = 0
        self.refused_at = 0
        self.answered: deque[float] = deque()
        self.own = own

    def is_ours(self, now: float) -> bool:
        """Whether length and limit are known and nobody else is seen: our own calls tell all."""
        return self.own is not None and self.own.is_alone(now)

    def has_room(self, now: float) -> bool:
        if self.left is None or self.left >= 1:
            return True
        if self.own is not None and self.is_ours(now):
            return self.own.has_room(now)
        # With nothing under way no answer would ever make room: one call goes ahead and asks.
        return self.sent == self.ended


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
        self._lanes: dict[str, _Lane] = {}

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
        with self._changed:
            window = self._lane(place.lane)
            window.ended += 1
            if window.own:
                window.own.answer(place, self._clock(), came=headers is not None)
            wait = 0.0
            if refused:
                wait = min(self._refuse(window, place, headers or {}), longest)
                self._close(window, wait)
            elif headers is not None:
                self._learn(window, place, headers)
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

    def _lane(self, name: str) -> _Lane:
        if name not in self._lanes:
            own = OwnCalls(self.window_seconds) if self.window_seconds else None
            self._lanes[name] = _Lane(own)
        return self._lanes[name]

    def _enter(self, lane: str, method: str) -> Place | _Opening:
        """Take a place, or tell when to look again."""
        with self._changed:
            window = self._lane(lane)
            while True:
                now = self._clock()  # one moment for all questions: between two a window may open
                if self._is_closed(window):
                    return _Opening(window.open_at)
                if window.has_room(now):
                    return self._take(window, lane, method)
                if (opening := self._opening(window, now)) is not None:
                    return opening
                self._changed.wait()

    @staticmethod
    def _opening(window: _Lane, now: float) -> _Opening | None:
        """When to look again; None if only an answer can tell, which is sure to come."""
        at = window.own.opens_at(now) if window.own else None
        if at is None or window.own is None:
            return None
        window.own.waiting += 1
        return _Opening(at, queued=True)

    @staticmethod
    def _wake(window: _Lane, opening: _Opening) -> None:
        if opening.queued and window.own:
            window.own.waiting -= 1
        elif window.open_at == opening.at:
            # Open now, whatever the clock says; unless an answer closed it anew meanwhile.
            window.open_at = 0.0

    def _take(self, window: _Lane, lane: str, method: str) -> Place:
        number, ended = window.sent, window.ended
        window.sent += 1
        window.left = None if window.left is None else window.left - 1
        if window.own is None:
            return Place(lane, number, ended, method)
        return window.own.leave(lane, number, ended, method, self._clock())

    def _is_closed(self, window: _Lane) -> bool:
        return window.open_at > self._clock()

    def _learn(self, window: _Lane, place: Place, headers: Mapping[str, str]) -> None:
        window.refused = 0
        self._note(window)
        remaining = number(headers.get(self.remaining_header))
        if place.number > window.newest:  # answers overtake each other: the rest is older news
            window.newest = place.number
            uncounted = window.sent - place.ended - 1
            window.left = None if remaining is None else remaining - uncounted
            self._measure(window, place, headers, remaining)
        if remaining is not None and remaining < 1 and not window.is_ours(self._clock()):
            self._close(window, self._reset(window, headers))

    def _measure(
        self, window: _Lane, place: Place, headers: Mapping[str, str], remaining: float | None
    ) -> None:
        limit = number(headers.get(self.limit_header))
        if window.own and remaining is not None and limit is not None and limit >= 1:
            ours_at_most = window.sent - place.gone
            window.own.learn(limit, limit - remaining - ours_at_most, self._clock())

    def _refuse(self, window: _Lane, place: Place, headers: Mapping[str, str]) -> float:
        asked = retry_after(headers.get("Retry-After"))
        wait = self._reset(window, headers) if asked is None else asked
        if place.number < window.refused_at:  # it was under way when another was refused
            return max(wait if asked is not None else window.open_at - self._clock(), 0.0)
        window.refused += 1
        window.refused_at = window.sent
        if window.own:
            window.own.share(self._clock())
        return wait

    def _close(self, window: _Lane, seconds: float) -> None:
        window.open_at = max(window.open_at, self._clock() + seconds)
        window.left = 0

    def _note(self, window: _Lane) -> None:
        if self.window_seconds is None:
            return
        now = self._clock()
        window.answered.append(now)
        while window.answered[0] <= now - self.window_seconds:
            window.answered.popleft()

    def _reset(self, window: _Lane, headers: Mapping[str, str]) -> float:
        # Pipedrive's reset is in relative seconds, seen live; its unit isn't documented.
        said = number(headers.get(self.reset_header))
        if said is not None:
            return min(max(said, 0.0), LONGEST_WAIT_SECONDS)
        wait = self.default_wait * 2.0**window.refused
        if self.window_seconds is not None and window.answered:
            # Our own oldest call leaves the window then, which makes room for one at least.
            wait = max(wait, window.answered[0] + self.window_seconds - self._clock())
        return min(wait, LONGEST_WAIT_SECONDS)


def number(text: str | None) -> float | None:
    """A header's number; None where it is missing or none."""
    try:
        found = None if text is None else float(text)
    except ValueError:
        return None
    return found if found is not None and math.isfinite(found) else None


def retry_after(text: str | None) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or as a date; never more than a minute."""
    seconds = number(text)
    if seconds is None:
        moment = times.from_http_date(text)
        seconds = -times.seconds_since(moment) if moment else None
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)
