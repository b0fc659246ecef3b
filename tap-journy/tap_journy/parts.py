"""Users, accounts or visitors as they are put together, and in the order in which they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import attrgetter
from typing import Any

from tap_journy.known import Known
from tap_journy.runs import Runs

BY_ID: Callable[[Known], str] = attrgetter("id")
Key = Callable[[Known], Any]


class Parts:
    """What lines say of each, by id: in memory, and in parts on disk where that gets too much."""

    def __init__(self, files: ExitStack) -> None:
        self._held: dict[str, Known] = {}
        self._runs = Runs(BY_ID, files)

    def of(self, own_id: str) -> Known:
        """The part to which the next line belongs."""
        known = self._held.get(own_id)
        if known is None:
            known = self._held[own_id] = Known(own_id)
        return known

    def spill(self) -> None:
        """Put away what is in memory."""
        if self._held:
            self._runs.put(self._held.values())
            self._held.clear()

    def whole(self) -> Iterator[Known]:
        """Each one put together, in order of their ids; this can be done once."""
        if self._runs:
            self.spill()
            for _own_id, parts in groupby(self._runs, key=BY_ID):
                known, *more = parts
                for later in more:
                    known.follow(later)
                yield known
            self._runs.close()
        else:
            yield from sorted(self._held.values(), key=BY_ID)
            self._held.clear()


class Ordered:
    """Whole ones in an order of their own, which can be looked at again and again."""

    def __init__(self, key: Key, files: ExitStack, room: int) -> None:
        """Begin without any.

        Args:
            key: What they are in order of.
            files: Closes the file in the end.
            room: Bytes that are kept in memory.
        """
        self._key, self._room = key, room
        self._held: list[Known] = []
        self._size = self._count = 0
        self._runs = Runs(key, files)

    def __len__(self) -> int:
        return self._count

    def add(self, known: Known) -> None:
        """Take one in."""
        self._held.append(known)
        self._count += 1
        self._size += known.size
        if self._size > self._room:
            self._spill()

    def _spill(self) -> None:
        self._runs.put(self._held)
        self._held, self._size = [], 0

    def end(self) -> None:
        """Say that there are no more."""
        if self._runs and self._held:
            self._spill()
        self._held.sort(key=self._key)

    def __iter__(self) -> Iterator[Known]:
        return iter(self._runs) if self._runs else iter(self._held)

    def close(self) -> None:
        """Give the room back."""
        self._held.clear()
        self._runs.close()
