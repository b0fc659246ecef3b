"""What a company and a human of the seeded world are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TypeVar

REFERENCE_TIME = datetime(2026, 11, 1, 9, 0, tzinfo=timezone.utc)
"""The moment up to which usage is told; fixed, so that a seed gives the same world on every day."""

PLANS = ("Free", "Starter", "Growth", "Enterprise")
INTERESTS = ("Analytics", "Billing", "Integrations", "Reporting")
LIFECYCLES = ("lead", "trial", "active", "churned")


@dataclass(frozen=True)
class Company:
    """A company: an organization in Pipedrive, an account in journy, or both.

    `account_id` is what Pipedrive's account-ID field holds; `journy_account_id` is what journy
    holds. They differ only in awkward rows.
    """

    name: str
    domain: str
    account_id: str | None
    journy_account_id: str | None
    city: str
    country: str
    employees: int
    plan: str
    mrr: float
    seats: int
    trial: bool
    customer_since: datetime
    in_pipedrive: bool
    in_journy: bool


@dataclass(frozen=True)
class Contact:
    """A human: a person in Pipedrive, a user in journy, or both.

    `company` and `other_companies` are indexes into `Population.companies`. `email` is as Pipedrive
    spells it; journy holds it in lower case.
    """

    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    title: str
    role: str
    company: int | None
    other_companies: tuple[int, ...]
    user_id: str
    logins_30d: int
    registered_at: datetime
    last_seen_at: datetime | None
    interests: tuple[str, ...]
    newsletter: bool
    lifecycle: str
    in_pipedrive: bool
    in_journy: bool


@dataclass(frozen=True)
class Population:
    """Everybody and every company in the seeded world."""

    companies: list[Company]
    people: list[Contact]


Row = TypeVar("Row", Company, Contact)
