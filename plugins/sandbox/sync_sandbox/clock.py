"""The sandbox's own time: both services read it, and tests move it instead of sleeping."""

from __future__ import annotations

import time
from datetime import datetime, timezone


class Clock:
    """Real time with an offset, or one frozen moment.

    Nothing in the sandbox reads the machine's time directly, so moving this clock moves
    time stamps, rate windows, budgets, token lives and lags together.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None

    def time(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.fromtimestamp(self.time(), tz=timezone.utc)

    def advance(self, seconds: float) -> None:
        """Move forward (or back, with a negative number)."""
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds

    def set(self, moment: datetime) -> None:
        """Jump to a moment; a frozen clock stays frozen there.

        Raises:
            ValueError: the moment has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError("the clock is set to a moment with a time zone, such as ...T10:00:00Z")
        if self._frozen is None:
            self._offset = moment.timestamp() - time.time()
        else:
            self._frozen = moment.timestamp()

    def freeze(self, frozen: bool) -> None:
        """Stop the clock where it is, or let it run on from there."""
        moment = self.time()
        self._frozen = moment if frozen else None
        self._offset = 0.0 if frozen else moment - time.time()

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen is not None

    def reset(self) -> None:
        """Back to real time."""
        self._offset, self._frozen = 0.0, None
