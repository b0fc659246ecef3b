"""Custom fields as columns: a readable name, a JSON Schema and a converter for each field.

Pure functions from a field catalogue; nothing here talks to the service or to a framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from typing import Any

from sync_core.pipedrive.fields import Field
from sync_core.text import snake_case

Schema = dict[str, Any]
Convert = Callable[[Any], Any]
KEY_DIGITS = 6
#: `field_type` of choices -> what a column with their ids is called behind the other's name.
_ID_SUFFIXES = {"enum": "id", "set": "ids"}


@dataclass(frozen=True)
class Shape:
    """What a column holds.

    Attributes:
        schema: JSON Schema of its values; null is always allowed.
        convert: Turns a value that isn't null into the declared type.
        plain: A Python type whose values need no conversion.

    A converter raises `ValueError` or `TypeError` for a value that has no place in the column.
    """

    schema: Schema
    convert: Convert
    plain: type | None = None


@dataclass(frozen=True)
class Column:
    """One custom field as a column.

    Attributes:
        name: Column name, unique within its stream.
        field: The field behind it.
        schema: JSON Schema, with the field's key, label and type under `x-pipedrive`.
        shape: How values become what the schema says.
        known: Whether this version knows the field's type; if not, any JSON is kept.
        source: The key under which a record has the value, where it isn't the field's.
    """

    name: str
    field: Field
    schema: Schema
    shape: Shape
    known: bool = True
    source: str = ""

    @property
    def key(self) -> str:
        """The key under which a record has the value."""
        return self.source or self.field.key


def _text(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        raise TypeError("not a text")
    return value if isinstance(value, str) else str(value)


def _number(value: Any) -> float:
    if isinstance(value, bool):  # which Python takes for 0 and 1
        raise TypeError("not a number")
    # A whole number stays one: a float would lose digits of a long one.
    number = value if isinstance(value, int) else float(value)
    if isinstance(number, float) and not isfinite(number):
        raise ValueError("not a number that JSON knows")
    return number


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError("not a number")
    number = int(value)
    if number != float(value):
        raise ValueError("not a whole number")
    return number


def _boolean(value: Any) -> bool:
    if value in (0, 1):
        return bool(value)
    raise ValueError("not true or false")


def _date(value: Any) -> str | None:
    # An unset date is documented as null; an empty text means the same.
    return date.fromisoformat(value).isoformat() if value else None


def _keep(value: Any) -> Any:
    return value


def nullable(kind: str, **extra: Any) -> Schema:
    """A JSON Schema of one type that may be null."""
    return {"type": [kind, "null"], **extra}


TEXT = Shape(nullable("string"), _text, str)
NUMBER = Shape(nullable("number"), _number, float)
INTEGER = Shape(nullable("integer"), _integer, int)
BOOLEAN = Shape(nullable("boolean"), _boolean, bool)
DATE = Shape(nullable("string", format="date"), _date)
#: No array items are declared, since nothing is known of them.
ANYTHING = Shape({"type": ["string", "number", "boolean", "object", "array", "null"]}, _keep)


def _parts(**parts: Shape) -> Shape:
    """An object of which each documented part is present, null where it is unset.

    Parts that aren't documented are kept as they come.
    """

    def convert(value: Any) -> dict[str, Any]:
        # A bare value instead of the object is undocumented, but its meaning is plain.
        found: dict[str, Any] = dict.fromkeys(parts)
        found.update(value if isinstance(value, dict) else {"value": value})
        for name, shape in parts.items():
            part = found[name]
            if part is not None and type(part) is not shape.plain:
                found[name] = shape.convert(part)
        return found

    properties = {name: shape.schema for name, shape in parts.items()}
    return Shape(nullable("object", properties=properties), convert)


_TIME = {"timezone_id": INTEGER, "timezone_name": TEXT}
MONETARY = _parts(value=NUMBER, currency=TEXT)
DATE_RANGE = _parts(value=DATE, until=DATE)
TIME = _parts(value=TEXT, **_TIME)
TIME_RANGE = _parts(value=TEXT, until=TEXT, **_TIME)
ADDRESS = _parts(
    value=TEXT,
    country=TEXT,
    admin_area_level_1=TEXT,
    admin_area_level_2=TEXT,
    locality=TEXT,
    sublocality=TEXT,
    route=TEXT,
    street_number=TEXT,
    subpremise=TEXT,
    postal_code=TEXT,
    formatted_address=TEXT,
)


def _choice(field: Field, option_labels: bool) -> Shape:
    """An option's label, or its id; a deleted option has no label left: its id as text."""
    if not option_labels:
        return INTEGER
    labels = {str(option.id): option.label for option in field.options}
    return Shape(nullable("string"), lambda value: labels.get(str(value)) or _text(value))


def _choices(field: Field, option_labels: bool) -> Shape:
    one = _choice(field, option_labels)
    kind = "string" if option_labels else "integer"

    def convert(value: Any) -> list[Any]:
        return [one.convert(each) for each in (value if isinstance(value, list) else [value])]

    return Shape(nullable("array", items={"type": kind}), convert)


def _always(shape: Shape) -> Callable[[Field, bool], Shape]:
    return lambda _field, _option_labels: shape


#: `field_type` -> shape, given the field and whether options appear as labels.
#: Types and their JSON: Pipedrive OpenAPI v2 and its custom fields documentation.
SHAPES: dict[str, Callable[[Field, bool], Shape]] = {
    **dict.fromkeys(("varchar", "varchar_auto", "text", "phone"), _always(TEXT)),
    **dict.fromkeys(("int", "user", "org", "people", "deal"), _always(INTEGER)),
    "double": _always(NUMBER),
    "boolean": _always(BOOLEAN),
    "enum": _choice,
    "set": _choices,
    "date": _always(DATE),
    "daterange": _always(DATE_RANGE),
    "time": _always(TIME),
    "timerange": _always(TIME_RANGE),
    "monetary": _always(MONETARY),
    "address": _always(ADDRESS),
}


def columns(
    fields: Iterable[Field],
    reserved: Iterable[str],
    *,
    option_labels: bool,
    option_ids: bool = False,
    remembered: Mapping[str, str] | None = None,
) -> list[Column]:
    """A column for each custom field.

    Args:
        fields: In the catalogue's order, on which names depend where labels collide.
        reserved: Names that the stream already uses.
        option_labels: Whether enum and set values appear as labels rather than ids.
        option_ids: Whether columns with the ids stand beside those with the labels.
        remembered: Key -> the name that a field had first. It keeps that when its label changes,
            and no other field gets it, even after the first one is gone.
    """
    taken = set(reserved)
    names = {key: name for key, name in (remembered or {}).items() if name not in taken}
    taken.update(names.values())
    found: list[Column] = []
    for each in fields:
        name = names.get(each.key) or _free_name(each, taken)
        taken.add(name)
        found.append(_column(name, each, option_labels))
    if not (option_labels and option_ids):
        return found
    beside = {column.name: _ids_column(column, names, taken) for column in found}
    return [each for one in found for each in (one, beside[one.name]) if each is not None]


def _ids_column(column: Column, names: Mapping[str, str], taken: set[str]) -> Column | None:
    """The column with the option ids of another one; named when all fields have their names.

    It counts as a field of its own, whose key goes on behind the real one's: so its name lasts too.
    """
    field = column.field
    suffix = _ID_SUFFIXES.get(field.type)
    if suffix is None:
        return None
    own = replace(field, key=f"{field.key}.{suffix}", label=f"{field.label} {suffix}")
    plain = f"{column.name}_{suffix}"
    name = names.get(own.key) or (_free_name(own, taken) if plain in taken else plain)
    taken.add(name)
    return replace(_column(name, own, option_labels=False), source=field.key)


def _free_name(field: Field, taken: set[str]) -> str:
    """The label in snake case; with the key's first digits, or all of it, where that is taken.

    So of two fields with one label the first keeps the plain name, unless it is reserved.
    """
    short = field.key[:KEY_DIGITS]
    plain = snake_case(field.label) or f"field_{short}"
    candidates = (plain, f"{plain}_{short}", f"{plain}_{field.key}")
    return next((name for name in candidates if name not in taken), f"field_{field.key}")


def _column(name: str, field: Field, option_labels: bool) -> Column:
    make = SHAPES.get(field.type, _always(ANYTHING))
    shape = make(field, option_labels)
    about = {"key": field.key, "label": field.label, "type": field.type}
    schema = {**shape.schema, "title": field.label, "x-pipedrive": about}
    return Column(name, field, schema, shape, known=field.type in SHAPES)
