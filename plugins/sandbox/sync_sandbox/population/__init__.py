"""Believable companies and people, always the same for a seed, shared by both services.

Faker fills a few pools once per process; `random.Random(seed)` combines them, so that large
populations cost microseconds a row. E-mail addresses stand at domains reserved for examples and
phone numbers in ranges reserved for fiction: nothing here can reach a real person.
"""

from __future__ import annotations

import random

from sync_sandbox.population.makers import CompanyMaker, ContactMaker
from sync_sandbox.population.oddities import COMPANY_ODDITIES, CONTACT_ODDITIES, disturb
from sync_sandbox.population.rows import (
    INTERESTS,
    PLANS,
    REFERENCE_TIME,
    Company,
    Contact,
    Population,
)

__all__ = ["INTERESTS", "PLANS", "REFERENCE_TIME", "Company", "Contact", "Population", "populate"]

OVERLAP = 0.7
"""Share of the smaller side that exists in both services."""


def populate(  # noqa: PLR0913  # a population has four sizes
    *, seed: int, persons: int, organizations: int, users: int, accounts: int, awkward: bool = True
) -> Population:
    """Make exactly the requested numbers of rows in each service, overlapping in part.

    Args:
        seed: The same seed and numbers give the same population (for one version of Faker).
        persons: Contacts that are in Pipedrive.
        organizations: Companies that are in Pipedrive.
        users: Contacts that are in journy.
        accounts: Companies that are in journy.
        awkward: Whether a few rows are of the kind that breaks naive integrations.
    """
    rng = random.Random(seed)  # noqa: S311  # reproducible sample data, not secrets
    new_company = CompanyMaker(rng)
    companies = [new_company(*sides) for sides in _presence(rng, organizations, accounts)]
    new_contact = ContactMaker(rng, companies)
    people = [new_contact(*sides) for sides in _presence(rng, persons, users)]
    if awkward:
        disturb(companies, COMPANY_ODDITIES, organizations, accounts, rng)
        disturb(people, CONTACT_ODDITIES, persons, users, rng)
    return Population(companies, people)


def _presence(rng: random.Random, pipedrive: int, journy: int) -> list[tuple[bool, bool]]:
    """Say for each row whether it is in Pipedrive and in journy, shuffled."""
    both = round(OVERLAP * min(pipedrive, journy))
    sides = [(True, True)] * both
    sides += [(True, False)] * (pipedrive - both)
    sides += [(False, True)] * (journy - both)
    rng.shuffle(sides)
    return sides
