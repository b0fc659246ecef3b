"""Remembers what is costly to make, and makes it anew not more often than it is worth."""

from __future__ import annotations

from collections.abc import Hashable
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# From so many records on, what was made may be a little older than the records.
LARGE = 20_000
SECONDS = 2.0


class Recent(Generic[T]):
    """One value that follows from records: up to date in small worlds, nearly so in large ones."""

    def __init__(self) -> None:
        self._made: tuple[Hashable, int, float, T] | None = None

    def get(self, source: Hashable, version: int, size: int, make: Callable[[], T]) -> T:
        """The value for a source and its version, which changes whenever the records do."""
        if self._made is not None:
            made_from, made_for, at, value = self._made
            young = made_for == version or (size > LARGE and monotonic() - at < SECONDS)
            if made_from == source and young:
                return value
        value = make()
        self._made = (source, version, monotonic(), value)
        return value
