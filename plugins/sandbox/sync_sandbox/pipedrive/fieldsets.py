"""The built-in and the seeded custom fields as tables."""

from __future__ import annotations

from typing import Any

from sync_sandbox.pipedrive.fieldsets_sales import SALES_CUSTOM, SALES_LABELS, SALES_SYSTEM

System = tuple[str, str, str, list[dict[str, Any]] | None]
Custom = tuple[str, str, tuple[str, ...] | None]

# Option ids are numbers in custom fields and texts in built-in ones (vendor's documentation).
VISIBILITY: list[dict[str, Any]] = [
    {"id": "1", "label": "Item owner"},
    {"id": "3", "label": "All users"},
]
COMMON: tuple[System, ...] = (
    ("Owner", "owner_id", "user", None),
    ("Labels", "label_ids", "set", []),
    ("Visible to", "visible_to", "visible_to", VISIBILITY),
    ("Created", "add_time", "date", None),
    ("Updated", "update_time", "date", None),
)
SYSTEM: dict[str, tuple[System, ...]] = {
    **{entity: (*rows, *COMMON) for entity, rows in SALES_SYSTEM.items()},
    "person": (
        ("ID", "id", "int", None),
        ("Name", "name", "varchar", None),
        ("First name", "first_name", "varchar", None),
        ("Last name", "last_name", "varchar", None),
        ("Phone", "phone", "phone", None),
        ("Email", "email", "varchar", None),
        ("Organization", "org_id", "org", None),
        ("Picture", "picture_id", "picture", None),
        *COMMON,
    ),
    "organization": (
        ("ID", "id", "int", None),
        ("Name", "name", "varchar", None),
        ("Address", "address", "address", None),
        ("Website", "website", "varchar", None),
        ("LinkedIn profile", "linkedin", "varchar", None),
        ("Industry", "industry", "enum", []),
        ("Annual revenue", "annual_revenue", "double", None),
        ("Number of employees", "employee_count", "double", None),
        *COMMON,
    ),
    "activity": (
        ("ID", "id", "int", None),
        ("Subject", "subject", "varchar", None),
        ("Type", "type", "varchar", None),
        ("Owner", "owner_id", "user", None),
        ("Deal", "deal_id", "deal", None),
        ("Lead", "lead_id", "lead", None),
        ("Contact person", "person_id", "people", None),
        ("Organization", "org_id", "org", None),
        ("Due date", "due_date", "date", None),
        ("Due time", "due_time", "time", None),
        ("Duration", "duration", "time", None),
        ("Done", "done", "boolean", None),
        ("Busy", "busy", "boolean", None),
        ("Priority", "priority", "enum", []),
        ("Note", "note", "text", None),
        ("Public description", "public_description", "text", None),
        ("Created", "add_time", "date", None),
        ("Updated", "update_time", "date", None),
    ),
}
LABELS: dict[str, tuple[tuple[str, str], ...]] = {
    **SALES_LABELS,
    "person": (
        ("Customer", "green"),
        ("Hot lead", "red"),
        ("Warm lead", "yellow"),
        ("Cold lead", "blue"),
    ),
    "organization": (("Customer", "green"), ("Prospect", "yellow"), ("Partner", "blue")),
}
PRIORITIES = ("Low", "Medium", "High")
HEALTH = ("Good", "Normal", "Bad")
CUSTOM: dict[str, tuple[Custom, ...]] = {
    **SALES_CUSTOM,
    "person": (
        ("Customer health", "enum", HEALTH),
        ("Churn score", "double", None),
        ("Conversion score", "double", None),
        ("Last seen", "date", None),
        ("Lifecycle stage", "varchar", None),
        ("Support line", "phone", None),
        ("Interests", "set", ("Analytics", "Billing", "Integrations", "Reporting")),
        ("Newsletter", "enum", ("Yes", "No")),
        ("Notes on fit", "text", None),
        ("Contract value", "monetary", None),
        ("Contract period", "daterange", None),
        ("Preferred call time", "time", None),
        ("Office hours", "timerange", None),
        ("Postal address", "address", None),
        ("Account manager", "user", None),
        ("Product ID", "varchar", None),
    ),
    "organization": (
        ("Account ID", "varchar", None),
        ("Plan", "enum", ("Free", "Starter", "Growth", "Enterprise")),
        ("MRR", "double", None),
        ("Customer health", "enum", HEALTH),
        ("Employees", "double", None),
        ("Customer since", "date", None),
    ),
}
