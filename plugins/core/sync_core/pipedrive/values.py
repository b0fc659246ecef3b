"""Values on their way into Pipedrive: one row per field type, a refusal for the rest.

Types and limits are those of Pipedrive's documentation of custom fields (API v2, which is strict:
a number as text is refused by the service).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sync_core.canonical import canon
from sync_core.errors import ConfigurationError
from sync_core.mapping import TargetField, ValueMisfitError, simple
from sync_core.pipedrive.fields import Field
from sync_core.text import fold, near
from sync_core.web import domain

_SHORT, _LONG = 255, 65_000
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ][0-9:.,+Z -]*)?")
_LONGEST_NUMBER = 300
_NOT_DIALLED = re.compile(r"[^\d+]")


@dataclass(frozen=True)
class FieldType:
    """How values of one `field_type` are written.

    Attributes:
        convert: (value, field) -> value to send; raises `ValueMisfitError`.
        plain: (stored value, field) -> the value as a tap shows it.
    """

    convert: Callable[[Any, Field], Any]
    plain: Callable[[Any, Field], Any] = lambda stored, _field: stored


def text(limit: int) -> Callable[[Any, Field], str]:
    """A converter to text of at most so many characters; nothing is cut off."""

    def convert(value: Any, _field: Field) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            value = ", ".join(value)
        if isinstance(value, (float, Decimal)) and not math.isfinite(value):
            raise ValueMisfitError("expected text, got a number without end")
        if not isinstance(value, (str, int, float, Decimal)):
            raise ValueMisfitError(f"expected text, got {_kind(value)}")
        plain = value.strip() if isinstance(value, str) else str(canon(value))
        if len(plain) > limit:
            raise ValueMisfitError(f"at most {limit} characters fit, got {len(plain)}")
        return plain

    return convert


def number(value: Any, _field: Field) -> float | int:
    """A number, or text that is one; thousands separators and decimal commas are refused."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueMisfitError(f"expected a number with a decimal point, got {_kind(value)}")
    if not _is_writable(value):
        raise ValueMisfitError("expected a finite number")
    # A whole number stays one: a float would lose digits of a long one.
    return int(value) if value == int(value) else float(value)


def _is_writable(value: float | Decimal) -> bool:
    if isinstance(value, int):
        return bool(abs(value) < 10**_LONGEST_NUMBER)
    return bool(math.isfinite(value) and Decimal(value).adjusted() < _LONGEST_NUMBER)


def option(value: Any, field: Field) -> int | str:
    """The id of the option with this label, regardless of case and outer blanks."""
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    if not isinstance(value, (str, int, float)):
        raise ValueMisfitError(f"expected the label of one option, got {_kind(value)}")
    label = str(canon(value))
    found = field.option(label)
    if found is None:
        labels = [each.label for each in field.options]
        if fold(label) in map(fold, labels):
            raise ValueMisfitError("several options of the field have this label; rename one")
        raise ValueMisfitError(
            f"no option of the field fits the value; {_options_only(near(label, labels))}"
        )
    return found.id


def options(value: Any, field: Field) -> list[int | str]:
    """The ids of several options."""
    values = value if isinstance(value, list) else [value]
    return sorted({option(each, field) for each in values}, key=str)


def day(value: Any, _field: Field) -> str:
    """A date as YYYY-MM-DD; a time of day after it is left out."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        return date.fromisoformat(match[1]).isoformat() if match else _no_date(value)
    except ValueError:
        return _no_date(value)


def _no_date(value: Any) -> str:
    raise ValueMisfitError(f"expected a date as YYYY-MM-DD, got {_kind(value)}")


def _label(stored: Any, field: Field) -> Any:
    return None if stored is None else field.label_of(stored) or stored


def _labels(stored: Any, field: Field) -> Any:
    return [_label(each, field) for each in stored] if isinstance(stored, list) else None


#: What can be written, by `field_type`. A type that isn't a row is refused by name.
FIELD_TYPES: Mapping[str, FieldType] = {
    "varchar": FieldType(text(_SHORT)),
    "varchar_auto": FieldType(text(_SHORT)),
    "text": FieldType(text(_LONG)),
    "phone": FieldType(text(_SHORT)),
    "double": FieldType(number),
    "enum": FieldType(option, _label),
    "set": FieldType(options, _labels),
    "date": FieldType(day),
}


def custom_field(field: Field, setting: str) -> TargetField:
    """A company's own field as a mapping writes it.

    Raises:
        ConfigurationError: Fields of this type can't be written.
    """
    kind = FIELD_TYPES.get(field.type)
    if kind is None:
        raise ConfigurationError(
            f"{setting}: the Pipedrive field {field.label!r} is of type {field.type}, which can't "
            f"be written; writable are {', '.join(sorted(FIELD_TYPES))}"
        )
    return TargetField(
        key=field.key,
        label=field.label,
        convert=lambda value: kind.convert(value, field),
        plain=lambda stored: kind.plain(stored, field),
        holds=lambda stored, wanted: canon(stored) == canon(wanted),
        clearable=True,
    )


def text_field(key: str, label: str, *, clearable: bool = True) -> TargetField:
    """A built-in text field."""
    return TargetField(
        key=key,
        label=label,
        convert=lambda value: text(_SHORT)(value, Field(key, label, "varchar")),
        holds=lambda stored, wanted: canon(stored) == canon(wanted),
        clearable=clearable,
    )


def number_field(key: str, label: str) -> TargetField:
    """A built-in number field."""
    return TargetField(
        key=key,
        label=label,
        convert=lambda value: number(value, Field(key, label, "double")),
        holds=lambda stored, wanted: canon(stored) == canon(wanted),
        clearable=True,
    )


def website_field(key: str, label: str) -> TargetField:
    """A field that holds a domain, alone or as an address; both say the same."""
    return TargetField(
        key=key,
        label=label,
        convert=lambda value: text(_SHORT)(value, Field(key, label, "varchar")),
        plain=domain,
        holds=_same_site,
        clearable=False,
    )


def _same_site(stored: Any, wanted: str) -> bool:
    found = domain(wanted)
    return canon(stored) == canon(wanted) if found is None else domain(stored) == found


def contact_field(key: str, label: str, same: Callable[[str], str]) -> TargetField:
    """An e-mail or phone list, into which values are merged; others' entries are never lost.

    Args:
        key: `emails` or `phones`.
        label: What people call it.
        same: Reduces an entry to what makes two of them equal.
    """

    def values(stored: Any) -> list[dict[str, Any]]:
        entries = stored if isinstance(stored, list) else []
        known = [entry for entry in entries if isinstance(entry, dict)]
        return [entry for entry in known if str(entry.get("value") or "").strip()]

    def holds(stored: Any, wanted: str) -> bool:
        return same(wanted) in {same(str(entry["value"])) for entry in values(stored)}

    def combine(stored: Any, wanted: str) -> list[dict[str, Any]]:
        known = values(stored)
        return [*known, {"value": wanted, "primary": not known}]

    return TargetField(
        key=key,
        label=label,
        convert=lambda value: text(_SHORT)(value, Field(key, label, "varchar")),
        plain=simple,
        holds=holds,
        combine=combine,
    )


def same_email(value: str) -> str:
    """An e-mail address without regard to case."""
    return value.strip().casefold()


def same_phone(value: str) -> str:
    """A phone number without the marks that only group its digits."""
    return _NOT_DIALLED.sub("", value) or value.strip().casefold()


def id_field(key: str, label: str, resolve: Callable[[Any], int]) -> TargetField:
    """A field that holds another record's id."""
    return TargetField(key=key, label=label, convert=resolve)


def _kind(value: Any) -> str:
    """A value's kind, never the value itself, which may be personal."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "something else")


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (str, "other text"),
    (list, "a list"),
    (dict, "an object"),
    ((int, float, Decimal), "a number"),
)


def _options_only(hint: str) -> str:
    """The suggestion without the value; option labels aren't personal, values may be."""
    return hint or "the field has no options"
