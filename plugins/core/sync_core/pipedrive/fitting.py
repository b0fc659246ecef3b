"""The field type that holds what a source says of its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
#: A field type, and the labels of its first options.
Fit = tuple[str, tuple[str, ...]]

#: What API v2 creates (OpenAPI, `POST /api/v2/personFields`) and needs no options for.
CREATABLE = frozenset(
    {
        "varchar", "varchar_auto", "text", "double", "monetary", "date", "daterange", "time",
        "timerange", "user", "org", "people", "phone", "address",
    }
)  # fmt: skip
_LONGEST_SHORT = 255
#: What a tap says that hasn't seen a value yet.
_ANYTHING = frozenset({"string", "number", "boolean"})
_TEXT: Fit = ("varchar", ())
_LONG: Fit = ("text", ())


def fitting(about: Schema) -> Fit | None:
    """A field type for a source's values.

    Args:
        about: Their JSON Schema.

    Returns:
        None where no type fits an object, and where the schema says next to nothing: a field's type
        can't be changed later, so it isn't guessed.
    """
    own = (about.get("x-pipedrive") or {}).get("type")
    if own in CREATABLE:
        return str(own), ()
    given = about.get("type") or ()
    kinds = {given} if isinstance(given, str) else set(given)
    kinds -= {"null"}
    if kinds == {"integer", "number"}:
        kinds = {"number"}
    if len(kinds) == 1:
        return _BY_KIND.get(kinds.pop(), _always(None))(about)
    return None if not kinds or kinds >= _ANYTHING else _TEXT


def _always(fit: Fit | None) -> Callable[[Schema], Fit | None]:
    return lambda _about: fit


def _text(about: Schema) -> Fit:
    if labels := _labels(about):
        return "enum", labels
    if found := _BY_FORMAT.get(str(about.get("format"))):
        return found
    return _LONG if (about.get("maxLength") or 0) > _LONGEST_SHORT else _TEXT


def _list(about: Schema) -> Fit:
    """A multiple option where its options are known, which Pipedrive asks for at once."""
    named = (about.get("x-journy") or {}).get("segments")
    labels = tuple(map(str, named or ())) or _labels(about.get("items") or {})
    return ("set", labels) if labels else _LONG


def _labels(about: Schema) -> tuple[str, ...]:
    listed = [each for each in about.get("enum") or () if each is not None]
    return tuple(listed) if all(isinstance(each, str) and each for each in listed) else ()


def _object(about: Schema) -> Fit | None:
    parts: Schema = about.get("properties") or {}
    return next((fit for needed, fit in _BY_PARTS if needed <= parts.keys()), None)


#: JSON type -> field type. Pipedrive has no field of true and false, and none of a point in time.
_BY_KIND: Mapping[str, Callable[[Schema], Fit | None]] = {
    "string": _text,
    "number": _always(("double", ())),
    "integer": _always(("double", ())),
    "boolean": _always(("enum", ("Yes", "No"))),
    "array": _list,
    "object": _object,
}
_BY_FORMAT: Mapping[str, Fit] = {
    "date": ("date", ()),
    "date-time": ("date", ()),
    "time": ("time", ()),
}
#: What an object has to have, the most particular first.
_BY_PARTS: tuple[tuple[frozenset[str], Fit], ...] = (
    (frozenset({"value", "until", "timezone_name"}), ("timerange", ())),
    (frozenset({"value", "until"}), ("daterange", ())),
    (frozenset({"value", "timezone_name"}), ("time", ())),
    (frozenset({"value", "currency"}), ("monetary", ())),
    (frozenset({"value", "postal_code"}), ("address", ())),
)
