"""The built-in and the seeded custom fields of deals and products, and the seeded pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.fieldsets import Custom, System

SALES_SYSTEM: dict[str, tuple[System, ...]] = {
    "deal": (
        ("ID", "id", "int", None),
        ("Title", "title", "varchar", None),
        ("Value", "value", "monetary", None),
        ("Currency", "currency", "varchar", None),
        ("Contact person", "person_id", "people", None),
        ("Organization", "org_id", "org", None),
        ("Pipeline", "pipeline_id", "varchar_options", None),
        ("Stage", "stage_id", "stage", None),
        ("Status", "status", "status", None),
        ("Probability", "probability", "int", None),
        ("Lost reason", "lost_reason", "varchar_options", None),
        ("Expected close date", "expected_close_date", "date", None),
        ("Won time", "won_time", "date", None),
        ("Lost time", "lost_time", "date", None),
        ("Deal closed on", "close_time", "date", None),
        ("Archive status", "is_archived", "boolean", None),
    ),
    "product": (
        ("ID", "id", "int", None),
        ("Name", "name", "varchar", None),
        ("Product code", "code", "varchar", None),
        ("Description", "description", "text", None),
        ("Unit", "unit", "varchar", None),
        ("Tax", "tax", "double", None),
        ("Category", "category", "enum", []),
        ("Active", "is_linkable", "boolean", None),
        ("Billing frequency", "billing_frequency", "billing_frequency", None),
    ),
}
SALES_LABELS: dict[str, tuple[tuple[str, str], ...]] = {
    "deal": (("Hot", "red"), ("Warm", "yellow"), ("Cold", "blue")),
}
SALES_CUSTOM: dict[str, tuple[Custom, ...]] = {
    "deal": (
        ("Signal", "varchar", None),
        ("Contract type", "enum", ("New", "Renewal", "Expansion")),
        ("Seats", "double", None),
    ),
    "product": (("Product tier", "enum", ("Basic", "Plus", "Max")),),
}
STAGES = ("Qualified", "Contact made", "Demo scheduled", "Proposal made", "Negotiations started")
PRODUCTS = (("Starter plan", "ST", 49), ("Growth plan", "GR", 199), ("Enterprise plan", "EN", 999))
LEAD_LABELS = (("Hot", "red"), ("Warm", "yellow"), ("Cold", "blue"))
