"""Users whose account comes later than they do: linked to its organization without coming again."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "accounts": ["a1"]}
ACME = {"account_id": "a1", "name": "Acme"}


@pytest.fixture
def sync(target):
    """Runs with some users and accounts, in the order in which they are named."""

    def run(dry_run=False, **records):
        messages = [each for name in records for each in target.stream(name, *records[name])]
        create = {"create": True}
        return target.run(messages, users=create, accounts=create, dry_run=dry_run)

    return run


@pytest.fixture
def linked(crm):
    """Which organization each person is linked to."""
    return lambda: [crm.stored(each)["org_id"] for each in crm.persons()]


def test_the_account_comes_in_a_later_run(sync, crm, linked):
    sync(accounts=[], users=[ANN])
    assert sync(accounts=[ACME], users=[]).counts["users"] == {"updated": 1}
    assert linked() == crm.organizations()
    assert sync(accounts=[], users=[]).counts == {}


@pytest.mark.parametrize("order", [("accounts", "users"), ("users", "accounts")], ids=str)
def test_an_account_that_a_user_names_twice_is_one(sync, crm, linked, order):
    records = {"accounts": [ACME], "users": [{**ANN, "accounts": ["a1", "a1"]}]}
    sync(**{name: records[name] for name in order})
    assert linked() == crm.organizations()


def test_the_account_comes_behind_the_user(sync, crm, linked):
    assert sync(users=[ANN], accounts=[ACME]).counts["users"] == {"created": 1, "updated": 1}
    assert linked() == crm.organizations()
    assert sync(users=[], accounts=[]).counts == {}


def test_who_comes_again_meanwhile_is_written_once(sync, crm, linked):
    sync(accounts=[], users=[ANN])
    crm.calls()
    assert sync(accounts=[ACME], users=[ANN]).counts["users"] == {"updated": 1}
    assert len(crm.writes()) == 2
    assert linked() == crm.organizations()
    assert sync(accounts=[], users=[]).counts == {}


def test_who_has_left_the_account_meanwhile_is_not_linked_to_it(sync, linked):
    sync(accounts=[], users=[ANN])
    sync(accounts=[], users=[{**ANN, "accounts": []}])
    sync(accounts=[ACME], users=[])
    assert linked() == [None]


def test_who_cannot_be_linked_for_now_is_linked_by_the_next_run(sync, crm, sandbox, linked):
    sync(accounts=[], users=[ANN])
    down = {"status": 503, "body": {}}
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", times=None, action=down)
    assert sync(accounts=[ACME], users=[]).reasons == {"created": 1, "unavailable": 1}
    sandbox.clear_faults()
    assert sync(accounts=[], users=[]).counts["users"] == {"updated": 1}
    assert linked() == crm.organizations()


def test_who_has_left_the_segments_meanwhile_is_not_linked(target, linked):
    settings = {"users": {"create": True, "segments": ["Trial"]}, "accounts": {"create": True}}
    for segments in (["Trial"], []):
        target.run(target.stream("users", {**ANN, "segments": segments}), **settings)
    target.run(target.stream("accounts", ACME) + target.stream("users"), **settings)
    assert linked() == [None]


def test_a_dry_run_counts_them_and_remembers_nothing(sync, crm, linked):
    sync(users=[ANN])
    sync(accounts=[ACME])
    for dry in (True, True, False):
        assert sync(users=[], accounts=[], dry_run=dry).counts["users"] == {"updated": 1}
    assert linked() == crm.organizations()


def test_a_dry_run_counts_those_whose_account_it_would_make(sync, crm, linked):
    sync(users=[ANN])
    for dry in (True, True, False):
        assert sync(accounts=[ACME], users=[], dry_run=dry).counts["users"] == {"updated": 1}
    assert linked() == crm.organizations()


def test_a_dry_run_counts_those_who_would_be_made_before_their_account(sync, crm, linked):
    everything = {"users": [ANN], "accounts": [ACME]}
    for dry in (True, True, False):
        run = sync(**everything, dry_run=dry)
        assert run.counts["users"] == {"created": 1, "updated": 1}
    assert linked() == crm.organizations()


PLAN = {"create": True, "fields": [{"from": "account.plan", "to": "Lifecycle stage"}]}
TRIAL = {**ACME, "plan": "Trial"}


def test_an_account_that_came_before_and_is_linked_later_reaches_its_users(target, crm, linked):
    target.run(target.stream("accounts", TRIAL) + target.stream("users", ANN), users=PLAN)
    company = crm.organization("Acme", {"Account ID": "a1"})
    again = target.stream("accounts", TRIAL) + target.stream("users")
    for dry in (True, True, False):
        assert target.run(again, users=PLAN, dry_run=dry).counts["users"] == {"updated": 1}
    assert linked() == [company]
    assert "users" not in target.run(again, users=PLAN).counts


def test_whom_an_account_reached_once_it_was_linked_hears_of_its_later_news(target, crm):
    target.run(target.stream("accounts", TRIAL) + target.stream("users", ANN), users=PLAN)
    crm.organization("Acme", {"Account ID": "a1"})
    for plan in ("Trial", "Customer"):
        account = target.stream("accounts", {**TRIAL, "plan": plan})
        run = target.run(account + target.stream("users"), users=PLAN)
        assert run.counts["users"] == {"updated": 1}
    (person,) = crm.persons()
    assert crm.stored(person)["Lifecycle stage"] == "Customer"


def test_users_of_an_account_that_is_never_linked_are_left_alone(target, crm):
    everything = target.stream("accounts", TRIAL) + target.stream("users", ANN)
    target.run(everything, users=PLAN)
    crm.calls()
    assert target.run(everything, users=PLAN).counts["users"] == {"unchanged": 1}
    assert "users" not in target.run(target.stream("accounts", TRIAL), users=PLAN).counts
    assert crm.writes() == []
