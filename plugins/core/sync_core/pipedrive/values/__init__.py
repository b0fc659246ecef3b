"""Values on their way into Pipedrive: one row per field type, a refusal for the rest.

Types and limits are those of Pipedrive's documentation of custom fields (API v2, which is strict:
a number as text is refused by the service).
"""

from __future__ import annotations

from sync_core.pipedrive.values.activities import (
    due_dates,
    due_times,
    lead_links,
    named,
    people,
)
from sync_core.pipedrive.values.built_in import (
    contact_field,
    id_field,
    number_field,
    same_phone,
    text_field,
    website_field,
)
from sync_core.pipedrive.values.flags import flag_field
from sync_core.pipedrive.values.how import How
from sync_core.pipedrive.values.html import html_texts
from sync_core.pipedrive.values.leads import lead_labels, lead_value
from sync_core.pipedrive.values.notes import pins
from sync_core.pipedrive.values.types import FIELD_TYPES, FieldType, custom_field

__all__ = [
    "FIELD_TYPES",
    "FieldType",
    "How",
    "contact_field",
    "custom_field",
    "due_dates",
    "due_times",
    "flag_field",
    "html_texts",
    "id_field",
    "lead_labels",
    "lead_links",
    "lead_value",
    "named",
    "number_field",
    "people",
    "pins",
    "same_phone",
    "text_field",
    "website_field",
]
