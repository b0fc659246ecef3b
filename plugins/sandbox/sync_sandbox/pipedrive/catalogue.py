"""Field definitions of one entity, built-in and custom."""

from __future__ import annotations

from typing import Any

Field = dict[str, Any]
# What a definition's parts are called, for the types that have parts.
SUBFIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "monetary": (("value", "double"), ("currency", "varchar")),
    "daterange": (("value", "date"), ("until", "date")),
    "time": (("value", "time"), ("timezone_id", "int"), ("timezone_name", "varchar")),
    "timerange": (
        ("value", "time"),
        ("until", "time"),
        ("timezone_id", "int"),
        ("timezone_name", "varchar"),
    ),
    "address": (
        ("value", "varchar"),
        ("country", "varchar"),
        ("admin_area_level_1", "varchar"),
        ("admin_area_level_2", "varchar"),
        ("locality", "varchar"),
        ("sublocality", "varchar"),
        ("route", "varchar"),
        ("street_number", "varchar"),
        ("subpremise", "varchar"),
        ("postal_code", "varchar"),
        ("formatted_address", "varchar"),
    ),
}
# The types that can be created (vendor's OpenAPI file).
CREATABLE = (
    "varchar",
    "text",
    "double",
    "phone",
    "date",
    "daterange",
    "time",
    "timerange",
    "set",
    "enum",
    "varchar_auto",
    "address",
    "monetary",
    "org",
    "people",
    "user",
)


def definition(
    name: str, code: str, kind: str, *, custom: bool, options: list[Field] | None
) -> Field:
    """A field definition as the Fields API gives it."""
    subfields = [
        {"field_code": part, "field_name": part.replace("_", " ").capitalize(), "field_type": of}
        for part, of in SUBFIELDS.get(kind, ())
    ]
    return {
        "field_name": name,
        "field_code": code,
        "description": "",
        "field_type": kind,
        "options": options,
        "subfields": subfields or None if custom else None,
        "is_custom_field": custom,
        "is_optional_response_field": False,
    }


class Catalogue:
    """The definitions by code, in their order; deleted ones are gone."""

    def __init__(self) -> None:
        self._fields: dict[str, Field] = {}
        self._removed: set[str] = set()
        self.nulls: dict[str, None] = {}

    def add(self, field: Field) -> Field:
        """Add a definition."""
        self._fields[field["field_code"]] = field
        if field["is_custom_field"]:
            self.nulls[field["field_code"]] = None
        return field

    def remove(self, code: str) -> Field:
        """Forget a definition."""
        self.nulls.pop(code, None)
        self._removed.add(code)
        return self._fields.pop(code)

    def is_used(self, code: str) -> bool:
        """Whether a definition has this code, or had it."""
        return code in self._fields or code in self._removed

    def by_number(self, number: int) -> Field | None:
        """The definition with this number, which is its id in v1; v2 does not tell it."""
        return next((f for f in self._fields.values() if f["number"] == number), None)

    def find(self, code: str) -> Field | None:
        """The definition with this code, or None."""
        return self._fields.get(code)

    def get(self, code: str) -> Field:
        """The definition with this code."""
        return self._fields[code]

    def custom(self, code: str) -> Field | None:
        """The custom field with this code, or None."""
        return self._fields.get(code) if code in self.nulls else None

    def named(self, name: str) -> Field:
        """The first field with this name, for tests and seeding."""
        return next(field for field in self._fields.values() if field["field_name"] == name)

    def all(self) -> list[Field]:
        """All definitions in their order."""
        return list(self._fields.values())
