"""Kinds of property values: told from values, only ever widened, and what turns values into them.

journy's documentation knows strings, booleans, numbers, arrays of strings, and dates in ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

import msgspec
from sync_core.times import comparable

Schema = dict[str, Any]
_MILLISECONDS = len("2026-01-31T10:20:30.123")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# With leading zeros or a sign it is a code or a phone number, whose digits have to stay.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", re.ASCII)
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}
#: Numbers above are milliseconds since 1970, those below are seconds (until the year 5138).
_MILLISECONDS_FROM = 100_000_000_000
TEXTS: Schema = {"type": ["array", "null"], "items": {"type": ["string", "null"]}}


class Cell(str):
    """A field of a CSV file, where everything is text and some of it means more."""

    __slots__ = ()


class Kind(NamedTuple):
    """JSON Schema of a column, and what turns a value that isn't null into it."""

    schema: Schema
    convert: Callable[[Any], Any]


def stamp(value: Any) -> str:
    """A time in UTC with milliseconds, ending in Z; empty where there is no time to read."""
    if isinstance(value, Cell) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = _moment(value)
    text = comparable(value)
    return text and text[:_MILLISECONDS] + "Z"


def _moment(number: float) -> datetime | None:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    try:
        return datetime.fromtimestamp(seconds, tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def text(value: Any) -> str:
    """Any value as text; what isn't text already is JSON."""
    return str(value) if isinstance(value, str) else msgspec.json.encode(value).decode()


def texts(value: Any) -> list[str]:
    """Any value as a list of texts; a single one becomes a list of itself."""
    return [text(each) for each in (value if isinstance(value, list) else [value])]


def _number(value: Any) -> float:
    if isinstance(value, Cell):
        return float(value) if "." in value else int(value)
    return float(value) if not isinstance(value, int) else value


def _boolean(value: Any) -> bool:
    return _TRUTHS[value.lower()] if isinstance(value, Cell) else bool(value)


def _anything(value: Any) -> Any:
    if isinstance(value, list):
        return texts(value)
    return value if isinstance(value, (int, float)) else text(value)


KINDS: Mapping[str, Kind] = {
    "boolean": Kind({"type": ["boolean", "null"]}, _boolean),
    "number": Kind({"type": ["number", "null"]}, _number),
    "date": Kind({"type": ["string", "null"], "format": "date"}, text),
    "date-time": Kind({"type": ["string", "null"], "format": "date-time"}, stamp),
    "array": Kind(TEXTS, texts),
    "string": Kind({"type": ["string", "null"]}, text),
}
#: Kind of a property that had no value when its column was announced: whatever comes has a place.
#: It stays so, since a database that has made a column of one type rarely takes another.
ANY = "any"
UNSETTLED = Kind({**TEXTS, "type": ["string", "number", "boolean", "array", "null"]}, _anything)


def blank(value: Any) -> bool:
    """Whether a value tells nothing of its kind."""
    return value is None or value == ""


def kind_of(value: Any) -> str:
    """The narrowest kind that holds a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return _kind_of_text(value)
    return "array" if isinstance(value, list) else "string"


def _kind_of_text(value: str) -> str:
    if isinstance(value, Cell):
        if value.lower() in _TRUTHS:
            return "boolean"
        if _NUMBER.fullmatch(value):
            return "number"
    if not value[:1].isdigit() or not comparable(value):
        return "string"
    return "date" if _DAY.fullmatch(value) else "date-time"


def wider(known: str | None, found: str) -> str:
    """The kind that holds values of both; a list takes single values in, text takes anything."""
    if known is None or known == found:
        return found
    if known == ANY:
        return known
    if {known, found} == {"date", "date-time"}:
        return "date-time"
    return "array" if known == "array" else "string"


def kind_named(schema: Mapping[str, Any]) -> str | None:
    """The kind with this JSON Schema; None where there is none."""
    types, form = schema.get("type"), schema.get("format")
    for name, kind in KINDS.items():
        if kind.schema["type"] == types and kind.schema.get("format") == form:
            return name
    return None
