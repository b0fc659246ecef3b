"""Pipedrive's times: UTC, whole seconds, ending in Z."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from sync_core.times import comparable

_SECONDS = len("2026-01-31T10:20:30")
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def stamp(moment: object) -> str:
    """A time as Pipedrive writes it; `updated_since` refuses fractions of a second.

    Args:
        moment: A text or a `datetime`; what isn't a time counts as none.

    Returns:
        `2026-01-31T10:20:30Z`; empty text where there is no time to read.
    """
    if isinstance(moment, str) and len(moment) == _SECONDS + 1 and moment[-1] == "Z":
        return moment
    text = comparable(moment)
    return text and text[:_SECONDS] + "Z"


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one stamp to another."""
    return (_parsed(later) - _parsed(earlier)).total_seconds()


def after(moment: str, seconds: float) -> str:
    """The stamp so many seconds after another, rounded down; before it where they are negative."""
    return stamp(_parsed(moment) + timedelta(seconds=seconds))


def _parsed(moment: str) -> datetime:
    return datetime.strptime(moment, _FORMAT).replace(tzinfo=timezone.utc)
