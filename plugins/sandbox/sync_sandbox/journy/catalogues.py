"""What a fresh sandbox account knows: properties, segments, events and web sites."""

from __future__ import annotations

from typing import Any

from sync_sandbox.journy.computed import SEGMENTS
from sync_sandbox.journy.properties import Property, snake_case

_COMPUTED: tuple[tuple[str, str, str], ...] = (
    ("churn_score", "Churn score", "number"),
    ("conversion_score", "Conversion score", "number"),
    ("health", "Health", "string"),
    ("stage", "Stage", "string"),
    ("segments", "Segments", "array"),
    ("first_activity_at", "First activity at", "date"),
    ("last_activity_at", "Last activity at", "date"),
)

_USER_ROWS: tuple[tuple[str, str, str], ...] = (
    ("first_name", "First name", "string"),
    ("last_name", "Last name", "string"),
    ("phone", "Phone", "string"),
    ("support_phone", "Support phone", "string"),
    ("title", "Job title", "string"),
    ("role", "Role", "string"),
    ("registered_at", "Registered at", "date"),
    ("last_seen_at", "Last seen at", "date"),
    ("logins_30d", "Logins in 30 days", "number"),
    ("interests", "Interests", "array"),
    ("newsletter", "Newsletter", "boolean"),
    ("lifecycle", "Lifecycle", "string"),
    ("lead_status", "Lead status", "string"),
)

_ACCOUNT_ROWS: tuple[tuple[str, str, str], ...] = (
    ("name", "Name", "string"),
    ("plan", "Plan", "string"),
    ("mrr", "MRR", "number"),
    ("seats", "Seats", "number"),
    ("employees", "Employees", "number"),
    ("trial", "Trial", "boolean"),
    ("city", "City", "string"),
    ("country", "Country", "string"),
    ("registered_at", "Registered at", "date"),
    ("status", "Status", "string"),
    ("lead_status", "Lead status", "string"),
)

_USER_COMPUTED = (
    ("email", "Email", "string"),
    ("full_name", "Full name", "string"),
    ("account_count", "Accounts", "number"),
    *_COMPUTED,
)
_ACCOUNT_COMPUTED = (
    ("domain", "Domain", "string"),
    ("user_count", "Users", "number"),
    *_COMPUTED,
)
_USAGE = frozenset({"last_seen_at", "logins_30d", "seats", "trial"})


def _rows(
    source: tuple[tuple[str, str, str], ...], computed: tuple[tuple[str, str, str], ...]
) -> tuple[Property, ...]:
    known = [Property(*row, group="Usage" if row[0] in _USAGE else None) for row in source]
    return (*known, *(Property(*row, computed=True) for row in computed))


PROPERTIES: dict[str, tuple[Property, ...]] = {
    "user": _rows(_USER_ROWS, _USER_COMPUTED),
    "account": _rows(_ACCOUNT_ROWS, _ACCOUNT_COMPUTED),
}
EVENTS: tuple[str, ...] = ("login", "report_created", "teammate_invited")
SITES: tuple[str, ...] = ("acme.example", "www.acme.example", "app.acme.example")


def segment_listing(kind_name: str) -> list[dict[str, Any]]:
    """Rows as `GET /segments/*` shows them: definitions, no membership."""
    names = [name for name, _ in SEGMENTS[kind_name].segments]
    return [{"id": f"seg-{kind_name}-{snake_case(name)}", "name": name} for name in names]


def event_listing(names: list[str]) -> list[dict[str, Any]]:
    """Rows as `GET /events` shows them: names of events, no occurrences."""
    return [{"id": f"evt-{place:04d}", "name": name} for place, name in enumerate(names, 1)]
