"""Ids of the records that arrived since the last look for vanished ones.

They join those that were there then: what arrived and went in between would be missed otherwise,
and so would what went between the parts of a first run. They stand in state in parts, of which
only the last is written anew with each page.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from tap_pipedrive import deletes
from tap_pipedrive.bookmarks import State
from tap_pipedrive.ids import Ids

ARRIVED = "arrived_ids"
#: Where state says that some found no room in it.
LOST = "arrivals_lost"
#: So many ids make a part.
PART = 2000


class Arrived:
    """What arrived, of one stream."""

    def __init__(self, state: State) -> None:
        """Prepare.

        Args:
            state: The stream's part of the Singer state; written to.
        """
        self._state = state
        self._last: list[int] = []
        self._full = False

    @cached_property
    def ids(self) -> Ids:
        """The ids of the last look, and of what arrived since; decoded when they are needed."""
        ids = deletes.known(self._state) or Ids()
        for text in self._parts:
            ids.update(deletes.decode(text))
        return ids

    @cached_property
    def _parts(self) -> list[str]:
        texts = self._state.get(ARRIVED)
        return [text for text in texts if _is_ours(text)] if isinstance(texts, list) else []

    def add(self, ids: Iterable[int]) -> None:
        """Note some that are about to leave."""
        new = [each for each in ids if each not in self.ids]
        self.ids.update(new)
        if not self._full:
            self._last += new

    def keep(self) -> bool:
        """Write into state what has left.

        Returns:
            Whether it fits; the first time that it doesn't, it is forgotten.
        """
        if self._full or not self._last:
            return True
        parts = [*self._parts, deletes.encode(sorted(self._last))]
        if sum(map(len, parts)) + len(self._state.get(deletes.IDS, "")) > deletes.LONGEST:
            self._full = True
            self._parts, self._last = [], []
            self._state.pop(ARRIVED, None)
            self._state[LOST] = True
            return False
        self._state[ARRIVED] = parts
        if len(self._last) >= PART:
            self._parts, self._last = parts, []
        return True

    def forget(self) -> None:
        """All ids were listed: they need no other memory."""
        self._state.pop(ARRIVED, None)
        self._state.pop(LOST, None)
        self._parts, self._last = [], []


def _is_ours(text: Any) -> bool:
    try:
        deletes.decode(text)
    except (ValueError, TypeError):  # written by something else
        return False
    return True
