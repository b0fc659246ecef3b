"""What comes after a batch, such as the activities that its records call for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from sync_core.engine.model import Item, Plan
from sync_core.ledger.writing import Entries

#: Records and counts what became of something.
Note = Callable[[Entries], None]
#: What ends the run, once something does: then nothing more is sent.
Ended = Callable[[], Exception | None]


class Follower(Protocol):
    """What comes after a batch: what that will be is recorded with the batch, and then done."""

    @property
    def cost(self) -> tuple[int, int]:
        """Calls and tokens of what it would have sent, had this been no dry run."""

    def watch(self, plan: Plan, items: Sequence[Item], batch: Entries, /) -> None:
        """Look at what became of a batch's items, and add to what is recorded of them."""

    def __call__(self, plan: Plan, items: Sequence[Item], note: Note, ended: Ended, /) -> None:
        """Do what follows from a recorded batch, while nothing ends the run, and note it."""
