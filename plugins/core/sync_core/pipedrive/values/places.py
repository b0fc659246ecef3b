"""Addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync_core.mapping import TargetField, ValueMisfitError, simple
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How
from sync_core.pipedrive.values.kinds import kind, same
from sync_core.pipedrive.values.scalars import LONG, text

#: Parts that can be written; `formatted_address` is Pipedrive's own (OpenAPI, address item).
PARTS = (
    "value",
    "country",
    "admin_area_level_1",
    "admin_area_level_2",
    "locality",
    "sublocality",
    "route",
    "street_number",
    "subpremise",
    "postal_code",
)
_DERIVED = frozenset({"formatted_address"})
_text = text(LONG)


def address(value: Any) -> dict[str, str]:
    """An address as text, or with its parts; parts that aren't told are left to Pipedrive."""
    if isinstance(value, str):
        return {"value": _text(value)}
    if not isinstance(value, Mapping):
        raise ValueMisfitError(f"expected an address as text or as an object, got {kind(value)}")
    if not value.get("value") or value.keys() - _DERIVED - set(PARTS):
        raise ValueMisfitError(
            f"expected an object with value, and of its parts {', '.join(PARTS[1:])}"
        )
    return {part: _text(value[part]) for part in PARTS if value.get(part) not in (None, "")}


def addresses(field: Field, _how: How) -> TargetField:
    """Address fields."""

    def holds(stored: Any, wanted: Mapping[str, str]) -> bool:
        there = stored if isinstance(stored, Mapping) else {"value": stored}
        return all(same(there.get(part), value) for part, value in wanted.items())

    return TargetField(
        key=field.key,
        label=field.label,
        convert=address,
        plain=simple,
        holds=holds,
        # Its parts don't show in what is agreed on, so the stored ones have to be looked at.
        combine=lambda _stored, wanted: wanted,
        clearable=True,
        whole=True,
    )
