"""Time zones by name."""

from __future__ import annotations

from datetime import timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sync_core.errors import ConfigurationError
from sync_core.text import near


def read_zone(given: str, setting: str) -> tzinfo:
    """A time zone by its name in the IANA database.

    Args:
        given: Such as `Europe/Brussels` or `UTC`.
        setting: Where it was written, for messages.

    Raises:
        ConfigurationError: There is none of this name.
    """
    if given.strip().upper() == "UTC":
        return timezone.utc  # also where the machine has no database of zones
    try:
        return ZoneInfo(given.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = near(given, available_timezones(), "this machine has no list of time zones")
        raise ConfigurationError(f"{setting}: there is no time zone {given!r}; {hint}") from None
