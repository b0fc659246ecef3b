from __future__ import annotations

import re

import pytest
from sync_sandbox.population import populate

SIZES = [
    (1000, 200, 1500, 250),
    (80, 50, 120, 60),
    (10, 2, 5, 4),
    (60, 60, 0, 0),
    (0, 0, 60, 60),
    (1, 1, 1, 1),
    (0, 0, 0, 0),
]
WORLD = populate(seed=1, persons=1000, organizations=200, users=1500, accounts=250)
PEOPLE = WORLD.people
IN_PIPEDRIVE = [one for one in PEOPLE if one.in_pipedrive]
COMPANIES_IN_PIPEDRIVE = [one for one in WORLD.companies if one.in_pipedrive]


@pytest.mark.parametrize(("persons", "organizations", "users", "accounts"), SIZES)
def test_each_service_has_exactly_the_numbers_asked_for(persons, organizations, users, accounts):
    world = populate(
        seed=3, persons=persons, organizations=organizations, users=users, accounts=accounts
    )
    for rows, pipedrive, journy in (
        (world.people, persons, users),
        (world.companies, organizations, accounts),
    ):
        assert sum(one.in_pipedrive for one in rows) == pipedrive
        assert sum(one.in_journy for one in rows) == journy
        both = sum(one.in_pipedrive and one.in_journy for one in rows)
        assert both == round(0.7 * min(pipedrive, journy))


def test_a_seed_always_makes_the_same_world_and_another_seed_another():
    sizes = {"persons": 80, "organizations": 50, "users": 120, "accounts": 60}
    assert populate(seed=1, **sizes) == populate(seed=1, **sizes)
    assert populate(seed=1, **sizes) != populate(seed=2, **sizes)


def test_nobody_can_be_reached():
    domain = re.compile(r"(example\.(com|org|net)|[a-z0-9-]+\.example)")
    phone = re.compile(r"\+1 \d{3} 555 01\d\d|\+44 20 7946 0\d{3}")
    for one in PEOPLE:
        assert one.email is None or domain.fullmatch(one.email.lower().partition("@")[2])
        assert one.phone is None or phone.fullmatch(one.phone)
    assert all(domain.fullmatch(company.domain) for company in WORLD.companies)


def test_everybody_works_where_they_can_be_found():
    for one in PEOPLE:
        for home in (one.company, *one.other_companies):
            company = WORLD.companies[home] if home is not None else one
            assert company.in_pipedrive or not one.in_pipedrive
            assert company.in_journy or not one.in_journy


def test_users_have_ids_of_their_own_and_imported_ones_their_address():
    users = [one for one in PEOPLE if one.in_journy]
    assert len({one.user_id for one in users}) == len(users)
    plain = [one for one in users if re.fullmatch(r"u-\d{6}", one.user_id)]
    imported = [one for one in users if one.email and one.user_id == one.email.lower()]
    assert len(plain) > len(imported) > 0


def emails(rows):
    return [one.email.lower() for one in rows if one.email]


AWKWARD = {
    "a name that is not Latin": any("蘭" in one.last_name for one in PEOPLE),
    "two persons with one address": len(emails(IN_PIPEDRIVE)) > len(set(emails(IN_PIPEDRIVE))),
    "a person without an address": any(one.email is None for one in IN_PIPEDRIVE),
    "an address in capitals": any(
        one.email and one.email.isupper() and one.in_journy for one in IN_PIPEDRIVE
    ),
    "a blank last name": any(one.last_name == "" for one in PEOPLE),
    "quotes and HTML": any("<script>" in one.last_name for one in PEOPLE),
    "a very long name": any(len(one.first_name) > 250 for one in PEOPLE),
    "an id that is another address": any(
        "@" in one.user_id and one.user_id != (one.email or "").lower() for one in PEOPLE
    ),
    "a user without an account": any(one.in_journy and one.company is None for one in PEOPLE),
    "a user in two accounts": any(one.in_journy and one.other_companies for one in PEOPLE),
    "an organization without an account id": any(
        one.account_id is None for one in COMPANIES_IN_PIPEDRIVE
    ),
    "two organizations with one account id": len(
        {one.account_id for one in COMPANIES_IN_PIPEDRIVE if one.account_id}
    )
    < sum(one.account_id is not None for one in COMPANIES_IN_PIPEDRIVE),
    "a company with a very long name": any(len(one.name) > 250 for one in WORLD.companies),
    "a company with quotes and HTML": any("<b>" in one.name for one in WORLD.companies),
    "an account that has only a domain": any(
        one.in_journy and one.journy_account_id is None for one in WORLD.companies
    ),
}


@pytest.mark.parametrize("kind", AWKWARD)
def test_a_world_that_is_large_enough_has(kind):
    assert AWKWARD[kind]


def test_addresses_are_unique_in_journy():
    found = emails(one for one in PEOPLE if one.in_journy)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("awkward_size", [(49, False), (1000, True)], ids=str)
def test_awkward_rows_can_be_left_out(awkward_size):
    persons, asked = awkward_size
    world = populate(
        seed=1, persons=persons, organizations=0, users=0, accounts=0, awkward=not asked
    )
    assert all(one.email and one.email.islower() and one.last_name for one in world.people)
