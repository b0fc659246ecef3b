"""Numbers and waits as services say them in their headers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sync_core import times

LONGEST_WAIT_SECONDS = 60.0


def number(text: str | None) -> float | None:
    """A header's number; None where it is missing or none."""
    try:
        found = None if text is None else float(text)
    except ValueError:
        return None
    return found if found is not None and math.isfinite(found) else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or as a date; never more than a minute.

    A date is the service's, and so is told from the answer's own.
    """
    text = headers.get("Retry-After")
    seconds = number(text)
    if seconds is None and (moment := times.from_http_date(text)):
        said = times.from_http_date(headers.get("Date"))
        seconds = times.between(said or times.now(), moment)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)
