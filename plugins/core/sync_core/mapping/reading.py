"""Values as they are read from a record, in closures that cost no more than they must."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sync_core.canonical import is_empty

Record = Mapping[str, Any]
Read = Callable[[Record], Any]


class _Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


#: What can't be told in this run, such as a property of an account that didn't come by. It is
#: neither a value nor its absence: the field is left as it is.
UNKNOWN: Final[Any] = _Unknown()


class Partial(dict[str, Any]):
    """A record of which only some columns are known: the others may hold anything."""

    def get(self, key: str, default: Any = UNKNOWN) -> Any:
        """A column's value; `UNKNOWN` where it isn't known."""
        return super().get(key, default)


#: Parts of an object that say nothing without its value.
_UNITS = frozenset({"currency", "timezone_id", "timezone_name"})
#: Types of values that are read as they are.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def simple(value: Any) -> Any:
    """What a single field can hold of a value.

    Returns:
        A contact list's primary value; an object's `value`, or `value/until` where it is a range;
        anything else as it is.
    """
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, dict) and "value" in value:
        until = value.get("until")
        return value["value"] if until is None or until == "" else f"{value['value']}/{until}"
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return value
    filled = [each for each in value if isinstance(each, dict) and not is_empty(each.get("value"))]
    for entry in filled:
        if entry.get("primary"):
            return entry["value"]
    return filled[0]["value"] if filled else None


def column(name: str, part: str | None, *, whole: bool) -> Read:
    """Read a column, or a part of the object in it.

    Args:
        name: The column.
        part: The part; None for all of it.
        whole: Whether an object is wanted as it is.
    """
    if part is not None:
        return _part(name, part)

    def read(record: Record) -> Any:
        value = record.get(name)
        if value.__class__ in _PLAIN:
            return value
        if whole and isinstance(value, dict):
            return None if _is_hollow(value) else value
        return simple(value)

    return read


def _is_hollow(value: Mapping[str, Any]) -> bool:
    """Whether an object has a place for its value and nothing there, such as no amount of EUR."""
    return "value" in value and all(is_empty(value[part]) for part in value if part not in _UNITS)


def _part(name: str, part: str) -> Read:
    def read(record: Record) -> Any:
        value = record.get(name)
        return value.get(part) if isinstance(value, dict) else value if value is UNKNOWN else None

    return read


def constant(value: Any) -> Read:
    """The same value for every record."""
    return lambda _record: value


def first(reads: Sequence[Read]) -> Read:
    """The first value that isn't empty; unknown where that can't be told."""

    def read(record: Record) -> Any:
        for each in reads:
            value = each(record)
            if value is UNKNOWN or not is_empty(value):
                return value
        return None

    return read
