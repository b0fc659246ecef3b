"""Checks of JSON types, shared by built-in and custom fields. Nothing is converted."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

from sync_sandbox.pipedrive.errors import InvalidError

MAX_VARCHAR = 255
MAX_TEXT = 65_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
_MINUTES = re.compile(r"\d{2}:[0-5]\d")
SECONDS = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
ADDRESS_PARTS = (
    "country",
    "admin_area_level_1",
    "admin_area_level_2",
    "locality",
    "sublocality",
    "route",
    "street_number",
    "subpremise",
    "postal_code",
)


def string(path: str, value: Any, longest: int = MAX_TEXT) -> str:
    """A text."""
    if not isinstance(value, str):
        raise InvalidError(path, f"expected string, received {kind_of(value)}")
    if len(value) > longest:
        raise InvalidError(path, f"must have at most {longest} characters, has {len(value)}")
    return value


def integer(path: str, value: Any) -> int:
    """A whole number; neither a string nor a boolean."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidError(path, f"expected integer, received {kind_of(value)}")
    return value


def number(path: str, value: Any) -> float:
    """A number; neither a string nor a boolean."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InvalidError(path, f"expected number, received {kind_of(value)}")
    return value


def boolean(path: str, value: Any) -> bool:
    """True or false; 0 and 1 are refused."""
    if not isinstance(value, bool):
        raise InvalidError(path, f"expected boolean, received {kind_of(value)}")
    return value


def array(path: str, value: Any) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise InvalidError(path, f"expected array, received {kind_of(value)}")
    return value


def mapping(
    path: str, value: Any, known: tuple[str, ...], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An object with known keys only."""
    if not isinstance(value, dict):
        raise InvalidError(path, f"expected object, received {kind_of(value)}")
    for key in value:
        if key not in known:
            raise InvalidError(f"{path}.{key}", "is not a known property")
    for key in required:
        if key not in value:
            raise InvalidError(f"{path}.{key}", "is required")
    return value


def day(path: str, value: Any) -> str:
    """A calendar date, YYYY-MM-DD."""
    text = string(path, value)
    if not is_time(text, _DATE):
        raise InvalidError(path, f"{text!r} is not a valid date (YYYY-MM-DD)")
    return text


def moment(path: str, value: Any) -> str:
    """An RFC 3339 time in whole seconds, UTC."""
    text = string(path, value)
    if not is_time(text, SECONDS):
        raise InvalidError(path, f"{text!r} is not a valid datetime (YYYY-MM-DDTHH:MM:SSZ)")
    return text


def time_of_day(path: str, value: Any) -> str:
    """HH:MM:SS."""
    text = string(path, value)
    if not _TIME.fullmatch(text):
        raise InvalidError(path, f"{text!r} is not a valid time (HH:MM:SS)")
    return text


def minutes(path: str, value: Any, *, with_seconds: bool) -> str:
    """HH:MM, kept as HH:MM:SS, which is how it reads back in the OpenAPI examples."""
    text = string(path, value)
    if _MINUTES.fullmatch(text):
        return f"{text}:00"
    if with_seconds and re.fullmatch(r"\d{2}:[0-5]\d:[0-5]\d", text):
        return text
    raise InvalidError(path, f"{text!r} is not a valid time (HH:MM)")


def address(path: str, value: Any, *, formatted: bool = False) -> dict[str, Any]:
    """An address: `value` and optional parts; parts that are not sent become null."""
    known = ("value", *ADDRESS_PARTS, *(("formatted_address",) if formatted else ()))
    given = mapping(path, value, known, ("value",))
    row: dict[str, Any] = {"value": string(f"{path}.value", given["value"])}
    for part in known[1:]:
        text = given.get(part)
        row[part] = None if text is None else string(f"{path}.{part}", text)
    return row


def is_time(text: str, shape: re.Pattern[str]) -> bool:
    """Whether a text has a shape and names a day of the calendar and a time of the day."""
    if not shape.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.rstrip("Z"))
    except ValueError:
        return False
    return True


def kind_of(value: Any) -> str:
    """The JSON name of a value's type."""
    if value is None:
        return "null"
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")
