"""How patient the ledger is, and how long it remembers; the settings of both targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Policy:
    """The ledger's settings, under the names that they have in both targets.

    Attributes:
        retry_limit: Tries after which a record that keeps failing is given up; 0: never.
        keep_outcomes_days: Days after which a run and its outcomes are forgotten; 0: never.
        lock_wait_seconds: How long a run waits for another one of its connection and direction.
        ledger_values: `hashed`, or `plain` where agreed and written values are kept as they are.
    """

    retry_limit: int = 12
    keep_outcomes_days: int = 365
    lock_wait_seconds: float = 60
    ledger_values: str = "hashed"

    @property
    def plain(self) -> bool:
        """Whether the ledger keeps values as they are, and not their digests alone."""
        return self.ledger_values == "plain"

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Policy:
        """The policy that a target's settings ask for; what isn't set stays as it is here."""
        names = [each.name for each in fields(cls)]
        return cls(**{name: config[name] for name in names if config.get(name) is not None})
