"""One burst window as the service's answers describe it."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from sync_core.headers import LONGEST_WAIT_SECONDS
from sync_core.windows import OwnCalls, Place


class Said(NamedTuple):
    """What an answer's headers say of the window; None where they don't.

    Attributes:
        limit: Calls that it takes.
        remaining: Calls that may still leave.
        reset: Seconds until it opens again.
        retry_after: Seconds that a refusal asks for.
    """

    limit: float | None = None
    remaining: float | None = None
    reset: float | None = None
    retry_after: float | None = None


class Lane:
    """A window with what is known of it; whoever works with it holds the pacer's lock.

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

    def __init__(
        self, seconds: float | None, default_wait: float, documented: float | None = None
    ) -> None:
        """Start with nothing known.

        Args:
            seconds: The window's length, where it is known.
            default_wait: First wait in seconds where nothing says how long.
            documented: Calls that a window of known length takes at most, whatever answers say.
        """
        # Before the first answer nothing is known of the window: one call goes ahead and asks.
        self.left: float | None = 1
        self.sent = 0
        self.ended = 0
        self.newest = -1
        self.open_at = 0.0
        self.refused = 0
        self.refused_at = 0
        self.answered: deque[float] = deque()
        self.own = OwnCalls(seconds) if seconds else None
        self._seconds = seconds
        self._documented = documented
        self._default_wait = default_wait

    def is_ours(self, now: float) -> bool:
        """Whether length and limit are known and nobody else is seen: our own calls tell all."""
        return self.own is not None and self.own.is_alone(now)

    def has_room(self, now: float) -> bool:
        """Whether another call may leave."""
        if self.left is None or self.left >= 1:
            return True
        if self.own is not None and self.is_ours(now):
            return self.own.has_room(now)
        # With nothing under way no answer would ever make room: one call goes ahead and asks.
        return self.sent == self.ended

    def take(self, name: str, method: str, now: float) -> Place:
        """Let a call leave."""
        number, ended = self.sent, self.ended
        self.sent += 1
        self.left = None if self.left is None else self.left - 1
        if self.own is None:
            return Place(name, number, ended, method)
        return self.own.leave(name, number, ended, method, now)

    def end(self, place: Place, now: float, *, came: bool) -> None:
        """Note that a call has its answer, or has lost it."""
        self.ended += 1
        if self.own:
            self.own.answer(place, now, came=came)

    def learn(self, place: Place, said: Said, now: float) -> None:
        """Take in the answer of a call that was let through."""
        self.refused = 0
        self._note(now)
        said = self._sensible(place, said)
        if place.number > self.newest:  # answers overtake each other: the rest is older news
            self.newest = place.number
            uncounted = self.sent - place.ended - 1
            self.left = None if said.remaining is None else said.remaining - uncounted
            self._measure(place, said, now)
        if said.remaining is not None and said.remaining < 1 and not self.is_ours(now):
            self.close(self._reset(said, now), now)

    def refuse(self, place: Place, said: Said, now: float) -> float:
        """Take in a refusal; the seconds that it asks for."""
        asked = said.retry_after
        wait = self._reset(said, now) if asked is None else asked
        if place.number < self.refused_at:  # it was under way when another was refused
            return max(wait if asked is not None else self.open_at - now, 0.0)
        if self.refused:  # it didn't open when it was said to
            wait = max(wait, self._default_wait * 2.0 ** (self.refused - 1))
        self.refused += 1
        self.refused_at = self.sent
        if self.own:
            self.own.share(now)
        return wait

    def close(self, seconds: float, now: float) -> None:
        """Let nothing leave for some time."""
        self.open_at = max(self.open_at, now + seconds)
        self.left = 0

    def _sensible(self, place: Place, said: Said) -> Said:
        """What an answer says, with what is documented in place of what can't be.

        Where it doesn't tell what is left, our own calls do.
        """
        most = self._documented
        if most is None:
            return said
        odd = said.limit is not None and said.limit < 1
        limit = most if said.limit is None or odd else said.limit
        remaining = said.remaining
        if remaining is None or odd or remaining > limit:
            limit = min(limit, most)
            ours = self.sent - place.gone
            return said._replace(limit=limit, remaining=max(limit - ours, 0))
        beyond = max(limit - most, 0)
        return said._replace(limit=limit - beyond, remaining=max(remaining - beyond, 0))

    def _measure(self, place: Place, said: Said, now: float) -> None:
        limit, remaining = said.limit, said.remaining
        if self.own and remaining is not None and limit is not None and limit >= 1:
            ours_at_most = self.sent - place.gone
            self.own.learn(limit, limit - remaining - ours_at_most, now)

    def _note(self, now: float) -> None:
        if self._seconds is None:
            return
        self.answered.append(now)
        while self.answered[0] <= now - self._seconds:
            self.answered.popleft()

    def _reset(self, said: Said, now: float) -> float:
        # Pipedrive's reset is in relative seconds, seen live; its unit isn't documented.
        if said.reset is not None:
            return min(max(said.reset, 0.0), LONGEST_WAIT_SECONDS)
        wait = self._default_wait * 2.0**self.refused
        if self._seconds is not None and self.answered:
            # Our own oldest call leaves the window then, which makes room for one at least.
            wait = max(wait, self.answered[0] + self._seconds - now)
        return min(wait, LONGEST_WAIT_SECONDS)
