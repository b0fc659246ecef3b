"""What both sides last agreed on, for one line."""

from __future__ import annotations

from dataclasses import dataclass

from sync_core.canonical import EMPTY

#: Stands before a digest so that no value is like it.
_UNHEARD = "!"


@dataclass(frozen=True)
class Agreed:
    """Digests of one field's values on both sides when they last agreed.

    Attributes:
        pipedrive: Digest of the value in Pipedrive; see `unheard`.
        other: Digest of the value in journy, or in another source.
        other_written: When we wrote it there, by that service's clock; empty if we didn't.
    """

    pipedrive: str
    other: str
    other_written: str = ""

    @property
    def held(self) -> str:
        """Digest of the value that Pipedrive had, whether or not a later one is unheard of."""
        return self.pipedrive.removeprefix(_UNHEARD)


def unheard(held: str) -> str:
    """Mark what Pipedrive had when another value of its own won: whatever it has next is news."""
    return held if held.startswith(_UNHEARD) else _UNHEARD + held


#: What is agreed on where neither side has a value.
NO_VALUE = Agreed(EMPTY, EMPTY)
