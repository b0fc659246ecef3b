"""Who belongs to which account: put in, moved, and taken out again, but only where it was us."""

from __future__ import annotations

import math

import pytest
import requests

ORGANIZATIONS = (
    {"id": 5, "name": "Acme", "account_id": "a1"},
    {"id": 6, "name": "Birch", "account_id": "a2"},
    {"id": 7, "name": "Cedar", "account_id": None},
)
BOTH = {"persons": {"create": True}, "organizations": {"create": True}}


REFUSAL = {"status": 400, "body": {}}


def person(number=1, **more):
    emails = [{"value": f"p{number}@acme.example", "primary": True}]
    return {"id": number, "first_name": "Ann", "emails": emails, **more}


@pytest.fixture
def sync(plugins):
    """One run with the organizations, or others, and some persons."""

    def run(*persons, organizations=ORGANIZATIONS, **more):
        text = plugins.stream("organizations", *organizations)
        return plugins.write(text + plugins.stream("persons", *persons), **BOTH, **more)

    return run


def accounts(journy, number=1):
    return journy.user(f"p{number}@acme.example")["accounts"]


def members(journy):
    """The membership calls since the last question, as their verbs."""
    return [call.rsplit("/", 1)[1] for call in journy.writes() if "/accounts/users/" in call]


def test_a_person_who_moves_to_another_organization_moves_to_its_account(sync, journy):
    sync(person(org_id=5))
    run = sync(person(org_id=6))
    assert accounts(journy) == ["a2"]
    assert run.counts["persons"] == {"updated": 1}
    assert members(journy) == ["add", "add", "remove"]
    sync(person(org_id=6))
    assert journy.writes() == []


@pytest.mark.parametrize("new", [None, 7], ids=["no organization", "one without an account"])
def test_a_person_who_leaves_their_organization_leaves_its_account(sync, journy, new):
    sync(person(org_id=5))
    run = sync(person(org_id=new))
    assert accounts(journy) == []
    assert run.counts["persons"] == {"updated": 1}
    assert sync(person(org_id=new)).counts["persons"] == {"unchanged": 1}
    assert members(journy) == ["add", "remove"]


def test_who_has_no_organization_leaves_the_account_also_of_one_that_was_deleted(sync, journy):
    sync(person(org_id=5))
    sync(person(org_id=None), organizations=[{"id": 5, "is_deleted": True}])
    assert accounts(journy) == []


def test_who_comes_back_is_put_in_again(sync, journy):
    for home in (5, None, 5):
        sync(person(org_id=home))
    assert accounts(journy) == ["a1"]
    sync(person(org_id=None))
    assert accounts(journy) == []


@pytest.mark.usual("journy.link_unknown")
def test_a_membership_that_came_about_otherwise_is_never_taken_away(sync, journy, sandbox):
    sync(person(org_id=5))
    body = {"account": {"accountId": "b9"},
            "users": [{"identification": {"userId": "p1@acme.example"}}]}  # fmt: skip
    url = f"{sandbox.journy_url}/accounts/users/add"
    assert requests.post(url, json=body, headers={"X-Api-Key": "sandbox-key"}, timeout=10).ok
    sync(person(org_id=None))
    assert accounts(journy) == ["b9"]


def test_without_the_ledger_nobody_is_taken_out(sync, journy, plugins):
    sync(person(org_id=5))
    plugins.forget()
    sync(person(org_id=None))
    assert accounts(journy) == ["a1"]


def test_an_organization_that_cannot_be_told_from_another_takes_nobody_out(sync, journy):
    sync(person(org_id=5))
    twin = {"id": 8, "name": "Acme too", "account_id": "a1"}
    run = sync(person(org_id=5), organizations=[ORGANIZATIONS[0], twin])
    assert run.counts["organizations"]["rejected"] == 1
    assert accounts(journy) == ["a1"]


def test_a_record_without_the_organizations_column_takes_nobody_out(sync, journy):
    sync(person(org_id=5))
    sync(person())
    assert accounts(journy) == ["a1"]


def test_people_leave_in_groups_of_a_hundred(sync, journy):
    sync(*(person(n, org_id=5) for n in range(1, 251)))
    journy.writes()
    sync(*(person(n, org_id=None) for n in range(1, 251)))
    assert members(journy) == ["remove"] * 3
    assert not any(accounts(journy, n) for n in range(1, 251))


def test_a_group_that_fails_concerns_only_its_members(sync, journy, sandbox, hasty, plugins):
    sync(*(person(n, org_id=5 if n < 4 else 6) for n in range(1, 7)))
    journy.writes()
    sandbox.fault("/journy/accounts/users/remove", times=9, action={"status": 503})
    run = sync(*(person(n, org_id=None) for n in range(1, 7)))
    assert run.exit_code == 0
    assert run.counts["persons"] == {"updated": 3, "deferred": 3}
    text = plugins.stream("organizations") + plugins.stream("persons")
    assert plugins.write(text, **BOTH).counts["persons"] == {"updated": 3}
    assert not any(accounts(journy, n) for n in range(1, 7))


def test_one_who_is_refused_keeps_nobody_else_out_of_the_account(sync, journy, sandbox):
    # Refused are all four, then the first one.
    sandbox.fault("/journy/accounts/users/add", times=2, action=REFUSAL)
    run = sync(*(person(n, org_id=5) for n in range(1, 5)))
    assert run.counts["persons"] == {"created": 3, "rejected": 1}
    assert [accounts(journy, n) for n in range(1, 5)] == [[], ["a1"], ["a1"], ["a1"]]
    assert members(journy) == ["add"] * 4


def test_one_who_is_refused_is_found_in_a_whole_group(sync, journy, sandbox):
    # The first probe gets through. Of the rest 99 are refused, then 49, 24, 12, 6, 3 and 1 of them.
    sandbox.fault("/journy/accounts/users/add", action=REFUSAL)
    sandbox.fault("/journy/accounts/users/add", after=1, times=7, action=REFUSAL)
    run = sync(*(person(n, org_id=5) for n in range(1, 101)))
    assert run.counts["persons"] == {"created": 99, "rejected": 1}
    assert sum(not accounts(journy, n) for n in range(1, 101)) == 1
    assert len(members(journy)) <= 16


NAMED = {"status": 400, "body": {"errors": {"fields": {"account.accountId": "Not known."}}}}


@pytest.mark.parametrize(("answer", "calls"), [(REFUSAL, 7), (NAMED, 1)], ids=["unsaid", "named"])
def test_an_account_that_is_refused_costs_few_calls(sync, journy, sandbox, answer, calls):
    sandbox.fault("/journy/accounts/users/add", times=None, action=answer)
    run = sync(*(person(n, org_id=5) for n in range(1, 101)))
    assert run.counts["persons"] == {"rejected": 100}
    assert len(members(journy)) == calls
    sandbox.clear_faults()
    run = sync(*(person(n, org_id=5) for n in range(1, 101)))
    assert run.counts["persons"] == {"updated": 100}
    assert members(journy) == ["add"]


@pytest.mark.parametrize("many", [99, 100, 101, 200, 201])
def test_a_call_takes_a_hundred_at_most(sync, journy, many):
    sync(*(person(n, org_id=5) for n in range(1, many + 1)))
    assert members(journy) == ["add"] * math.ceil(many / 100)
    assert all(accounts(journy, n) == ["a1"] for n in range(1, many + 1))


def test_a_dry_run_takes_nobody_out_and_counts_who_would_go(sync, journy):
    sync(person(org_id=5))
    run = sync(person(org_id=None), dry_run=True)
    assert run.counts["persons"] == {"updated": 1}
    assert run.reasons["planned"] == 1
    assert accounts(journy) == ["a1"]
    sync(person(org_id=None))
    assert accounts(journy) == []


def test_nobody_is_put_into_an_account_that_is_not_known_while_creating_is_off(
    plugins, journy, sandbox
):
    text = plugins.stream("organizations", *ORGANIZATIONS) + plugins.stream("persons", person())
    known = {"persons": {"create": True}, "organizations": {}}
    plugins.write(text, **known)
    text = plugins.stream("organizations", *ORGANIZATIONS)
    text += plugins.stream("persons", person(org_id=5))
    for _ in range(2):
        assert plugins.write(text, **known).counts["persons"] == {"unchanged": 1}
    assert accounts(journy) == []
    assert not sandbox.journy.world.accounts.by_external

    plugins.write(plugins.stream("organizations", *ORGANIZATIONS), organizations={"create": True})
    plugins.write(plugins.stream("persons"), **known)
    assert accounts(journy) == ["a1"], "they follow once it is known"
