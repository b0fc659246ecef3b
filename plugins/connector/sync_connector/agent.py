"""How the connector introduces itself to the services."""

from __future__ import annotations

from importlib.metadata import version


def user_agent() -> str:
    """Name and version, for the `User-Agent` of each request."""
    return f"connector/{version('sync-connector')}"
