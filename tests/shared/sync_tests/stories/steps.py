"""The steps that stories of all services know. Their text can be pasted into a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Step = Any


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    seconds: int = 1


@dataclass(frozen=True)
class Run:
    """A run of the tap.

    Attributes:
        size: How many pages of one list are under way, where the tap has a setting for that.
        turns: Decides in which order pages that are under way are read, and come.
        during: What happens before which of its requests: `((3, Wait()), ...)`.
        faults: Which requests fail, how, and how often in a row: `((3, "500", 1), ...)`.
        kill: How many of a hundred messages reach the target; None: all.
        back: Of the states that the target got, how many it has lost again.
        budget: Tokens that the run may spend.
        skew: Seconds by which this machine's clock is ahead of the service's.
        pace: Seconds that pass before each request but the first.
    """

    size: int = 2
    turns: int = 0
    during: tuple[tuple[int, Step], ...] = ()
    faults: tuple[tuple[int, str, int], ...] = ()
    kill: int | None = None
    back: int = 0
    budget: int | None = None
    skew: int = 0
    pace: int = 0


@dataclass(frozen=True)
class Lose:
    """The state is lost."""


@dataclass(frozen=True)
class Discover:
    """A catalog is made, without the state, and all later runs are given it."""


@dataclass(frozen=True)
class Rest:
    """Nothing is under way any more, and a run ends well: the table has to equal the truth."""

    size: int = 2
