"""Moments as journy's wire spells them: ISO 8601 in UTC with milliseconds."""

from __future__ import annotations

import re
from datetime import datetime, timezone

_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:?\d\d)?)?"
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")


def from_iso(text: str) -> int | None:
    """Read an ISO 8601 date or moment as milliseconds since 1970, or nothing if it is none.

    The official Python SDK sends naive moments for naive datetimes: they are taken as UTC.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    millis = (fraction or "").ljust(3, "0")[:3]
    offset = _offset(zone)
    clock = clock if clock and len(clock) > len("00:00") else f"{clock or '00:00'}:00"
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}.{millis}000{offset}")
    except ValueError:
        return None
    return to_millis(moment)


def _offset(zone: str | None) -> str:
    if zone is None or zone in "Zz":
        return "+00:00"
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"


def from_rfc3339(text: str) -> int | None:
    """Read a full RFC 3339 moment, zone included, or nothing if it is none."""
    return from_iso(text) if _RFC3339.fullmatch(text) else None


def to_millis(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment, exactly."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def to_iso(millis: int) -> str:
    """Spell milliseconds since 1970 as `2026-11-01T09:00:00.000Z`."""
    seconds, rest = divmod(millis, 1000)
    moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
