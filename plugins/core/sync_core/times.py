"""Points in time as comparable text."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

#: ISO 8601 as services write it: a date, perhaps a time of day, perhaps a zone. The parser of
#: Python 3.10 knows fewer spellings, so the parts are put into the one that every version reads.
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:(?<=:[0-9]{2}:[0-9]{2})[.,]([0-9]+))?)?"
    r" ?(?:([Zz])|([+-][0-9]{2})(?::?([0-9]{2}))?)?"
)
#: The spelling that both services use, for which there is a shorter way.
_PLAIN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?Z")
#: A clock that nobody sets; where the system has one, it goes on while the machine sleeps.
_STEADY = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def steady() -> float:
    """Seconds from some moment on, by a clock that nobody sets."""
    return time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)


_BEGAN, _THEN = datetime.now(timezone.utc), steady()


def now() -> str:
    """This moment in UTC, as comparable text.

    It goes on evenly from when the process began, whatever the machine's clock is set to since: so
    what comes later in a run is never earlier.
    """
    return _text(_BEGAN + timedelta(seconds=steady() - _THEN))


def comparable(value: object) -> str:
    """An ISO 8601 time, with or without fractions or zone, as UTC text that sorts by time.

    Returns:
        `2026-01-31T09:00:00.000000Z`; empty text where there is no time to read.
    """
    if isinstance(value, datetime):
        return _text(value)
    if not isinstance(value, str) or not value.strip():
        return ""
    try:
        if plain := _PLAIN.fullmatch(value):
            return _spelled(*plain.groups())
        return _text(_parsed(value.strip()))
    except (ValueError, OverflowError):  # no such day, or one before the first year
        return ""


def later(moment: str, span: timedelta) -> str:
    """The time so long after a comparable one; before it, if the span is negative."""
    return _text(_parsed(moment) + span)


def seconds_since(moment: str) -> float:
    """Seconds from a comparable time until now; negative where it lies ahead."""
    return between(moment, now())


def between(earlier_one: str, later_one: str) -> float:
    """Seconds from one comparable time to another."""
    return (_parsed(later_one) - _parsed(earlier_one)).total_seconds()


def earlier(moment: str, by: timedelta) -> str:
    """The comparable time that lies so much before another."""
    return _text(_parsed(moment) - by)


@lru_cache(maxsize=4)  # a header that says the same for a second
def from_http_date(value: str | None) -> str:
    """A `Date` header as comparable text; empty where it is missing or malformed."""
    if not value:
        return ""
    try:
        return _text(parsedate_to_datetime(value))
    except (ValueError, OverflowError):
        return ""


def _parsed(value: str) -> datetime:
    match = _TIME.fullmatch(value)
    if match is None:
        raise ValueError("not a time")
    day, minutes, seconds, fraction, _, hours_off, minutes_off = match.groups()
    clock = f"{minutes or '00:00'}{seconds or ':00'}.{(fraction or '')[:6].ljust(6, '0')}"
    offset = f"{hours_off}:{minutes_off or '00'}" if hours_off else "+00:00"
    return datetime.fromisoformat(f"{day}T{clock}{offset}")


def _spelled(seconds: str, fraction: str | None) -> str:
    """The text of a moment in UTC that is written in nearly the same way."""
    datetime.fromisoformat(seconds)  # there may be no such day
    return f"{seconds}.{(fraction or '')[:6].ljust(6, '0')}Z"


def _text(value: datetime) -> str:
    if value.tzinfo is None:
        value = value.replace(tzinfo=timezone.utc)
    plain = value.astimezone(timezone.utc).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"
