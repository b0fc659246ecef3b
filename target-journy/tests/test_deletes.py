"""What happens in journy when a record is deleted in Pipedrive."""

from __future__ import annotations

import pytest

ANN = {
    "id": 1,
    "first_name": "Ann",
    "emails": [{"value": "ann@acme.example", "primary": True}],
    "update_time": "2026-11-01T10:00:00Z",
}
GONE = {"id": 1, "is_deleted": True, "update_time": "2026-11-20T10:00:00Z"}


@pytest.fixture
def ann(plugins, journy):
    plugins.persons(ANN, create=True)
    journy.writes()


@pytest.mark.parametrize("more", [{}, {"on_delete": "ignore"}])
def test_nothing_happens_unless_it_is_asked_for(plugins, journy, ann, more):
    assert plugins.persons(GONE, **more).reasons == {"deleted": 1}
    assert journy.users() == ["ann@acme.example"]
    assert journy.writes() == []


def test_a_user_that_we_know_is_deleted_once(plugins, journy, ann):
    run = plugins.persons(GONE, on_delete="delete")
    assert run.reasons == {"removed": 1}
    assert journy.users() == []
    assert journy.writes() == ["DELETE /journy/users"]
    assert plugins.persons(GONE, on_delete="delete").reasons == {"deleted": 1}
    assert journy.writes() == []


def test_who_was_let_go_before_deletions_were_asked_for_is_deleted_once(plugins, journy, ann):
    gone = {**ANN, **GONE}
    plugins.persons(gone)
    assert plugins.persons(gone, on_delete="delete").reasons == {"removed": 1}
    assert plugins.persons(gone, on_delete="delete").reasons == {"deleted": 1}
    assert journy.writes() == ["DELETE /journy/users"]


def test_an_account_that_we_know_is_deleted(plugins, journy, sandbox):
    firm = {"id": 5, "name": "Acme", "account_id": "a1"}
    plugins.organizations(firm, create=True)
    run = plugins.organizations({"id": 5, "is_deleted": True}, on_delete="delete")
    assert run.reasons == {"removed": 1}
    assert not sandbox.journy.world.accounts.by_external


def test_who_came_to_journy_otherwise_stays(plugins, journy):
    journy.put("users", {"userId": "ann@acme.example"}, first_name="Ann")
    run = plugins.persons({**ANN, **GONE, "emails": ANN["emails"]}, on_delete="delete")
    assert run.reasons == {"deleted": 1}
    assert journy.users() == ["ann@acme.example"]


def test_a_user_who_is_another_persons_now_stays(plugins, journy, ann):
    other = {**ANN, "id": 2}
    run = plugins.persons(GONE, other, on_delete="delete")
    assert run.reasons["removed"] == 0
    assert journy.users() == ["ann@acme.example"]


@pytest.mark.parametrize("rule", ["id_wins", "contact_wins", "refuse", "merge"])
def test_only_the_user_of_the_known_id_is_deleted_whoever_has_the_address(
    plugins, journy, sandbox, ann, rule
):
    sandbox.apply(switches={"journy.identity_conflict": rule})
    journy.put("users", {"userId": "u2", "email": "bob@acme.example"})
    gone = {**GONE, "emails": [{"value": "bob@acme.example", "primary": True}]}
    run = plugins.persons(gone, on_delete="delete")
    assert run.reasons == {"removed": 1}
    assert journy.users() == ["u2"]


def test_who_comes_back_is_created_again(plugins, journy, ann):
    plugins.persons(GONE, on_delete="delete")
    later = {**ANN, "update_time": "2026-11-21T10:00:00Z"}
    assert plugins.persons(later, create=True).counts["persons"] == {"created": 1}
    assert journy.users() == ["ann@acme.example"]


def test_a_dry_run_deletes_nothing(plugins, journy, ann):
    run = plugins.write(
        plugins.stream("persons", GONE), persons={"on_delete": "delete"}, dry_run=True
    )
    assert run.reasons == {"planned": 1}
    assert journy.writes() == []


def test_any_other_word_is_refused(plugins, ann):
    run = plugins.persons(GONE, on_delete="archive")
    assert run.exit_code == 1
