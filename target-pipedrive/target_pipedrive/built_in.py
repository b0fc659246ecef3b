"""The built-in fields that can be written, as tables: a new one is a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from sync_core.mapping import TargetField
from sync_core.pipedrive import Field
from sync_core.pipedrive.endpoints import PINS
from sync_core.pipedrive.values import (
    FIELD_TYPES,
    How,
    contact_field,
    due_dates,
    due_times,
    flag_field,
    html_texts,
    lead_labels,
    lead_links,
    lead_value,
    named,
    number_field,
    people,
    pins,
    same_phone,
    text_field,
    website_field,
)
from sync_core.pipedrive.values.links import links
from sync_core.text import same_email

Make = Callable[[Field, How], TargetField]


def _as(kind: str) -> Make:
    """A built-in field of a type that custom fields have; whether null empties one isn't known."""

    def make(field: Field, how: How) -> TargetField:
        return replace(FIELD_TYPES[kind].make(replace(field, type=kind), how), clearable=False)

    return make


def _linked(make: Make) -> Make:
    """A built-in field with another record's id; whether null empties one isn't known."""
    return lambda field, how: replace(make(field, how), clearable=False)


def _simply(make: Callable[[str, str], TargetField]) -> Make:
    return lambda field, _how: make(field.key, field.label)


def _labels(field: Field, how: How) -> TargetField:
    """A record's labels by name; whether one may be added through the API isn't documented."""
    return _as("set")(field, replace(how, add_option=None))


_PERSON, _ORGANIZATION = FIELD_TYPES["people"].make, FIELD_TYPES["org"].make
_DEAL = links("a deal's id as a number, or the key that it is linked by")
_NAME = _simply(partial(text_field, clearable=False))

#: Built-in fields that can be written, by the entity's key; Pipedrive's OpenAPI files.
BUILT_IN: Mapping[str, Mapping[str, Make]] = {
    "person": {
        "name": _NAME,
        "first_name": _NAME,
        "last_name": _NAME,
        "emails": _simply(partial(contact_field, equal=same_email)),
        "phones": _simply(partial(contact_field, equal=same_phone)),
        "label_ids": _labels,
        "owner_id": _as("user"),
    },
    "organization": {
        "name": _NAME,
        "address": _as("address"),
        "website": _simply(website_field),
        "linkedin": _simply(text_field),
        "annual_revenue": _simply(number_field),
        "employee_count": _simply(number_field),
        "label_ids": _labels,
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
        "label_ids": _labels,
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
        "person_id": _PERSON,
        "organization_id": _ORGANIZATION,
        "owner_id": _as("user"),
        "is_archived": flag_field,
    },
    "activity": {
        "subject": _NAME,
        "type": named("activity_type", "the key or the name of an activity type"),
        "due_date": due_dates,
        "due_time": due_times,
        "duration": due_times,
        "done": flag_field,
        "busy": flag_field,
        "priority": named("priority", "the label of a priority"),
        "note": html_texts,
        "public_description": _as("text"),
        "location": _as("address"),
        "person_id": people,
        "org_id": _as("org"),
        "deal_id": _linked(_DEAL),
        "lead_id": lead_links,
        "owner_id": _as("user"),
    },
    "note": {
        "content": html_texts,
        "person_id": _as("people"),
        "org_id": _as("org"),
        "deal_id": _linked(_DEAL),
        "lead_id": lead_links,
        **dict.fromkeys(PINS, pins),
    },
}
#: What a line may say of a built-in field besides, by entity and key.
DETAILS: Mapping[tuple[str, str], frozenset[str]] = {
    **{(name, "label_ids"): frozenset({"merge"}) for name in ("person", "organization", "deal")},
    ("lead", "value"): frozenset({"currency"}),
    ("activity", "due_date"): frozenset({"zone"}),
}
