"""Dates, times of day, and ranges of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, tzinfo
from typing import Any

from sync_core import times
from sync_core.mapping import TargetField, ValueMisfitError, simple
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How
from sync_core.pipedrive.values.kinds import kind, same

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ][0-9:.,+Z -]*)?")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.0+)?)?")
#: A point in time that names its zone, so that it is the same wherever it is read.
_POINT = re.compile(r"[0-9-]{10}[Tt ][0-9:.,]+ ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)")
_ZONE = "timezone_name"


def day(value: Any, zone: tzinfo | None = None) -> str:
    """A date as YYYY-MM-DD.

    Args:
        value: A date; a time of day after it is left out.
        zone: On whose calendar a point in time falls; without it the date stays as written.
    """
    if zone is not None and (local := _local(value, zone)):
        return local.date().isoformat()
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        return date.fromisoformat(match[1]).isoformat() if match else _no_date(value)
    except ValueError:
        return _no_date(value)


def _no_date(value: Any) -> str:
    raise ValueMisfitError(f"expected a date as YYYY-MM-DD, got {kind(value)}")


def _local(value: Any, zone: tzinfo) -> datetime | None:
    """A point in time as the clocks of a zone show it; None where it isn't one."""
    if isinstance(value, str) and _POINT.fullmatch(value.strip()):
        moment = times.comparable(value)
        if not moment:  # to take its day as it is written could be another one than the zone's
            raise ValueMisfitError(
                "expected a date as YYYY-MM-DD and a time of day as HH:MM:SS that exist"
            )
        value = datetime.fromisoformat(f"{moment[:-1]}+00:00")
    try:
        return value.astimezone(zone) if isinstance(value, datetime) and value.tzinfo else None
    except OverflowError:
        raise ValueMisfitError(
            "expected a point in time that is of the years 1 to 9999 in the line's zone as well"
        ) from None


def clock(value: Any, zone: tzinfo | None = None) -> str:
    """A time of day as HH:MM:SS.

    Args:
        value: HH:MM or HH:MM:SS; a point in time, if there is a zone to read it in.
        zone: In which a point in time is read.
    """
    if isinstance(value, time) and value.tzinfo is None:
        return value.isoformat("seconds")
    if zone is not None and (local := _local(value, zone)):
        return local.time().isoformat("seconds")
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        hint = (
            "a point in time has to say its offset, such as 2026-01-31T09:00:00Z"
            if zone
            else "for a point in time name the zone in the line, such as zone: Europe/Brussels"
        )
        raise ValueMisfitError(
            f"expected a time of day as HH:MM or HH:MM:SS, got {kind(value)}; {hint}"
        )
    hours, minutes, seconds = match.groups()
    return f"{int(hours):02}:{minutes}:{seconds or '00'}"


def days(field: Field, how: How) -> TargetField:
    """Date fields."""
    return TargetField(
        field.key,
        field.label,
        lambda value: day(value, how.zone),
        holds=same,
        clearable=True,
    )


def _ends(value: Any, read: Callable[[Any], str], example: str) -> tuple[str, str]:
    """Both ends of a range."""
    ends: list[Any] = value.split("/") if isinstance(value, str) else []
    if isinstance(value, Mapping):
        ends = [value.get("value"), value.get("until")]
    if len(ends) != 2 or None in ends:  # noqa: PLR2004 - a beginning and an end
        raise ValueMisfitError(
            f"expected an object with value and until, or text such as {example}, got {kind(value)}"
        )
    return read(ends[0]), read(ends[1])


def date_ranges(field: Field, how: How) -> TargetField:
    """Date-range fields."""

    def convert(value: Any) -> dict[str, Any]:
        first, last = _ends(value, lambda each: day(each, how.zone), "2026-01-31/2026-02-28")
        if last < first:
            raise ValueMisfitError("expected a range whose end isn't before its beginning")
        return {"value": first, "until": last}

    return _parts(field, convert)


def clocks(field: Field, how: How) -> TargetField:
    """Time fields; a time without a zone keeps the stored one, else Pipedrive gives it the user's.

    Source: Pipedrive's documentation of custom fields.
    """

    def convert(value: Any) -> dict[str, Any]:
        given = value.get("value") if isinstance(value, Mapping) else value
        return {"value": clock(given, how.zone), **_zone(value, how)}

    return _parts(field, convert)


def time_ranges(field: Field, how: How) -> TargetField:
    """Time-range fields; an end before the beginning is on the next day."""

    def convert(value: Any) -> dict[str, Any]:
        first, last = _ends(value, lambda each: clock(each, how.zone), "09:00/17:00")
        return {"value": first, "until": last, **_zone(value, how)}

    return _parts(field, convert)


def _zone(value: Any, how: How) -> dict[str, str]:
    own = value.get(_ZONE) if isinstance(value, Mapping) else None
    if own is not None and not isinstance(own, str):
        raise ValueMisfitError(f"expected the name of a time zone, got {kind(own)}")
    name = (own or "").strip() or how.zone_name
    return {_ZONE: name} if name else {}


def _parts(field: Field, convert: Callable[[Any], dict[str, Any]]) -> TargetField:
    """A field of several parts, of which those that the source doesn't tell don't count."""

    def holds(stored: Any, wanted: Mapping[str, Any]) -> bool:
        there = stored if isinstance(stored, Mapping) else {"value": stored}
        return all(same(there.get(part), value) for part, value in wanted.items())

    def combine(stored: Any, wanted: dict[str, Any]) -> dict[str, Any]:
        kept = stored.get(_ZONE) if isinstance(stored, Mapping) else None
        return {**({_ZONE: kept} if kept else {}), **wanted}

    return TargetField(
        key=field.key,
        label=field.label,
        convert=convert,
        plain=simple,
        holds=holds,
        combine=combine,
        clearable=True,
        whole=True,
    )
