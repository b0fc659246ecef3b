"""Pipedrive's times: UTC, whole seconds, ending in Z."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from sync_core.times import comparable

_SECONDS = len("2026-01-31T10:20:30")
#: The spelling that most come in, which takes a shorter way.
_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def stamp(moment: object) -> str:
    """A time as Pipedrive writes it; `updated_since` refuses fractions of a second.

    Args:
        moment: A text or a `datetime`; what isn't a time counts as none.

    Returns:
        `2026-01-31T10:20:30Z`; empty text where there is no time to read.
    """
    if isinstance(moment, str) and _WRITTEN.fullmatch(moment):
        return moment if _exists(moment[:_SECONDS]) else ""
    text = comparable(moment)
    return text and text[:_SECONDS] + "Z"


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one stamp to another."""
    return (_parsed(later) - _parsed(earlier)).total_seconds()


def after(moment: str, seconds: float) -> str:
    """The stamp so many seconds after another, rounded down; before it where they are negative."""
    return stamp(_parsed(moment) + timedelta(seconds=seconds))


def _exists(moment: str) -> bool:
    """Whether the calendar and the clock have it."""
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        return False
    return True


def _parsed(moment: str) -> datetime:
    return datetime.strptime(moment, _FORMAT).replace(tzinfo=timezone.utc)
