"""The request journal: what was called, how it was answered, and what it cost."""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# A credential that a client put into a URL must not be kept; that it was there may be.
_SECRET_PARAMETERS = re.compile(r"(?i)((?:api_token|access_token|client_secret|code)=)[^&]*")

Entry = dict[str, Any]


class Journal:
    """The last requests, oldest first.

    Each has an `id`. Ids follow each other without a gap and go on after the journal was emptied,
    so that whoever follows it by id misses nothing.

    Attributes:
        last_id: the id of the latest request; 0 before the first.
    """

    def __init__(self, size: int = 200_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self.last_id = 0

    def add(self, entry: Entry) -> None:
        """Keep one request; secrets in its query are blanked."""
        if "?" in entry["path"]:
            entry["path"] = _SECRET_PARAMETERS.sub(r"\1***", entry["path"])
        self.last_id += 1
        entry["id"] = self.last_id
        self._entries.append(entry)

    def entries(self) -> list[Entry]:
        """A copy of what is kept."""
        return [dict(entry) for entry in tuple(self._entries)]

    def after(self, entry_id: int, limit: int) -> list[Entry]:
        """The first `limit` requests behind this id, oldest first."""
        known = self._entries[0]["id"] if self._entries else 0
        start = max(0, entry_id + 1 - known)
        return [dict(entry) for entry in islice(self._entries, start, start + limit)]

    def latest(self, limit: int, wanted: Callable[[Entry], bool]) -> list[Entry]:
        """The last `limit` requests that are wanted, oldest first."""
        found = islice(filter(wanted, reversed(self._entries)), limit)
        return [dict(entry) for entry in found][::-1]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
