"""The built-in fields that can be written, as tables: a new one is a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from sync_core.mapping import TargetField
from sync_core.pipedrive import Field
from sync_core.pipedrive.values import (
    FIELD_TYPES,
    How,
    contact_field,
    flags,
    lead_labels,
    lead_value,
    number_field,
    same_email,
    same_phone,
    text_field,
    website_field,
)

Make = Callable[[Field, How], TargetField]


def _as(kind: str) -> Make:
    """A built-in field of a type that custom fields have; whether null empties one isn't known."""

    def make(field: Field, how: How) -> TargetField:
        return replace(FIELD_TYPES[kind].make(replace(field, type=kind), how), clearable=False)

    return make


def _simply(make: Callable[[str, str], TargetField]) -> Make:
    return lambda field, _how: make(field.key, field.label)


_NAME = _simply(partial(text_field, clearable=False))

#: Built-in fields that can be written, by the entity's key; Pipedrive's OpenAPI files.
BUILT_IN: Mapping[str, Mapping[str, Make]] = {
    "person": {
        "name": _NAME,
        "first_name": _NAME,
        "last_name": _NAME,
        "emails": _simply(partial(contact_field, equal=same_email)),
        "phones": _simply(partial(contact_field, equal=same_phone)),
        "owner_id": _as("user"),
    },
    "organization": {
        "name": _NAME,
        "address": _as("address"),
        "website": _simply(website_field),
        "linkedin": _simply(text_field),
        "annual_revenue": _simply(number_field),
        "employee_count": _simply(number_field),
        "owner_id": _as("user"),
    },
    "deal": {
        "title": _NAME,
        "value": _as("double"),
        "currency": _as("varchar"),
        "status": _as("varchar"),
        "pipeline_id": _as("double"),
        "stage_id": _as("double"),
        "probability": _as("double"),
        "lost_reason": _as("varchar"),
        "expected_close_date": _as("date"),
        "person_id": _as("people"),
        "org_id": _as("org"),
        "owner_id": _as("user"),
    },
    "lead": {
        "title": _NAME,
        "value": lead_value,
        "label_ids": lead_labels,
        "expected_close_date": _as("date"),
        "person_id": FIELD_TYPES["people"].make,
        "organization_id": FIELD_TYPES["org"].make,
        "owner_id": _as("user"),
        "is_archived": flags,
    },
}
#: What a line may say of a built-in field besides, by entity and key.
DETAILS: Mapping[tuple[str, str], frozenset[str]] = {("lead", "value"): frozenset({"currency"})}
