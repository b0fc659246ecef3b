"""The share of a company's daily tokens that one run may spend."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from sync_core.errors import BudgetSpentError, ConfigurationError
from sync_core.headers import number

log = logging.getLogger(__name__)

DEFAULT_SHARE = 0.5
_GOES_ON = "the next run goes on where this one stopped"


@dataclass(frozen=True)
class Daily:
    """A company's daily tokens, around one run.

    Attributes:
        at_start: Left when the run began.
        left: Left now, by the service's latest answer.
        share: How many of those at the start the run may spend.
    """

    at_start: int
    left: int
    share: int


class Budget:
    """Counts what a run spends and refuses the call that would exceed its share; thread-safe.

    The whole company shares the daily tokens. What was left when the run began is known from its
    first answer; a service that doesn't say sets no cap. Once a call is refused all others are:
    a run that stops shouldn't make smaller calls in its place.
    """

    def __init__(self, service: str, header: str, share: float = DEFAULT_SHARE) -> None:
        """Begin a run.

        Args:
            service: The service's name, for messages.
            header: The header of an answer that says how many tokens are left.
            share: How much of what is left the run may spend, above 0 and up to 1.

        Raises:
            ConfigurationError: The share is out of range.
        """
        if not 0 < share <= 1:
            raise ConfigurationError(
                f"daily_token_share: expected a number above 0 and up to 1, got {share}"
            )
        self._service = service
        self._header = header
        self._share = share
        self._lock = threading.Lock()
        self._silent = False
        self._end: str | None = None
        self.spent = 0
        self.left: int | None = None
        self.at_start: int | None = None

    def admit(self, tokens: int) -> None:
        """Take the price of a call before it leaves.

        Raises:
            BudgetSpentError: The run has to stop.
        """
        with self._lock:
            if self._end is None and tokens:
                self._end = self._objection(tokens)
            if self._end is not None:
                raise BudgetSpentError(self._end)
            self.spent += tokens

    @property
    def daily(self) -> Daily | None:
        """How the day's tokens stand; None while the service hasn't said."""
        with self._lock:
            if self.at_start is None or self.left is None:
                return None
            return Daily(self.at_start, self.left, int(self._share * self.at_start))

    @property
    def remaining(self) -> int | None:
        """What the run may still spend; None while the service hasn't said what is left."""
        with self._lock:
            if self.at_start is None or self.left is None:
                return None
            return max(min(int(self._share * self.at_start) - self.spent, self.left), 0)

    def give_back(self, tokens: int) -> None:
        """Take back the price of a call that certainly never left."""
        with self._lock:
            self.spent -= tokens

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says is left."""
        left = number(headers.get(self._header))
        with self._lock:
            if left is not None:
                self.left = int(left)
                self.at_start = self.left + self.spent if self.at_start is None else self.at_start
            elif self.at_start is None and not self._silent:
                self._silent = True
                log.info(
                    "%s doesn't say how many daily tokens are left: daily_token_share sets no cap",
                    self._service,
                )

    def end(self) -> None:
        """The service itself says that the day's tokens are gone: no further call."""
        with self._lock:
            self._end = self._end or (
                f"{self._service}'s daily tokens are spent, {self.spent:,} of them by this run; "
                f"they come back overnight, and {_GOES_ON}"
            )

    def _objection(self, tokens: int) -> str | None:
        """Why a call can't be afforded; None where it can."""
        spent = f"{self.spent:,}"
        if self.at_start is not None and self.spent + tokens > self._share * self.at_start:
            return (
                f"this run has spent {spent} of {self._service}'s daily tokens, and its share is "
                f"{int(self._share * self.at_start):,} of the {self.at_start:,} that were left "
                f"when it began (daily_token_share {self._share:g}); {_GOES_ON}"
            )
        if self.left is not None and self.left < tokens:
            return (
                f"{self._service}'s daily tokens are spent but for {self.left:,}, {spent} of them "
                f"by this run; they come back overnight, and {_GOES_ON}"
            )
        return None
