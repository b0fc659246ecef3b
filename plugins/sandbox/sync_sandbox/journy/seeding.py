"""Turns the seeded population into users and accounts with a history of usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.journy.computed import recompute
from sync_sandbox.journy.records import ACCOUNT, USER, Record
from sync_sandbox.journy.times import to_iso, to_millis

if TYPE_CHECKING:
    from sync_sandbox.journy.world import World
    from sync_sandbox.population import Company, Contact, Population


def load(world: World, population: Population) -> None:
    """Fill an empty world with everybody and every company that is in journy."""
    now = world.now()
    accounts = {
        place: _account(place, company, now)
        for place, company in enumerate(population.companies, 1)
        if company.in_journy
    }
    people = [contact for contact in population.people if contact.in_journy]
    users = [_user(key, contact, now) for key, contact in enumerate(people, 1)]
    for user, contact in zip(users, people, strict=True):
        _join(user, contact, accounts)
    for kind, records in ((USER, users), (ACCOUNT, list(accounts.values()))):
        for record in records:
            recompute(kind.name, record)
        world.fill(kind, records)
    world.occurrences.extend(_logins(users, people))


def _join(user: Record, contact: Contact, accounts: dict[int, Record]) -> None:
    homes = (contact.company, *contact.other_companies)
    for account in (accounts.get(home + 1) for home in homes if home is not None):
        if account is not None:
            user.links[account.key] = account.links[user.key] = None


def _account(key: int, company: Company, now: int) -> Record:
    created = min(now, to_millis(company.customer_since))
    properties = {
        "name": company.name,
        "plan": company.plan,
        "mrr": company.mrr,
        "seats": company.seats,
        "employees": company.employees,
        "trial": company.trial,
        "city": company.city,
        "country": company.country,
        "registered_at": to_iso(created),
    }
    return Record(key, company.journy_account_id, company.domain, created, created, properties)


def _user(key: int, contact: Contact, now: int) -> Record:
    created = min(now, to_millis(contact.registered_at))
    seen = min(now, to_millis(contact.last_seen_at)) if contact.last_seen_at else None
    email = contact.email.lower() if contact.email else None
    properties: dict[str, Any] = {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "phone": contact.phone,
        # The number a customer calls: known for every third user, in a range kept for fiction.
        "support_phone": f"+1 555 01{key % 100:02d}" if key % 3 == 0 else None,
        "title": contact.title,
        "role": contact.role,
        "registered_at": to_iso(created),
        "logins_30d": contact.logins_30d,
        "interests": list(contact.interests),
        "newsletter": contact.newsletter,
        "lifecycle": contact.lifecycle,
    }
    if seen is not None:
        properties |= dict.fromkeys(("last_seen_at", "last_activity_at"), to_iso(seen))
        properties["first_activity_at"] = to_iso(min(seen, created))
    known = {name: value for name, value in properties.items() if value is not None}
    return Record(key, contact.user_id, email, created, max(created, seen or 0), known)


def _logins(users: list[Record], people: list[Contact]) -> list[dict[str, Any]]:
    """One login for everybody who was seen, at that moment."""
    return [
        {"name": "login", "at": user.updated, "metadata": {}, "user": user.key}
        for user, contact in zip(users, people, strict=True)
        if contact.last_seen_at is not None
    ]
