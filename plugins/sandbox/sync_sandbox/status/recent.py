"""Remembers what is costly to make, and makes it anew not more often than it is worth."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# From so many records on, what was made may be a little older than the records.
LARGE = 20_000
SECONDS = 2.0
# Making it anew and again takes at most this part of the time.
SHARE = 0.05


@dataclass(frozen=True)
class _Made(Generic[T]):
    """A value, what it was made from, and until when it is young enough in a large world."""

    source: Hashable
    version: int
    until: float
    value: T


class Recent(Generic[T]):
    """One value that follows from records: up to date in small worlds, nearly so in large ones."""

    def __init__(self) -> None:
        self._made: _Made[T] | None = None

    def get(self, source: Hashable, version: int, size: int, make: Callable[[], T]) -> T:
        """The value for a source and its version, which changes whenever the records do."""
        made, now = self._made, monotonic()
        if made is None or made.source != source or not self._young(made, version, size, now):
            value = make()
            done = monotonic()
            until = done + max(SECONDS, (done - now) / SHARE)
            self._made = made = _Made(source, version, until, value)
        return made.value

    @staticmethod
    def _young(made: _Made[T], version: int, size: int, now: float) -> bool:
        return made.version == version or (size > LARGE and now < made.until)
