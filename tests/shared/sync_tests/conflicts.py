"""A line over which both sides may be at odds, and who wins then."""

from __future__ import annotations

from typing import Any

EARLY, LATE = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
#: The line's `conflict`, when journy's record changed, and the value that stands in the end, where
#: Pipedrive has Partner and journy has Customer.
CONFLICTS: list[tuple[str | None, str | None, str]] = [
    (None, LATE, "Partner"),
    ("pipedrive", LATE, "Partner"),
    ("journy", EARLY, "Customer"),
    ("latest", LATE, "Customer"),
    ("latest", EARLY, "Partner"),
    ("latest", None, "Partner"),
]


def stage(**more: Any) -> list[dict[str, Any]]:
    """The line, with further keys."""
    return [{"from": "lifecycle", "to": "Lifecycle stage", **more}]
