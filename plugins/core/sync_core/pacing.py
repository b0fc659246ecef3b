"""Counting calls and staying below burst limits, from what the services say in their headers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from sync_core.times import from_http_date

if TYPE_CHECKING:
    import requests

DEFAULT_RESET_SECONDS = 2.0


class _Priced(Protocol):
    @property
    def method(self) -> str: ...
    @property
    def tokens(self) -> int: ...


class Usage:
    """Calls and tokens of one run; every call is counted, refused ones too.

    Whether a refused call costs tokens isn't documented: we count as if it did.

    Attributes:
        first_answer_at: When the run began by the service's clock, as comparable text; empty if it
            doesn't say.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls = 0
        self.tokens = 0
        self.by_method: Counter[str] = Counter()
        self.first_answer_at = ""

    def add(self, call: _Priced, response: requests.Response) -> None:
        """Count one answered call."""
        with self._lock:
            self.calls += 1
            self.tokens += call.tokens
            self.by_method[f"{call.method} {response.status_code}"] += 1
            if not self.first_answer_at:
                self.first_answer_at = from_http_date(response.headers.get("Date"))


class Pacer:
    """Waits when a service says that its window is used up; one for all threads of a client."""

    remaining_header = "x-ratelimit-remaining"
    reset_header = "x-ratelimit-reset"
    budget_header: str | None = None

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
        self._lock = threading.Lock()
        self._open_at = 0.0

    def before(self) -> None:
        """Wait until the window is open again."""
        with self._lock:
            wait = self._open_at - self._clock()
        if wait > 0:
            self._sleep(wait)

    def after(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer's headers."""
        remaining = _number(headers.get(self.remaining_header))
        if remaining is not None and remaining < 1:
            with self._lock:
                self._open_at = max(self._open_at, self._clock() + self._reset(headers))

    def wait_after_refusal(self, headers: Mapping[str, str]) -> float:
        """Seconds to wait after a 429: `Retry-After` if given, else the window's reset."""
        retry_after = _number(headers.get("Retry-After"))
        return retry_after if retry_after is not None else self._reset(headers)

    def budget_spent(self, headers: Mapping[str, str]) -> bool:
        """Whether a 429 means the daily budget rather than the burst window."""
        if self.budget_header is None:
            return False
        left = _number(headers.get(self.budget_header))
        return left is not None and left <= 0

    def _reset(self, headers: Mapping[str, str]) -> float:
        # Pipedrive's reset is in relative seconds, seen live; its unit isn't documented.
        seconds = _number(headers.get(self.reset_header))
        return DEFAULT_RESET_SECONDS if seconds is None else max(seconds, 0.0)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
