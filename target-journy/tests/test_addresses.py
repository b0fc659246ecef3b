"""A user's address follows the person's, as a change of its own."""

from __future__ import annotations

import pytest

OLD, NEW = "ann@acme.example", "ann@new.example"
USERS = "/journy/users/upsert"


def ann(*addresses, **more):
    emails = [{"value": each, "primary": at == 0} for at, each in enumerate(addresses)]
    return {"id": 1, "first_name": "Ann", "emails": emails, **more}


@pytest.fixture
def known(plugins, journy):
    plugins.persons(ann(OLD), create=True)
    journy.writes()


@pytest.mark.parametrize("create", [True, False])
def test_a_changed_address_alone_reaches_the_user(plugins, journy, known, bodies, create):
    bodies.clear()
    run = plugins.persons(ann(NEW), create=create)
    assert run.reasons == {"updated": 1}
    assert [line.fields for line in run.lines] == ["e-mail address"]
    identity = {"userId": OLD, "email": NEW}
    assert bodies == [("POST", {"identification": identity, "properties": {}})]
    assert journy.user(OLD)["email"] == NEW
    assert plugins.persons(ann(NEW)).reasons == {"no_difference": 1}


@pytest.mark.parametrize("addresses", [[OLD.upper()], [NEW, OLD]], ids=["case", "one more"])
def test_an_address_that_the_person_still_has_stays_the_users(plugins, journy, known, addresses):
    assert plugins.persons(ann(*addresses)).reasons == {"no_difference": 1}
    assert journy.writes() == []


def test_it_is_sent_again_after_an_outage(plugins, journy, sandbox, hasty, known):
    sandbox.fault(USERS, times=9, action={"status": 503})
    assert plugins.persons(ann(NEW)).reasons == {"unavailable": 1}
    sandbox.clear_faults()
    assert plugins.persons().reasons == {"updated": 1}
    assert journy.user(OLD)["email"] == NEW


def test_back_and_forth_ends_with_the_last(plugins, journy, known):
    for address in (NEW, OLD, NEW, OLD):
        assert plugins.persons(ann(address)).reasons == {"updated": 1}
        assert journy.user(OLD)["email"] == address


@pytest.mark.parametrize("rule", ["keep_id", "replace_all", "keep_all"])
def test_it_is_sent_once_whatever_journy_makes_of_it(plugins, journy, sandbox, known, rule):
    sandbox.apply(switches={"journy.identifier_change": rule})
    plugins.persons(ann(NEW))
    journy.writes()
    assert plugins.persons(ann(NEW)).reasons == {"no_difference": 1}
    assert journy.writes() == []
    assert len(journy.users()) == 1


def test_a_dry_run_counts_it(plugins, journy, known):
    text = plugins.stream("persons", ann(NEW))
    assert plugins.write(text, persons={}, dry_run=True).counts["persons"] == {"updated": 1}
    assert journy.writes() == []


def test_an_address_that_changed_in_journy_is_not_set_back(plugins, journy, sandbox):
    journy.put("users", {"userId": "u1", "email": OLD}, first_name="Ann")
    _, text, _ = plugins.call("tap-journy")
    plugins.write(text, "target-pipedrive", users={"create": True})
    (number,) = sandbox.pipedrive.rows("person")
    journy.put("users", {"userId": "u1", "email": NEW}, first_name="Ann")
    _, text, _ = plugins.call("tap-journy")
    # Nothing is written to the person, so that Pipedrive has the former address.
    run = plugins.write(text, "target-pipedrive", users={"segments": ["Power users"]})
    assert run.counts["users"] == {"skipped": 1}
    journy.writes()
    later = {**ann(OLD), "id": number, "update_time": "2099-01-01T00:00:00Z"}
    plugins.persons(later)
    assert journy.user("u1")["email"] == NEW


def test_whose_known_address_is_not_the_first_any_more_stays_linked(sync):
    new = {"value": "ann@new.example", "primary": True}
    sync.edit_person(emails=[new, {"value": "ann@acme.example", "primary": False}])
    sync.to_journy()
    sync.sandbox.clock.advance(2)
    third = {"userId": "u1", "email": "ann@third.example"}
    sync.journy.put("users", third, lifecycle="Trial")
    sync.to_pipedrive()
    assert sync.stages() == ("Trial", "Trial")
