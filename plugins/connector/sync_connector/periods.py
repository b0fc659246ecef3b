"""Points in time as people write them: `2h`, `7d`, `yesterday`, `2026-01-31 09:00`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import click
from sync_core import times

_AGO = re.compile(r"([0-9]{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"today": 0, "yesterday": 1}


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click
    """A point in time, as the comparable text that the ledger holds; days are those of UTC."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read what was written."""
        found = moment(str(value), datetime.now(timezone.utc))
        if not found:
            self.fail(
                f"{value!r} is no point in time: write 2h (s, m, h, d or w ago), today, "
                "yesterday, 2026-01-31 or 2026-01-31T09:00",
                param,
                ctx,
            )
        return found


def moment(text: str, now: datetime) -> str:
    """A point in time as comparable text; empty where it can't be read.

    Args:
        text: As a person wrote it.
        now: The present, in UTC.
    """
    text = text.strip().casefold()
    if ago := _AGO.fullmatch(text):
        try:
            return times.comparable(now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}))
        except OverflowError:
            return ""
    if text in _DAYS:
        return times.comparable((now - timedelta(days=_DAYS[text])).date().isoformat())
    return times.comparable(text)
