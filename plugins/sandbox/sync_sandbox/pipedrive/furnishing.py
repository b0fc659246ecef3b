"""The company before it has any records: users, access, currencies, definitions, a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.catalogue import definition
from sync_sandbox.pipedrive.fieldsets import CUSTOM, LABELS, PRIORITIES, SYSTEM
from sync_sandbox.pipedrive.seeding_sales import furnish_sales

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row

TOKEN = "sandbox-token"  # noqa: S105  # documented, opens nothing but the sandbox
BOB_TOKEN = "sandbox-token-bob"  # noqa: S105  # the same
OWNER, BOB, GONE = 1, 2, 3
ACTIVITY_TYPES = ("Call", "Meeting", "Task", "Deadline", "Email", "Lunch")
PERMISSION_SETS = (
    {
        "id": "00000000-0000-4000-8000-000000000001",
        "name": "Deals admin",
        "description": "May see and do everything in sales.",
        "app": "sales",
        "type": "admin",
    },
    {
        "id": "00000000-0000-4000-8000-000000000002",
        "name": "Deals regular user",
        "description": "Sees what others share, and may not change the setup.",
        "app": "sales",
        "type": "regular",
    },
)
CURRENCIES = (
    ("USD", "US Dollar", "$", 2),
    ("EUR", "Euro", "€", 2),
    ("GBP", "British Pound", "£", 2),
    ("SEK", "Swedish Krona", "kr", 2),
    ("JPY", "Japanese Yen", "¥", 0),
)


def furnish(state: State) -> None:
    """An empty company: users, tokens, currencies, activity types, field definitions."""
    state.company = {
        "company_id": 7_654_321,
        "company_name": "Acme",
        "company_domain": "acme",
        "company_country": "US",
        "company_industry": "software",
        "language": {"language_code": "en", "country_code": "US"},
    }
    people = (
        ("Jane Miller", "jane@acme.com"),
        ("Bob Stone", "bob@acme.com"),
        ("Gwen Old", "gwen@acme.com"),
    )
    for number, (name, email) in enumerate(people, start=1):
        state.users[number] = _user(number, name, email)
    state.tokens = {TOKEN: OWNER, BOB_TOKEN: BOB}
    state.currencies = [_currency(n, *row) for n, row in enumerate(CURRENCIES, start=1)]
    for number, name in enumerate(ACTIVITY_TYPES, start=1):
        state.activity_types[number] = activity_type(number, name)
    state.permission_sets = [dict(one) for one in PERMISSION_SETS]
    _fields(state)
    furnish_sales(state)


def _user(number: int, name: str, email: str) -> Row:
    active, admin = number != GONE, number == OWNER
    access: dict[str, Any] = {"app": "sales", "admin": admin}
    access["permission_set_id"] = PERMISSION_SETS[0 if admin else 1]["id"]
    return {
        "id": number,
        "name": name,
        "default_currency": "USD",
        "locale": "en_US",
        "lang": 1,
        "email": email,
        "phone": None,
        "activated": True,
        "last_login": "2025-06-02 07:30:00",
        "created": "2024-01-08 09:00:00",
        "modified": "2025-06-02 07:30:00" if active else None,
        "has_created_company": admin,
        "access": [access],
        "active_flag": active,
        "timezone_name": "Europe/London",
        "timezone_offset": "+00:00",
        "role_id": 1,
        "icon_url": None,
        "is_you": False,
        "is_deleted": False,
    }


def _currency(number: int, code: str, name: str, symbol: str, digits: int) -> Row:
    return {
        "id": number,
        "code": code,
        "name": name,
        "decimal_points": digits,
        "symbol": symbol,
        "active_flag": True,
        "is_custom_flag": False,
    }


def activity_type(number: int, name: str) -> Row:
    """A built-in activity type."""
    return {
        "id": number,
        "name": name,
        "icon_key": name.lower(),
        "color": None,
        "order_nr": number,
        "key_string": name.lower(),
        "active_flag": True,
        "is_custom_flag": False,
        "add_time": "2024-01-08 09:00:00",
        "update_time": "2024-01-08 09:00:00",
    }


def _fields(state: State) -> None:
    for entity, rows in SYSTEM.items():
        for name, code, kind, options in rows:
            field = definition(
                name, code, kind, custom=False, options=options and [dict(o) for o in options]
            )
            state.define(entity, field)
    for entity, labels in LABELS.items():
        state.fields[entity].get("label_ids")["options"] = [
            {**state.option(label), "color": color} for label, color in labels
        ]
    state.fields["activity"].get("priority")["options"] = [
        state.option(name) for name in PRIORITIES
    ]
    for entity, custom in CUSTOM.items():
        for name, kind, choices in custom:
            state.add_field(entity, name, kind, list(choices) if choices else None)
