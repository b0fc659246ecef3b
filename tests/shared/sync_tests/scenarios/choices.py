"""What values records take, few enough that they meet."""

from __future__ import annotations

from typing import Any

STAGE, PLAN = "Lifecycle stage", "Plan"
#: What lines map in both directions, by the rule for conflicts.
BOTH_WAYS = (("person", STAGE), ("organization", PLAN))
#: In every address and number, so that a log that has one of them is found.
PRIVATE = "zyxwv"
EMAILS = tuple(f"{PRIVATE}{number}@private.example" for number in range(5))
#: No number is the end of another: what is alike by its last digits is one for Pipedrive.
PHONES = ("+32 2 555 01 11", "+32 2 555 02 22", "+32 2 555 03 33")
NAMES = ("Ann", "Bob", "Cleo")
ACCOUNTS = ("acme", "beta", "coda")
#: What a user's property may become; None deletes it.
OF_USERS: dict[str, tuple[Any, ...]] = {
    "email": EMAILS,
    "first_name": NAMES,
    "last_name": ("Lee", "Moor", "Nash"),
    "phone": (*PHONES, None),
    "lifecycle": ("Lead", "Trial", "Customer", None),
    "logins_30d": (0, 30),  # out of the segment of power users, and into it
}
OF_ACCOUNTS: dict[str, tuple[Any, ...]] = {
    "domain": ("acme.example", "beta.example", "coda.example"),
    "name": ("Acme", "Beta", "Coda"),
    "plan": ("Starter", "Growth", "Enterprise", "Odd", None),
}
#: What people type into Pipedrive. Lists: (what is done, to what).
OF_PERSONS: dict[str, tuple[Any, ...]] = {
    "first_name": NAMES,
    "last_name": OF_USERS["last_name"],
    STAGE: ("Lead", "Trial", "Customer", None),
    "Notes on fit": ("likes tea", None),  # which nobody maps
    "emails": tuple((what, each) for each in EMAILS for what in ("add", "drop", "only")),
    "phones": tuple((what, each) for each in PHONES for what in ("add", "drop", "only")),
    "org_id": (0, 1, None),
}
OF_ORGANIZATIONS: dict[str, tuple[Any, ...]] = {
    "name": ("Acme", "Beta", "Coda", "Dune"),
    "website": ("acme.example", "https://www.beta.example/", "coda.example", None),
    PLAN: ("Starter", "Growth", "Enterprise", None),
    "Account ID": (*ACCOUNTS, None),
    "Employees": (10, 20, None),  # which nobody maps
}
VALUES = {
    "user": OF_USERS,
    "account": OF_ACCOUNTS,
    "person": OF_PERSONS,
    "organization": OF_ORGANIZATIONS,
}


def pick(kind: str, what: str, number: int) -> Any:
    """One of the values that something takes."""
    values = VALUES[kind][what]
    return values[number % len(values)]
