"""Rate limits: the rolling 2-second windows and the company's daily token budget."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sync_sandbox.pipedrive.errors import ApiError

if TYPE_CHECKING:
    from sync_sandbox.clock import Clock
    from sync_sandbox.pipedrive.auth import Identity
    from sync_sandbox.switches import Switches

WINDOW = 2.0
DAY = 86_400
HAMMER_SECONDS = 10
BLOCK_SECONDS = 60
SEARCH_BURST = 10
UNLIMITED = 1_000_000_000
DAILY_BASE = 30_000
# Plan: budget multiplier, burst with an API token, burst with an OAuth token (rate limit page).
PLANS: dict[str, tuple[int, int, int]] = {
    "lite": (1, 20, 80),
    "growth": (2, 40, 160),
    "premium": (5, 100, 400),
    "ultimate": (7, 120, 480),
}


class TooManyError(ApiError):
    """429. Burst and daily can't be told apart by the body: it is not documented."""

    def __init__(self, retry_after: int | None) -> None:
        text = "You have made too many requests."
        super().__init__(429, "Rate limit exceeded", text, errorCode=429)
        self._retry_after = retry_after

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Retry-After, where the switch asks for it."""
        if self._retry_after is None:
            return []
        return [(b"retry-after", b"%d" % self._retry_after)]


class BlockedError(ApiError):
    """403 with a page instead of JSON: what stands before the API has had enough."""

    def __init__(self) -> None:
        super().__init__(403, "blocked")


class Window:
    """Requests of one credential in the last two seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def count(self, now: float) -> int:
        """How many there were."""
        times = self._times
        while times and times[0] <= now - WINDOW:
            times.popleft()
        return len(times)

    def add(self, now: float) -> None:
        """One more."""
        self._times.append(now)

    def reset_in(self, now: float) -> int:
        """Whole seconds until the oldest one leaves the window."""
        return max(1, int(self._times[0] + WINDOW - now + 0.999)) if self._times else int(WINDOW)


class Limits:
    """Counts requests and tokens of one company."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self.configure("unlimited", 1)

    def configure(self, plan: str, seats: int) -> None:
        """Take a plan; all counts start anew."""
        self.plan = plan
        multiplier = PLANS[plan][0] if plan in PLANS else 0
        self.daily_limit = DAILY_BASE * multiplier * seats or UNLIMITED
        self.reset()

    def reset(self) -> None:
        """Forget all counts."""
        self._windows: dict[str, Window] = {}
        self._refused: dict[str, deque[float]] = {}
        self._blocked: dict[str, float] = {}
        self._day = self._today()
        self.spent = 0

    def _today(self) -> int:
        # The budget returns at midnight of an unnamed server's time zone; UTC here.
        return int(self._clock.time() // DAY)

    @property
    def left(self) -> int:
        """Tokens left today."""
        if (today := self._today()) != self._day:
            self._day, self.spent = today, 0
        return max(0, self.daily_limit - self.spent)

    def burst(self, identity: Identity, *, search: bool) -> int:
        """Requests that a credential may make in two seconds."""
        if self.plan not in PLANS:
            return UNLIMITED
        if search:
            return SEARCH_BURST
        return PLANS[self.plan][1 if identity.scopes is None else 2]

    def admit(self, identity: Identity, cost: int, *, search: bool) -> None:
        """Let a request in, or refuse it.

        Raises:
            TooManyError: a window is full, or the day's tokens don't cover it.
        """
        if self.plan not in PLANS:
            return
        now = self._clock.time()
        if self._blocked.get(identity.credential, 0) > now:
            raise BlockedError
        windows = [self._window(identity, search=kind) for kind in self._kinds(search)]
        full = any(
            window.count(now) >= self.burst(identity, search=kind)
            for window, kind in zip(windows, self._kinds(search), strict=True)
        )
        if full or self.left < cost:
            self._refuse(identity, now)
        for window in windows:
            window.add(now)

    def _refuse(self, identity: Identity, now: float) -> None:
        """429, and the block for an API token that hammers on."""
        after = self._switches.get("pipedrive.block_after_429")
        recent = self._refused.setdefault(identity.credential, deque())
        recent.append(now)
        while recent[0] <= now - HAMMER_SECONDS:
            recent.popleft()
        if after and identity.scopes is None and len(recent) >= after:
            self._blocked[identity.credential] = now + BLOCK_SECONDS
        retry_after = self._switches.get("pipedrive.retry_after_header")
        raise TooManyError(int(WINDOW) if retry_after else None)

    def _kinds(self, search: bool) -> tuple[bool, ...]:
        if not search:
            return (False,)
        both = self._switches.get("pipedrive.search_in_burst_window")
        return (True, False) if both else (True,)

    def _window(self, identity: Identity, *, search: bool) -> Window:
        key = f"search:{identity.credential}" if search else identity.credential
        return self._windows.setdefault(key, Window())

    def spend(self, tokens: int) -> None:
        """Take tokens from the day's budget."""
        if self.left:
            self.spent += tokens

    def headers(self, identity: Identity, *, search: bool) -> list[tuple[bytes, bytes]]:
        """The headers that each answer carries."""
        limit = self.burst(identity, search=search)
        window, now = self._window(identity, search=search), self._clock.time()
        rows = [
            (b"x-ratelimit-limit", b"%d" % limit),
            (b"x-ratelimit-remaining", b"%d" % max(0, limit - window.count(now))),
            (b"x-ratelimit-reset", b"%d" % window.reset_in(now)),
        ]
        if self._switches.get("pipedrive.daily_headers"):
            rows.append((b"x-daily-ratelimit-token-limit", b"%d" % self.daily_limit))
            rows.append((b"x-daily-ratelimit-token-remaining", b"%d" % self.left))
        return rows
