"""Points in time as comparable text."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime


def now() -> str:
    """This moment in UTC, as comparable text."""
    return _text(datetime.now(timezone.utc))


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
        return _text(datetime.fromisoformat(_python310(value.strip())))
    except ValueError:
        return ""


def seconds_since(moment: str) -> float:
    """Seconds from a comparable time until now; negative where it lies ahead."""
    return (datetime.now(timezone.utc) - datetime.fromisoformat(_python310(moment))).total_seconds()


def from_http_date(value: str | None) -> str:
    """A `Date` header as comparable text; empty where it is missing or malformed."""
    if not value:
        return ""
    try:
        return _text(parsedate_to_datetime(value))
    except ValueError:
        return ""


def _python310(value: str) -> str:
    """The spelling that Python 3.10's parser knows: an offset for Z, 3 or 6 fractional digits."""
    value = value[:-1] + "+00:00" if value[-1] in "Zz" else value
    head, dot, tail = value.partition(".")
    if not dot:
        return value
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"


def _text(value: datetime) -> str:
    if value.tzinfo is None:
        value = value.replace(tzinfo=timezone.utc)
    return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
