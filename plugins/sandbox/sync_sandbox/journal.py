"""The request journal: what was called, how it was answered, and what it cost."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

# A credential that a client put into a URL must not be kept; that it was there may be.
_SECRET_PARAMETERS = re.compile(r"(?i)((?:api_token|access_token|client_secret|code)=)[^&]*")


class Journal:
    """The last requests, oldest first."""

    def __init__(self, size: int = 200_000) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=size)

    def add(self, entry: dict[str, Any]) -> None:
        """Keep one request; secrets in its query are blanked."""
        if "?" in entry["path"]:
            entry["path"] = _SECRET_PARAMETERS.sub(r"\1***", entry["path"])
        self._entries.append(entry)

    def entries(self) -> list[dict[str, Any]]:
        """A copy of what is kept."""
        return [dict(entry) for entry in tuple(self._entries)]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
