"""Raw records become flat ones: fixed columns and one column per property."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from sync_core.times import comparable

from tap_journy.entities import Entity
from tap_journy.sources import Raw, dig

Schema = dict[str, Any]
Record = dict[str, Any]
_MILLISECONDS = len("2026-01-31T10:20:30.123")
_TEXTS: Schema = {"type": ["array", "null"], "items": {"type": ["string", "null"]}}


class Shape(NamedTuple):
    """JSON Schema of a column, and what turns a value that isn't null into it."""

    schema: Schema
    convert: Callable[[Any], Any]


class Definition(NamedTuple):
    """A property as journy's catalogue describes it; the catalogue has no types."""

    name: str
    label: str
    computed: bool


def stamp(value: Any) -> str:
    """A time in UTC with milliseconds, ending in Z; empty where there is no time to read."""
    text = comparable(value)
    return text and text[:_MILLISECONDS] + "Z"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError("not a number")
    return value if isinstance(value, int) else float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not true or false")
    return value


def _texts(value: Any) -> list[str]:
    return [_text(each) for each in (value if isinstance(value, list) else [value])]


def _anything(value: Any) -> Any:
    if isinstance(value, list):
        return _texts(value)
    return _text(value) if isinstance(value, dict) else value


#: Kind of the values seen -> shape. Kinds: journy's documented value types.
_SHAPES: Mapping[str, Shape] = {
    "string": Shape({"type": ["string", "null"]}, _text),
    "number": Shape({"type": ["number", "null"]}, _number),
    "boolean": Shape({"type": ["boolean", "null"]}, _boolean),
    "array": Shape(_TEXTS, _texts),
}
#: A property without values in the sample, or with several kinds: whatever comes has a place.
_ANY = Shape({**_TEXTS, "type": ["string", "number", "boolean", "array", "null"]}, _anything)
_KINDS: Mapping[type, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    list: "array",
}


class Layout:
    """The columns of users or accounts, and how a raw record fills them.

    Attributes:
        misfits: Column -> values that didn't fit its type and were left empty.
        unknown: Properties first seen after discovery.
        nameless: How many records had no identifier.
    """

    def __init__(
        self,
        entity: Entity,
        listing: Mapping[str, Any],
        catalogue: Iterable[Definition],
        sample: list[Raw],
    ) -> None:
        """Lay out the columns.

        Args:
            entity: Users or accounts.
            listing: Where things stand in a raw record.
            catalogue: The documented definitions, in journy's order.
            sample: Raw records, from which types are told.
        """
        self._entity = entity
        self._listing = listing
        seen = _kinds(dig(raw, listing["properties"]) for raw in sample)
        named = {definition.name: definition for definition in catalogue}
        for name in seen:
            named.setdefault(name, Definition(name, name, computed=False))
        self._definitions = named
        self._shapes = {name: _shape(seen.get(name, set())) for name in named}
        self._columns = _column_names(named, entity.fixed)
        self._wanted: Collection[str] = (*entity.fixed, *self._columns.values())
        self.misfits: Counter[str] = Counter()
        self.unknown: set[str] = set()
        self.nameless = 0

    @property
    def schema(self) -> Schema:
        """JSON Schema of a record."""
        times = {"type": ["string", "null"], "format": "date-time"}
        fixed: dict[str, Schema] = {
            self._entity.id_column: {"type": "string"},
            self._entity.contact: {"type": ["string", "null"]},
            "segments": dict(_TEXTS),
            **{name: dict(_TEXTS) for name in self._entity.links},
            "created_at": dict(times),
            "updated_at": dict(times),
        }
        own = {column: self._property_schema(name) for name, column in self._columns.items()}
        return {"type": "object", "properties": {**fixed, **own}}

    def _property_schema(self, name: str) -> Schema:
        found = self._definitions[name]
        about = {"name": name, "label": found.label, "computed": found.computed}
        return {**self._shapes[name].schema, "title": found.label, "x-journy": about}

    def keep(self, names: Collection[str]) -> None:
        """Fill only these columns from now on."""
        self._wanted = names

    def record(self, raw: Raw) -> Record | None:
        """The record, or None where it has neither of the two identifiers."""
        contact = dig(raw, self._listing[self._entity.contact]) or None
        # journy identifies by either; a record that has only the second one is known by it.
        own_id = dig(raw, self._listing["id"]) or contact
        if own_id is None:
            self.nameless += 1
            return None
        record = {self._entity.id_column: _text(own_id)}
        self._set(record, self._entity.contact, contact, _text)
        for name in ("segments", *self._entity.links):
            self._set(record, name, dig(raw, self._listing[name]), _texts)
        for name in ("created_at", "updated_at"):
            self._set(record, name, dig(raw, self._listing[name]), _time)
        self._set_properties(record, dig(raw, self._listing["properties"]))
        return record

    def _set_properties(self, record: Record, properties: Any) -> None:
        values = properties if isinstance(properties, dict) else {}
        for name, column in self._columns.items():
            self._set(record, column, values.get(name), self._shapes[name].convert)
        self.unknown |= values.keys() - self._columns.keys()

    def _set(self, record: Record, column: str, value: Any, convert: Callable[[Any], Any]) -> None:
        if column not in self._wanted:
            return
        record[column] = None
        if value is not None:
            try:
                record[column] = convert(value)
            except (TypeError, ValueError):
                self.misfits[column] += 1


def _time(value: Any) -> str:
    text = stamp(value)
    if not text:
        raise ValueError("not a time")
    return text


def _kinds(samples: Iterable[Any]) -> dict[str, set[str]]:
    """Property -> kinds of its values, in the order of appearance."""
    seen: dict[str, set[str]] = {}
    for properties in samples:
        for name, value in (properties if isinstance(properties, dict) else {}).items():
            kinds = seen.setdefault(name, set())
            if value is not None:
                kinds.add(_KINDS.get(type(value), "other"))
    return seen


def _shape(kinds: set[str]) -> Shape:
    return _SHAPES.get(next(iter(kinds)), _ANY) if len(kinds) == 1 else _ANY


def _column_names(properties: Iterable[str], fixed: Collection[str]) -> dict[str, str]:
    """Property -> column: journy's own name, prefixed where a fixed column has it."""
    names = list(properties)
    taken = {*fixed, *names}
    columns = {}
    for name in names:
        column = name
        while column in fixed or (column != name and column in taken):
            column = f"property_{column}"
        taken.add(column)
        columns[name] = column
    return columns
