"""What a mapping's lines may say."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

#: Everything that a single value of a mapping's line may be.
_SINGLE = ["string", "number", "boolean", "null"]


def account_fields() -> list[th.Property[Any]]:
    """Where an organization holds what journy knows its account by."""
    return [
        th.Property(
            "external_id_field",
            th.StringType,
            title="Account-ID field",
            description="Organization field, by name or key, that holds journy's account id; by "
            "default Account ID.",
        ),
        th.Property(
            "domain_field",
            th.StringType,
            title="Domain field",
            description="Organization field that holds the domain; by default website, where the "
            "company has it.",
        ),
    ]


def field_lines(
    source: str, destination: str, *, typed: bool = False, clears: bool = False
) -> th.Property[Any]:
    """The `fields` of a mapping.

    Args:
        source: Whose fields are read, for the descriptions.
        destination: Whose fields are written.
        typed: Whether the destination's fields have types that a line says more about.
        clears: Whether a line says if a vanished value deletes the destination's.
    """
    more = [*_typed(typed=typed), *([_CLEAR] if clears else [])]
    return th.Property(
        "fields",
        th.ArrayType(th.ObjectType(*_sources(source), *_ways(destination), *more)),
        title="Fields",
        description="Fields that go across on top of the automatic ones.",
    )


_CLEAR: th.Property[Any] = th.Property(
    "clear",
    th.BooleanType,
    default=False,
    description="Whether a value that vanishes at the source deletes the destination's.",
)


def _sources(source: str) -> list[th.Property[Any]]:
    """Where a line's value comes from, and what becomes of it."""
    names = {"type": ["string", "array"], "items": {"type": "string"}}
    values = {"type": ["string", "number", "boolean", "array"], "items": {"type": "string"}}
    return [
        th.Property(
            "from",
            th.CustomType(names),
            description=f"Field of {source}, or several: the first that isn't empty counts.",
        ),
        th.Property("value", th.CustomType(values), description="A constant instead of a field."),
        th.Property(
            "template",
            th.StringType,
            description="A text with fields in braces, such as {first_name} {last_name}.",
        ),
        th.Property(
            "map",
            th.CustomType({"type": "object", "additionalProperties": {"type": _SINGLE}}),
            description="Source value to destination value; null empties the field.",
        ),
        th.Property(
            "otherwise",
            th.CustomType({"type": _SINGLE}),
            description="What becomes of a value that the map doesn't have; without it such a "
            "value is refused.",
        ),
    ]


def _ways(destination: str) -> list[th.Property[Any]]:
    """Where a line's value goes, and who yields."""
    return [
        th.Property("to", th.StringType, required=True, description=f"Field of {destination}."),
        th.Property(
            "write",
            th.StringType,
            allowed_values=["always", "if_empty", "on_create"],
            default="always",
            description="When the value is written.",
        ),
        th.Property(
            "conflict",
            th.StringType,
            allowed_values=["pipedrive", "journy", "latest"],
            description="Which side wins where both have changed; by default pipedrive.",
        ),
    ]


def _typed(*, typed: bool) -> list[th.Property[Any]]:
    """What a line says of fields of some types."""
    if not typed:
        return []
    return [
        th.Property(
            "currency",
            th.StringType,
            description="Of an amount that comes without one, for a money field.",
        ),
        th.Property(
            "zone",
            th.StringType,
            description="Time zone in which a point in time becomes a date or a time of day.",
        ),
        th.Property(
            "merge",
            th.StringType,
            allowed_values=["replace", "add"],
            description="Whether the stored choices of a multiple option are replaced or added to.",
        ),
    ]
