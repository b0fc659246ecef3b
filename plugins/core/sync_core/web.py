"""Web addresses and domains."""

from __future__ import annotations

import re
from typing import Any


def domain(value: Any) -> str | None:
    """The bare domain of a web address: no scheme, `www.`, port, path; lower case."""
    if not isinstance(value, str):
        return None
    host = re.sub(r"^[a-z]+://", "", value.strip().casefold()).partition("/")[0].partition(":")[0]
    return host.removeprefix("www.") or None
