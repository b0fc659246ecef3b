"""The population's persons and organizations as Pipedrive holds them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from sync_sandbox.pipedrive.entities import ORGANIZATION, PERSON
from sync_sandbox.pipedrive.furnishing import BOB, OWNER
from sync_sandbox.pipedrive.rules import split_name
from sync_sandbox.pipedrive.seeding_sales import load_sales
from sync_sandbox.pipedrive.writes import insert

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row
    from sync_sandbox.population import Company, Contact, Population

# Fixed, so that a seed gives the same world on every day.
EPOCH = datetime(2025, 1, 6, 8, 0, tzinfo=timezone.utc)
SPAN_SECONDS = 600 * 86_400
# A custom field is filled in about this share of the records.
FILLED = 0.25
# Each so manieth person is visible to its owner alone.
PRIVATE = 40


def load(state: State, population: Population) -> None:
    """The population's records that are in Pipedrive."""
    chance = random.Random(f"pipedrive:{state.seed}")  # noqa: S311  # repeatable, not secret
    ids: dict[int, int] = {}
    for index, company in enumerate(population.companies):
        if company.in_pipedrive:
            ids[index] = _add_company(state, company, chance)
    for contact in population.people:
        if contact.in_pipedrive:
            _add_contact(state, contact, ids, chance)
    for person in state.tables["person"].rows.values():
        if person["id"] % PRIVATE == 0:
            person["visible_to"] = 1
    load_sales(state)


def _add_company(state: State, company: Company, chance: random.Random) -> int:
    values = {
        "name": company.name,
        "owner_id": chance.choice((OWNER, OWNER, BOB)),
        "website": f"https://{company.domain}" if chance.random() < 0.85 else None,  # noqa: PLR2004
        "address": _address(f"{company.city}, {company.country}", company.city, company.country),
        "custom_fields": _company_fields(state, company, chance),
        **_times(chance),
    }
    row_id: int = insert(state, ORGANIZATION, values, OWNER)["id"]
    return row_id


def _add_contact(
    state: State, contact: Contact, ids: dict[int, int], chance: random.Random
) -> None:
    name = " ".join(part for part in (contact.first_name, contact.last_name) if part.strip())
    parts = {
        "first_name": contact.first_name or None,
        "last_name": contact.last_name.strip() or None,
    }
    values = {
        "name": name,
        **(parts if name else split_name(name)),
        "owner_id": chance.choice((OWNER, OWNER, BOB)),
        "org_id": None if contact.company is None else ids.get(contact.company),
        "emails": _contacts(contact.email),
        "phones": _contacts(contact.phone),
        "custom_fields": _contact_fields(state, contact, chance),
        **_times(chance),
    }
    insert(state, PERSON, values, OWNER)


def _times(chance: random.Random) -> Row:
    added = chance.randrange(SPAN_SECONDS)
    updated = added + chance.randrange(SPAN_SECONDS - added)
    return {"add_time": _stamp(added), "update_time": _stamp(updated)}


def _stamp(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _contacts(value: str | None) -> list[Row]:
    return [{"value": value, "primary": True, "label": "work"}] if value else []


def _address(value: str, city: str, country: str) -> Row:
    empty = dict.fromkeys(
        ("admin_area_level_1", "admin_area_level_2", "locality", "sublocality", "route")
    )
    more = dict.fromkeys(("street_number", "subpremise", "postal_code"))
    return {"value": value, "country": country, **empty, "locality": city, **more}


def _company_fields(state: State, company: Company, chance: random.Random) -> Row:
    values = {
        "Plan": company.plan,
        "MRR": company.mrr,
        "Customer health": chance.choice(("Good", "Normal", "Bad")),
        "Employees": company.employees,
        "Customer since": f"{company.customer_since:%Y-%m-%d}",
    }
    some = {name: value for name, value in values.items() if chance.random() < FILLED}
    return _stored(state, "organization", {"Account ID": company.account_id, **some})


def _contact_fields(state: State, contact: Contact, chance: random.Random) -> Row:
    zone = {"timezone_id": 0, "timezone_name": "Europe/London"}
    seen = contact.last_seen_at
    values = {
        "Customer health": chance.choice(("Good", "Normal", "Bad")),
        "Churn score": round(chance.random(), 3),
        "Conversion score": round(chance.random(), 3),
        "Last seen": f"{seen:%Y-%m-%d}" if seen else None,
        "Lifecycle stage": contact.lifecycle,
        "Support line": contact.phone,
        "Interests": list(contact.interests) or None,
        "Newsletter": "Yes" if contact.newsletter else "No",
        "Contract value": {"value": chance.randrange(100, 9000), "currency": "EUR"},
        "Contract period": {"value": "2025-01-01", "until": "2025-12-31"},
        "Preferred call time": {"value": "09:30:00", **zone},
        "Office hours": {"value": "09:00:00", "until": "17:00:00", **zone},
        "Account manager": OWNER,
    }
    some = {name: value for name, value in values.items() if chance.random() < FILLED}
    return _stored(state, "person", some)


def _stored(state: State, entity: str, values: Row) -> Row:
    """Values by field name become values by key, labels become option ids."""
    codes, options = state.seeded_fields(entity)
    stored = {}
    for name, value in values.items():
        known = options.get(name)
        if known is None or value is None:
            stored[codes[name]] = value
        else:
            stored[codes[name]] = (
                [known[v] for v in value] if isinstance(value, list) else known[value]
            )
    return stored
