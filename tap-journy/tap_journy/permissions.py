"""Which key permissions the streams need, and sentences about those that are missing.

The names are those that journy's OpenAPI description gives for each operation. What "Read contacts"
of the web interface is called there, and which endpoint it opens, isn't published.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from sync_core.errors import ApiError, AuthenticationError, PermissionDeniedError
from sync_core.journy import JournyClient

#: Documented path -> permission.
NEEDED: Mapping[str, str] = {
    "/properties/users": "ReadProperties",
    "/properties/accounts": "ReadProperties",
    "/segments/users": "ReadSegments",
    "/segments/accounts": "ReadSegments",
    "/events": "ReadEvents",
}


class Permissions:
    """What the key may do, asked once a run (`GET /validate`)."""

    def __init__(self, client: JournyClient) -> None:
        self._client = client

    @cached_property
    def held(self) -> list[str]:
        """Names of the key's permissions."""
        return sorted(self._client.permissions())

    def missing(self, path: str) -> PermissionDeniedError | None:
        """The refusal that a documented path will get; None where the key may read it."""
        needed = NEEDED[path]
        if needed in self.held:
            return None
        return PermissionDeniedError(f"the key lacks the permission {needed}; {self._cure}")

    def explained(self, error: ApiError, asked: str) -> ApiError:
        """What a refusal of a call, such as `GET /events`, means.

        journy documents 401 for a wrong key and for a missing permission alike, and 403 for a key
        that is switched off: where `/validate` accepts the key, the refusal is about the path.
        """
        if not isinstance(error, AuthenticationError):
            return error
        try:
            held = self.held
        except ApiError:
            return error
        needed = NEEDED.get(asked.partition(" ")[2])
        why = f"it lacks the permission {needed}" if needed and needed not in held else _UNNAMED
        return PermissionDeniedError(
            f"journy answered {error.status} to {asked} although the key is right: {why}; "
            f"{self._cure}",
            status=error.status,
            detail=error.detail,
        )

    @property
    def _cure(self) -> str:
        has = ", ".join(self.held) or "none"
        return f"allow it in journy (Settings, API access) or deselect the stream. It has {has}"


_UNNAMED = "which permission it needs isn't published"
