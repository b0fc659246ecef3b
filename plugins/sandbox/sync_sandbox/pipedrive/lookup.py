"""Finds rows by an exact text without reading all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sync_sandbox.pipedrive.store import Row

# So many changed rows are looked at one by one before the index is made anew.
MAX_CHANGED = 2_000


class Lookup:
    """Row ids by text. What it finds is a hint: the caller compares again.

    Writes only note the ids they touch, so that an index costs a write next to nothing.
    """

    def __init__(self, texts: Callable[[Row], Iterable[str]]) -> None:
        self._texts = texts
        self._ids: dict[str, list[Any]] | None = None
        self.changed: set[Any] = set()

    def find(self, rows: Mapping[Any, Row], text: str) -> list[Any]:
        """The ids of all rows that may hold the text, in order."""
        if self._ids is None or len(self.changed) > MAX_CHANGED:
            self._build(rows)
        found = {*(self._ids or {}).get(text, ()), *self.changed}
        return sorted(row_id for row_id in found if row_id in rows)

    def _build(self, rows: Mapping[Any, Row]) -> None:
        self._ids = {}
        self.changed.clear()
        for row_id, row in rows.items():
            for text in self._texts(row):
                self._ids.setdefault(text, []).append(row_id)
