"""A destination field, with everything that writing to it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Whether a value is what the source said when both sides last agreed.
Said = Callable[[Any], bool]


class ValueMisfitError(ValueError):
    """A value that its destination field can't hold; the text says what was expected."""


def replaced(stored: Any, wanted: Any) -> Any:  # noqa: ARG001 - as `TargetField.combine` is called
    """What most fields are sent: the wanted value, whatever is stored."""
    return wanted


def kept(stored: Any, wanted: Any, said: Said) -> Any:  # noqa: ARG001 - as `renew` is called
    """What most fields do with a stored value: nothing, since it is replaced as a whole."""
    return stored


@dataclass(frozen=True)
class TargetField:
    """A destination field, with everything that writing to it takes.

    Attributes:
        key: What the destination's API calls it, and the ledger.
        label: What people call it.
        convert: Source value -> value to send; raises `ValueMisfitError`.
        plain: Stored value -> the value as the other side would hold it, for comparing.
        holds: Whether a stored value already says what a converted one says.
        combine: Stored value and converted value -> what to send; differs for lists, and where a
            part that the source doesn't tell is kept. Asked only when it is about to be written;
            raises `ValueMisfitError` where the two don't make a whole.
        renew: Stored value, converted value and `Said` -> the stored value, with the new one where
            the source's former one stood; asked before `combine`, for lists that others fill too.
        adds: Whether what is written stands beside what others wrote, of which nothing is lost.
        joins: Whether a value that gives way to the stored one still stands behind it.
        clearable: Whether a vanished source value empties it.
        whole: Whether it takes objects as they are rather than their main value.
        as_stored: Whether the service makes something of its own of what it is sent, so that both
            sides agree on what came back.
        known: Whether the destination has it already.
    """

    key: str
    label: str
    convert: Callable[[Any], Any]
    plain: Callable[[Any], Any] = lambda stored: stored
    holds: Callable[[Any, Any], bool] = lambda stored, wanted: bool(stored == wanted)
    combine: Callable[[Any, Any], Any] = replaced
    renew: Callable[[Any, Any, Said], Any] = kept
    adds: bool = False
    joins: bool = False
    clearable: bool = False
    whole: bool = False
    as_stored: bool = False
    known: bool = True

    @property
    def by_itself(self) -> bool:
        """Whether it can be written without knowing the stored value itself."""
        return self.combine is replaced
