"""The table of field types: how each is made of what comes in, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.mapping import TargetField
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values import choices, links, moments, places, scalars
from sync_core.pipedrive.values.how import How, Make
from sync_core.pipedrive.values.kinds import FLAG, LIST, NUMBER, OBJECT, TEXT


@dataclass(frozen=True)
class FieldType:
    """How values become those of one `field_type`.

    Attributes:
        name: What people call the type.
        make: The destination field.
        rules: Kind of source value -> what becomes of it; a kind that isn't there is refused.
        details: Keys of a mapping's line that such a field understands.
    """

    name: str
    make: Make
    rules: Mapping[str, str]
    details: frozenset[str] = field(default_factory=frozenset)


_VALUE = "its `value`"
_TEXT = {
    TEXT: "as it is, without outer blanks",
    NUMBER: "its shortest spelling",
    FLAG: "`true`, `false`",
    LIST: "texts, joined by commas",
    OBJECT: _VALUE,
}
_DAY = "YYYY-MM-DD; a time of day after it is left out, or read with `zone`"
_CLOCK = "HH:MM or HH:MM:SS; a point in time with `zone`"
_ZONE = frozenset({"zone"})


def _link(text: str) -> dict[str, str]:
    return {TEXT: text, NUMBER: "Pipedrive's id", OBJECT: _VALUE}


#: What can be written, by `field_type`. A type that isn't a row is refused by name.
FIELD_TYPES: Mapping[str, FieldType] = {
    "varchar": FieldType("text, 255 characters", scalars.texts(scalars.SHORT), _TEXT),
    "varchar_auto": FieldType("autocomplete, 255", scalars.texts(scalars.SHORT), _TEXT),
    "text": FieldType("long text, 65,000", scalars.texts(scalars.LONG), _TEXT),
    "phone": FieldType("phone, 255", scalars.texts(scalars.SHORT), _TEXT),
    "double": FieldType(
        "number, 16 digits",
        scalars.numbers,
        {TEXT: "digits with a decimal point, no separators", NUMBER: "as it is", OBJECT: _VALUE},
    ),
    "monetary": FieldType(
        "money",
        scalars.amounts,
        {
            TEXT: "`12.50`, `12.50 EUR` or `EUR 12.50`",
            NUMBER: "with the line's `currency`, else the stored one, else refused",
            OBJECT: "`value` and `currency`",
        },
        frozenset({"currency"}),
    ),
    "enum": FieldType(
        "single option",
        choices.single,
        {
            TEXT: "the option's label, else its id",
            NUMBER: "the option's label, else its id",
            FLAG: "the option Yes or No",
            OBJECT: _VALUE,
        },
    ),
    "set": FieldType(
        "multiple option",
        choices.multiple,
        {
            TEXT: "one option",
            NUMBER: "one option",
            FLAG: "the option Yes or No",
            LIST: "options; with `merge: add` beside the stored ones",
            OBJECT: _VALUE,
        },
        frozenset({"merge"}),
    ),
    "date": FieldType("date", moments.days, {TEXT: _DAY, OBJECT: _VALUE}, _ZONE),
    "daterange": FieldType(
        "date range",
        moments.date_ranges,
        {TEXT: "`2026-01-31/2026-02-28`", OBJECT: "`value` and `until`"},
        _ZONE,
    ),
    "time": FieldType(
        "time",
        moments.clocks,
        {TEXT: _CLOCK, OBJECT: "`value`, and `timezone_name` if it has one"},
        _ZONE,
    ),
    "timerange": FieldType(
        "time range",
        moments.time_ranges,
        {TEXT: "`09:00/17:00`", OBJECT: "`value`, `until`, and `timezone_name` if it has one"},
        _ZONE,
    ),
    "address": FieldType(
        "address",
        places.addresses,
        {TEXT: "as it is", OBJECT: "`value` and further parts"},
    ),
    "user": FieldType(
        "user",
        links.links("a user's e-mail address or id"),
        _link("an active user's e-mail address or id"),
    ),
    "org": FieldType(
        "organization",
        links.links("an account's id as text, or an organization's id as a number"),
        _link("the account id that the organization is linked by"),
    ),
    "people": FieldType(
        "person",
        links.links("a user's e-mail address, or a person's id as a number"),
        _link("the e-mail address that the person is linked by"),
    ),
}


def custom_field(
    field: Field, setting: str, how: How | None = None, details: Mapping[str, Any] | None = None
) -> TargetField:
    """A company's own field as a mapping writes it.

    Args:
        field: The catalogue's entry.
        setting: Where it was written, for messages.
        how: What the session adds.
        details: What the line adds.

    Raises:
        ConfigurationError: Fields of this type can't be written, or don't know such details.
    """
    found = FIELD_TYPES.get(field.type)
    if found is None:
        raise ConfigurationError(
            f"{setting}: the Pipedrive field {field.label!r} is of type {field.type}, which can't "
            f"be written; writable are {', '.join(sorted(FIELD_TYPES))}"
        )
    said = details or {}
    refuse_details(said, found.details, f"{field.label!r} is of type {field.type}", setting)
    return found.make(field, (how or How()).told(said, setting))


def refuse_details(
    details: Mapping[str, Any], known: frozenset[str], said: str, setting: str
) -> None:
    """Refuse keys of a line that its field has no use for.

    Args:
        details: Those of the line.
        known: Those that the field understands.
        said: What the field is, for the message.
        setting: Where the line stands.

    Raises:
        ConfigurationError: Names each of them.
    """
    hint = f"of such keys it knows {', '.join(sorted(known))}" if known else "leave it out"
    problems = [
        f"{setting}: the Pipedrive field {said}, which has no use for {key}; {hint}"
        for key in details
        if key not in known
    ]
    if problems:
        raise ConfigurationError(problems)
