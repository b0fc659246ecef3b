"""Pipedrive's times: UTC, whole seconds, ending in Z."""

from __future__ import annotations

from datetime import datetime

from sync_core.times import comparable

_SECONDS = len("2026-01-31T10:20:30")


def stamp(moment: str | datetime) -> str:
    """A time as Pipedrive writes it; `updated_since` refuses fractions of a second.

    Returns:
        `2026-01-31T10:20:30Z`; empty text where there is no time to read.
    """
    if isinstance(moment, str) and len(moment) == _SECONDS + 1 and moment.endswith("Z"):
        return moment
    text = comparable(moment)
    return text and text[:_SECONDS] + "Z"
