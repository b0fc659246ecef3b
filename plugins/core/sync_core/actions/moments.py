"""When an activity is due, and how long something lasts, read from settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from sync_core import times
from sync_core.errors import ConfigurationError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"([1-9][0-9]{0,5}) ?([mhdw])")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_LENGTH = re.compile(r"([0-9]{1,2}):([0-5][0-9])")


def read_span(given: str, setting: str) -> timedelta:
    """A time such as `30d`, `12h`, `90m` or `2w`."""
    match = _SPAN.fullmatch(given.strip().lower())
    if match is None:
        raise ConfigurationError(
            f"{setting}: expected a number and a unit, such as 12h or 30d, got {given!r}"
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def read_clock(given: str, setting: str) -> tuple[int, int]:
    """A time of day such as `09:00`."""
    match = _CLOCK.fullmatch(given.strip())
    if match is None:
        raise ConfigurationError(
            f"{setting}: expected a time of day such as '09:00', in quotes, got {given!r}"
        )
    return int(match[1]), int(match[2])


def read_length(given: str, setting: str) -> str:
    """A duration `HH:MM`, which is how Pipedrive writes them."""
    match = _LENGTH.fullmatch(given.strip())
    if match is None or not (int(match[1]) or int(match[2])):
        raise ConfigurationError(
            f"{setting}: expected hours and minutes such as '00:30', in quotes, got {given!r}"
        )
    return f"{int(match[1]):02}:{match[2]}"


def parsed(moment: str) -> datetime:
    """A comparable time as a moment."""
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def before(moment: str, span: timedelta) -> str:
    """The time so long before another, as comparable text."""
    return times.comparable(parsed(moment) - span)


def passed(moment: str, now: str = "") -> timedelta:
    """How long before another comparable time one was; before this machine's own, without one."""
    return parsed(now or times.now()) - parsed(moment)


@dataclass(frozen=True)
class Due:
    """When an activity is due, counted from the moment of the signal.

    Attributes:
        days: So many days later, on the calendar of the zone.
        hours: So many hours later; then the time is exact.
        at: Time of day in the zone; without one the activity is due on the day.
        zone: The zone.
    """

    days: int | None = None
    hours: float | None = None
    at: tuple[int, int] | None = None
    zone: tzinfo = timezone.utc

    def values(self, moment: datetime) -> dict[str, str]:
        """`due_date` and `due_time` as Pipedrive takes them: together they are a time in UTC."""
        if self.hours is not None:
            return _exactly(moment + timedelta(hours=self.hours))
        if self.days is None:
            return {}
        day = moment.astimezone(self.zone).date() + timedelta(days=self.days)
        if self.at is None:
            return {"due_date": day.isoformat()}
        hour, minute = self.at
        # A time that the clocks skip counts as if they hadn't been changed yet.
        return _exactly(datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone))


def _exactly(moment: datetime) -> dict[str, str]:
    utc = moment.astimezone(timezone.utc)
    return {"due_date": utc.date().isoformat(), "due_time": utc.strftime("%H:%M")}
