"""Users of an organization whose account id changes, or whose account isn't known in journy."""

from __future__ import annotations

import pytest

ACME = {"id": 5, "name": "Acme", "account_id": "a1"}
MOVED = {**ACME, "account_id": "a2"}
BIRCH = {"id": 6, "name": "Birch", "account_id": "b1"}
ON = {"create": True}


def person(number=1, **more):
    emails = [{"value": f"p{number}@acme.example", "primary": True}]
    return {"id": number, "first_name": "Ann", "emails": emails, **more}


@pytest.fixture
def sync(plugins):
    """One run with some organizations and persons."""

    def run(organizations=(), persons=(), create=True, **more):
        text = plugins.stream("organizations", *organizations) + plugins.stream("persons", *persons)
        return plugins.write(text, persons=ON, organizations={"create": create}, **more)

    return run


@pytest.fixture
def acme(sync, journy):
    """Two persons in the account of their organization, and one in another's."""
    sync([ACME, BIRCH], [person(1, org_id=5), person(2, org_id=5), person(3, org_id=6)])
    assert homes(journy) == [["a1"], ["a1"], ["b1"]]
    journy.writes()


def homes(journy):
    return [journy.user(f"p{n}@acme.example")["accounts"] for n in (1, 2, 3)]


def members(journy):
    """The membership calls since the last question, as their verbs."""
    return [call.rsplit("/", 1)[1] for call in journy.writes() if "/accounts/users/" in call]


@pytest.mark.parametrize("coming", [0, 1, 2], ids=["nobody comes", "one comes", "both come"])
def test_all_users_move_to_the_account_of_the_new_id(sync, journy, acme, coming):
    run = sync([MOVED], [person(n, org_id=5) for n in range(1, coming + 1)])
    assert homes(journy) == [["a2"], ["a2"], ["b1"]]
    assert run.counts["persons"] == {"updated": 2}
    assert len(members(journy)) <= 4
    sync([MOVED], [person(n, org_id=5) for n in (1, 2)])
    assert journy.writes() == []


def test_they_move_with_the_next_run_that_brings_persons(plugins, sync, journy, acme):
    plugins.organizations(MOVED, create=True)
    assert homes(journy)[0] == ["a1"]
    sync()
    assert homes(journy) == [["a2"], ["a2"], ["b1"]]


def test_they_move_once_the_account_of_the_new_id_is_there(sync, journy, acme):
    sync([MOVED], create=False)
    assert homes(journy)[0] == ["a1"]
    sync([MOVED])
    assert homes(journy) == [["a2"], ["a2"], ["b1"]]


def test_they_come_back_with_the_former_id(sync, journy, acme):
    sync([MOVED])
    sync([ACME])
    assert homes(journy) == [["a1"], ["a1"], ["b1"]]
    journy.writes()
    sync([ACME], [person(1, org_id=5)])
    assert journy.writes() == []


def test_they_move_though_another_organization_came_with_the_former_id_in_between(
    sync, journy, acme
):
    assert sync([{**BIRCH, "account_id": "a1"}]).reasons["duplicate_key"] == 1
    sync([MOVED])
    assert homes(journy)[:2] == [["a2"], ["a2"]]


def test_a_dry_run_counts_those_who_would_move(sync, journy, acme):
    for coming in ([], [person(1, org_id=5)]):
        assert sync([MOVED], coming, dry_run=True).counts["persons"] == {"updated": 2}
    assert journy.writes() == []


def test_a_membership_makes_no_account_where_creating_is_off(sync, journy, sandbox):
    run = sync([ACME], [person(1, org_id=5)], create=False)
    assert run.reasons["no_match"] == 1
    assert journy.user("p1@acme.example")["accounts"] == []
    assert not sandbox.journy.world.accounts.by_external
    sync([ACME])
    assert journy.user("p1@acme.example")["accounts"] == ["a1"]


@pytest.mark.parametrize("coming", [True, False], ids=["they come", "nobody comes"])
def test_users_are_put_into_an_account_again_that_was_deleted_meanwhile(
    sync, journy, acme, plugins, coming
):
    gone = plugins.stream("organizations", {"id": 5, "is_deleted": True})
    plugins.write(gone, organizations={"create": True, "on_delete": "delete"})
    assert homes(journy) == [[], [], ["b1"]]
    journy.writes()
    people = [person(n, org_id=5) for n in (1, 2)] if coming else []
    assert sync([ACME], people).counts["persons"] == {"updated": 2}
    assert homes(journy) == [["a1"], ["a1"], ["b1"]]
    assert members(journy) == ["add"]


def test_nobody_is_taken_out_of_an_account_that_was_deleted(sync, journy, acme, plugins):
    gone = plugins.stream("organizations", {"id": 5, "is_deleted": True})
    plugins.write(gone, organizations={"create": True, "on_delete": "delete"})
    journy.writes()
    sync(persons=[person(1, org_id=None), person(2, org_id=6)])
    assert members(journy) == ["add"]
    assert homes(journy) == [[], ["b1"], ["b1"]]


def test_two_organizations_that_swap_their_ids_swap_their_accounts(sync, journy, acme):
    run = sync([{**ACME, "account_id": "b1"}, {**BIRCH, "account_id": "a1"}])
    assert run.counts["organizations"] == {"updated": 2}
    assert (journy.account("a1")["name"], journy.account("b1")["name"]) == ("Birch", "Acme")
    assert homes(journy) == [["b1"], ["b1"], ["a1"]]
    sync([{**ACME, "account_id": "b1"}, {**BIRCH, "account_id": "a1"}],
         [person(1, org_id=5), person(3, org_id=6)])  # fmt: skip
    assert homes(journy) == [["b1"], ["b1"], ["a1"]]
