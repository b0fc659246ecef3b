"""The API's own columns: how their values become what the schemas say, down to items and parts.

Pipedrive's documented types are taken at their word, but a value of another one must not reach a
target that trusts the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sync_core.pipedrive.columns import (
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    Schema,
    Shape,
    nullable,
)
from sync_core.times import comparable

from tap_pipedrive.filling import DECODED, Slot
from tap_pipedrive.times import stamp

NULL = "null"
_SCALARS: Mapping[str, Shape] = {
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "string": TEXT,
}


def built_in_slot(name: str, schema: Schema, v1: bool) -> Slot:
    """The column of one of the API's own names.

    Args:
        name: Of the column, and of the value in a row.
        schema: JSON Schema of its values.
        v1: Whether rows are of API v1, with its own times.
    """
    timed = v1 and schema.get("format") == "date-time"
    shape = MOMENT if timed else _shape(schema)
    return Slot(name, name, shape.plain, shape.convert, Any if timed else _decoded(schema) | None)


def _moment(value: Any) -> str | None:
    """A time of API v1, which gives most without a zone, in UTC (vendor documentation)."""
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    if not value.strip("0-: "):
        return None  # how v1 writes that there is none
    if not comparable(value):
        raise ValueError("not a time")
    return stamp(value) if " " in value else value


MOMENT = Shape(nullable("string", format="date-time"), _moment)


def _kinds(schema: Schema) -> list[str]:
    """JSON types of a value that isn't null."""
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return [kind for kind in kinds if kind != NULL]


def _shape(schema: Schema) -> Shape:
    """How values become what a schema says."""
    kinds = _kinds(schema)
    if len(kinds) > 1:
        return ANYTHING
    if kinds == ["array"]:
        return _list(schema["items"])
    return _object(schema["properties"]) if kinds == ["object"] else _SCALARS[kinds[0]]


def _list(items: Schema) -> Shape:
    def convert(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise TypeError("not a list")
        return [fill(each) for each in value]

    fill = _fill(items)
    return Shape(nullable("array", items=items), convert)


def _object(properties: Mapping[str, Schema]) -> Shape:
    """An object of documented parts; others are kept as they come, and none is added."""

    def convert(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise TypeError("not an object")
        return {name: fill[name](v) if name in fill else v for name, v in value.items()}

    fill = {name: _fill(schema) for name, schema in properties.items()}
    return Shape(nullable("object", properties=properties), convert)


def _fill(schema: Schema) -> Any:
    """Turns an item or a part, which may be null where its schema says so, into its type."""
    shape, may_be_null = _shape(schema), NULL in schema["type"]

    def fill(value: Any) -> Any:
        if value is None and may_be_null:
            return None
        return value if type(value) is shape.plain else shape.convert(value)

    return fill


def _decoded(schema: Schema) -> Any:
    """As what type a value of a schema is read that needs no conversion."""
    kinds = _kinds(schema)
    if len(kinds) > 1:
        return Any
    if kinds == ["array"]:
        return list[_part(schema["items"])]  # type: ignore[misc]  # made just now
    if kinds == ["object"]:
        return _struct(schema["properties"])
    return DECODED[_SCALARS[kinds[0]].plain]


def _part(schema: Schema) -> Any:
    return _decoded(schema) | None if NULL in schema["type"] else _decoded(schema)


def _struct(properties: Mapping[str, Schema]) -> Any:
    """An object whose parts are documented: what it lacks isn't written either."""
    parts = [
        (name, _part(schema) | msgspec.UnsetType, msgspec.UNSET)
        for name, schema in properties.items()
    ]
    return msgspec.defstruct("Parts", parts, forbid_unknown_fields=True, gc=False)
