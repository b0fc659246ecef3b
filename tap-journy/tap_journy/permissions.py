"""Which key permissions the streams need, and sentences about those that are missing.

The names are those that journy's OpenAPI description gives for each operation. What "Read contacts"
of the web interface is called there, and which endpoint it opens, isn't published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync_core.errors import AuthenticationError, ConfigurationError, PermissionDeniedError
from sync_core.journy import JournyClient

#: Documented path -> permission.
NEEDED: Mapping[str, str] = {
    "/properties/users": "ReadProperties",
    "/properties/accounts": "ReadProperties",
    "/segments/users": "ReadSegments",
    "/segments/accounts": "ReadSegments",
    "/events": "ReadEvents",
}


def explained(error: AuthenticationError, client: JournyClient, path: str) -> Exception:
    """What a 401 means, which journy gives for a wrong key and for a missing permission alike."""
    if error.status != _NO_PERMISSION or path not in NEEDED:
        return error
    try:
        held = client.permissions()
    except AuthenticationError:
        return error
    needed = NEEDED[path]
    if needed in held:
        return error
    return PermissionDeniedError(
        f"journy answered 401 to GET {path}: the key lacks the permission {needed}; {_cure(held)}",
        status=error.status,
    )


_NO_PERMISSION = 401


def check(client: JournyClient, paths: Mapping[str, Iterable[str]]) -> None:
    """Ask journy what the key may do (`GET /validate`), and name what it lacks.

    Args:
        client: The connection.
        paths: Stream -> documented paths that it reads.

    Raises:
        ConfigurationError: A permission is missing; one sentence per stream.
    """
    held = client.permissions()
    missing = {
        stream: sorted({NEEDED[path] for path in read} - set(held))
        for stream, read in paths.items()
    }
    problems = [
        f"{stream}: the key lacks the permission {', '.join(names)}; {_cure(held)}"
        for stream, names in missing.items()
        if names
    ]
    if problems:
        raise ConfigurationError(problems)


def _cure(held: Iterable[str]) -> str:
    has = ", ".join(sorted(held)) or "none"
    return f"allow it in journy (Settings, API access) or deselect the stream. The key has {has}"
