"""Query parameters: each endpoint lists what it takes, and everything else is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sync_sandbox.pipedrive import checks
from sync_sandbox.pipedrive.checks import SECONDS, is_time
from sync_sandbox.pipedrive.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_LIMIT = 500
MAX_IDS = 100
MAX_CUSTOM_FIELDS = 15


@dataclass(frozen=True)
class Param:
    """One query parameter."""

    parse: Callable[[str, str], Any]
    required: bool = False


Params = dict[str, Param]


def text(name: str, value: str) -> str:
    """Any text but the empty one."""
    if not value:
        raise InvalidError(name, "must not be empty")
    return value


def integer(name: str, value: str) -> int:
    """A whole number."""
    if not re.fullmatch(r"-?\d{1,18}", value):
        raise InvalidError(name, f"must be an integer, not {value!r}")
    return int(value)


def boolean(name: str, value: str) -> bool:
    """`true` or `false`; v2 knows no 0 and 1."""
    if value not in ("true", "false"):
        raise InvalidError(name, f"must be true or false, not {value!r}")
    return value == "true"


def seconds(name: str, value: str) -> str:
    """An RFC 3339 time in whole seconds, UTC.

    Seen live: a fraction is refused. Offsets other than Z are undocumented, so they are
    refused too.
    """
    if not is_time(value, SECONDS):
        raise InvalidError(name, f"{value!r} is not a valid datetime")
    return value


def ids(name: str, value: str) -> list[int]:
    """Up to 100 ids, separated by commas."""
    parts = [integer(name, part) for part in value.split(",")]
    if len(parts) > MAX_IDS:
        raise InvalidError(name, f"must hold at most {MAX_IDS} ids, not {len(parts)}")
    return parts


def choice(*allowed: str) -> Callable[[str, str], str]:
    """One of several words."""

    def parse(name: str, value: str) -> str:
        if value not in allowed:
            raise InvalidError(name, f"must be one of {', '.join(allowed)}, not {value!r}")
        return value

    return parse


def several(*allowed: str) -> Callable[[str, str], list[str]]:
    """Some of several words, separated by commas."""
    one = choice(*allowed)

    def parse(name: str, value: str) -> list[str]:
        return [one(name, part) for part in value.split(",")]

    return parse


def keys(name: str, value: str) -> list[str]:
    """Up to 15 custom-field keys; whether they exist is asked later."""
    parts = value.split(",")
    if len(parts) > MAX_CUSTOM_FIELDS:
        raise InvalidError(name, f"must hold at most {MAX_CUSTOM_FIELDS} keys, not {len(parts)}")
    return parts


def positive(name: str, value: str) -> int:
    """A whole number from 1."""
    number = integer(name, value)
    if number < 1:
        raise InvalidError(name, f"must be at least 1, not {number}")
    return number


def offset(name: str, value: str) -> int:
    """A whole number from 0."""
    number = integer(name, value)
    if number < 0:
        raise InvalidError(name, f"must be at least 0, not {number}")
    return number


def flag(name: str, value: str) -> bool:
    """0 or 1, as v1 takes flags."""
    if value not in ("0", "1"):
        raise InvalidError(name, f"must be 0 or 1, not {value!r}")
    return value == "1"


def day(name: str, value: str) -> str:
    """A calendar date."""
    return checks.day(name, value)


PAGE: Params = {"limit": Param(positive), "cursor": Param(text)}


def parse_query(raw: bytes, known: Mapping[str, Param], *, strict: bool) -> dict[str, Any]:
    """The query's parameters by name. Unless strict, unknown ones are passed over.

    Raises:
        InvalidError: one is unknown, doubled, missing, or holds a wrong value.
    """
    parsed: dict[str, Any] = {}
    pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True) if raw else ()
    for name, value in pairs:
        if name not in known and not strict:
            continue
        if name not in known:
            raise InvalidError(name, "is not a known query parameter")
        if name in parsed:
            raise InvalidError(name, "is given twice")
        parsed[name] = known[name].parse(name, value)
    for name, param in known.items():
        if param.required and name not in parsed:
            raise InvalidError(name, "is required")
    return parsed
