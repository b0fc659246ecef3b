"""Kinds of property values: told from values, only ever widened, and what turns values into them.

journy's documentation knows strings, booleans, numbers, arrays of strings, and dates in ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

import msgspec
from sync_core.times import comparable

Schema = dict[str, Any]
_MILLISECONDS = len("2026-01-31T10:20:30.123")
#: How JavaScript writes a time, and this module.
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# With leading zeros or a sign it is a code or a phone number, whose digits have to stay.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", re.ASCII)
_TEXT = frozenset({str})
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}
#: Numbers above are milliseconds since 1970, those below are seconds (until the year 5138).
_MILLISECONDS_FROM = 100_000_000_000
TEXTS: Schema = {"type": ["array", "null"], "items": {"type": ["string", "null"]}}


class Kind(NamedTuple):
    """What a column holds.

    Attributes:
        schema: Its JSON Schema.
        convert: Turns a value that isn't null into it.
        read: The same for a cell of CSV, where everything is text and some of it means more.
        plain: Types of values that are in it as they are.
    """

    schema: Schema
    convert: Callable[[Any], Any]
    read: Callable[[str], Any]
    plain: frozenset[type]


def stamp(value: Any) -> str:
    """A time in UTC with milliseconds, ending in Z; empty where there is no time to read."""
    if isinstance(value, str):
        if _STAMP.fullmatch(value) and _is_moment(value[:-1]):
            return value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        value = _moment(value)
    text = comparable(value)
    return text and text[:_MILLISECONDS] + "Z"


def stamp_of_cell(value: Any) -> str:
    """The same for a cell of CSV, which may hold a number."""
    return stamp(float(value) if _NUMBER.fullmatch(value) else value)


def _is_moment(value: str) -> bool:
    try:
        return bool(datetime.fromisoformat(value))
    except ValueError:  # no such day
        return False


def _moment(number: float) -> datetime | None:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    try:
        return datetime.fromtimestamp(seconds, tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def text(value: Any) -> str:
    """Any value as text; what isn't text already is JSON."""
    return str(value) if isinstance(value, str) else msgspec.json.encode(value).decode()


def texts(value: Any) -> list[str | None]:
    """Any value as a list of texts; a single one becomes a list of itself."""
    if not isinstance(value, list):
        return [text(value)]
    return value if are_texts(value) else [None if one is None else text(one) for one in value]


def are_texts(values: list[Any]) -> bool:
    """Whether there is nothing else among values."""
    return {*map(type, values)} <= _TEXT


def _number(value: Any) -> float:
    return value if isinstance(value, int) else float(value)


def _number_of_cell(value: str) -> float:
    return float(value) if "." in value else int(value)


def _anything(value: Any) -> Any:
    if isinstance(value, list):
        return texts(value)
    return value if isinstance(value, (int, float)) else text(value)


_STRING: Schema = {"type": ["string", "null"]}
KINDS: Mapping[str, Kind] = {
    "boolean": Kind(
        {"type": ["boolean", "null"]}, bool, lambda cell: _TRUTHS[cell.lower()], frozenset({bool})
    ),
    "number": Kind({"type": ["number", "null"]}, _number, _number_of_cell, frozenset({int, float})),
    "date": Kind({**_STRING, "format": "date"}, text, str, _TEXT),
    "date-time": Kind({**_STRING, "format": "date-time"}, stamp, stamp_of_cell, frozenset()),
    "array": Kind(TEXTS, texts, texts, frozenset()),
    "string": Kind(_STRING, text, str, _TEXT),
}
#: Kind of a property that had no value when its column was announced: whatever comes has a place.
#: It stays so, since a database that has made a column of one type rarely takes another.
ANY = "any"
UNSETTLED = Kind(
    {**TEXTS, "type": ["string", "number", "boolean", "array", "null"]},
    _anything,
    str,
    frozenset({str, int, float, bool}),
)


def blank(value: Any) -> bool:
    """Whether a value tells nothing of its kind."""
    return value is None or value == ""


def kind_of(value: Any) -> str:
    """The narrowest kind that holds a value."""
    return _kind_of_text(value) if isinstance(value, str) else _KIND_OF.get(type(value), "string")


def kind_of_cell(value: str) -> str:
    """The same for a cell of CSV."""
    if _NUMBER.fullmatch(value):
        return "number"
    return "boolean" if value.lower() in _TRUTHS else _kind_of_text(value)


_KIND_OF: Mapping[type, str] = {bool: "boolean", int: "number", float: "number", list: "array"}


def _kind_of_text(value: str) -> str:
    if not value[:1].isdigit() or not comparable(value):
        return "string"
    return "date" if _DAY.fullmatch(value) else "date-time"


def kinds_of(values: Sequence[Any], *, cells: bool) -> Iterable[str]:
    """The kinds that there are among values, in the order of the first ones.

    Args:
        values: Any, also blank ones, which tell nothing.
        cells: Whether they stood in CSV.
    """
    if cells:
        return dict.fromkeys(kind_of_cell(value) for value in values if value)
    types = dict.fromkeys(map(type, values))
    types.pop(type(None), None)
    if str in types:
        return dict.fromkeys(kind_of(value) for value in values if not blank(value))
    return dict.fromkeys(_KIND_OF.get(each, "string") for each in types)


def filled(kind: Kind, values: list[Any], *, cells: bool) -> list[Any]:
    """Values as a column of this kind holds them.

    An empty text says that the property is there without a value, by journy's documentation; only
    a text column can tell that from null.
    """
    if cells:
        return [kind.read(value) if value else None for value in values]
    emptied = kind is not KINDS["string"] and "" in values
    if not emptied and kind.plain.issuperset({*map(type, values)} - {type(None)}):
        return values
    return [
        None if value is None or (emptied and value == "") else kind.convert(value)
        for value in values
    ]


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
    """The kind that a JSON Schema means, in whichever form it is written; None for no kind."""
    types = schema.get("type")
    listed = [types] if isinstance(types, str) else types or ()
    plain = frozenset("number" if each == "integer" else each for each in listed) - {"null"}
    return _BY_TYPES.get((plain, schema.get("format")))


#: Types without null, and format -> kind.
_BY_TYPES: Mapping[tuple[frozenset[str], str | None], str] = {
    (frozenset(kind.schema["type"]) - {"null"}, kind.schema.get("format")): name
    for name, kind in KINDS.items()
}
