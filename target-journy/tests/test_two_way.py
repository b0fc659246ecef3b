"""Both directions in turn, journy to Pipedrive first: edits cross over, and then it rests.

Blind spot: the sandbox's clock is real here, so edits within one second look simultaneous.
"""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from sync_tests.two_way import TO_JOURNY, TO_PIPEDRIVE, Sync


def test_without_edits_nothing_is_written_in_either_direction(sync):
    assert sync.round() == []


def test_an_edit_in_pipedrive_reaches_journy_and_no_echo_comes_back(sync):
    sync.edit_person("Customer")
    assert sync.round() == ["POST /journy/users/upsert"]
    assert sync.stages() == ("Customer", "Customer")
    assert sync.round() == []


@pytest.mark.usual("pipedrive.patch_lists")
def test_an_address_that_changes_in_pipedrive_reaches_journy_and_comes_to_rest(sync):
    sync.edit_person(emails=[{"value": "ann@new.example", "primary": True}])
    assert sync.round() == ["POST /journy/users/upsert"]
    assert sync.journy.user("u1")["email"] == "ann@new.example"
    assert sync.round() == []
    assert [each["value"] for each in sync.person()["emails"]] == ["ann@new.example"]


def test_an_address_that_changes_in_journy_reaches_pipedrive_and_is_not_set_back(sync):
    sync.sandbox.clock.advance(2)
    sync.journy.put("users", {"userId": "u1", "email": "ann@new.example"})
    assert all("journy" not in write for write in sync.round())
    assert sync.round() == []
    assert sync.journy.user("u1")["email"] == "ann@new.example"
    assert "ann@new.example" in [each["value"] for each in sync.person()["emails"]]


@pytest.mark.usual("pipedrive.patch_lists")
def test_of_two_phones_pipedrives_wins_and_the_users_stays_behind_it(sync):
    sync.edit_person(phones=[{"value": "+32 1", "primary": True}])
    sync.edit_user(phone="+32 2")
    assert sync.rest() <= 3
    assert sync.journy.user("u1")["phone"] == "+32 1"
    assert [each["value"] for each in sync.person()["phones"]] == ["+32 1", "+32 2"]


def test_an_edit_in_journy_reaches_pipedrive_and_no_echo_comes_back(sync):
    sync.edit_user(lifecycle="Trial")
    (write,) = sync.round()
    assert write.startswith("PATCH /pipedrive/api/v2/persons/")
    assert sync.stages() == ("Trial", "Trial")
    assert sync.round() == []


def test_edits_of_different_fields_on_both_sides_both_arrive(sync):
    sync.edit_person(first_name="Ann", last_name="Stone")
    sync.edit_user(lifecycle="Trial")
    assert sync.rest() <= 2
    assert sync.stages() == ("Trial", "Trial")
    assert sync.person()["name"] == "Ann Stone"
    assert sync.journy.user("u1")["last_name"] == "Stone"


@pytest.mark.parametrize(
    ("rule", "winner"),
    [({}, "Partner"), ({"conflict": "pipedrive"}, "Partner"), ({"conflict": "journy"}, "Trial")],
    ids=["by default", "pipedrive", "journy"],
)
def test_where_both_edited_one_field_the_winner_stands_on_both_sides(sync, rule, winner):
    sync.rule = rule
    sync.edit_person("Partner")
    sync.edit_user(lifecycle="Trial")
    assert sync.rest() <= 2
    assert sync.stages() == (winner, winner)


@pytest.fixture
def newcomer(plugins, sandbox, journy):
    """A user without a stage, and the person that was made of it."""
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"},
               first_name="Ann", last_name="Lee")  # fmt: skip
    job = Sync(plugins, sandbox, journy)
    job.rest()
    assert job.stages() == (None, None)
    return job


@pytest.mark.parametrize(
    ("rule", "winner"),
    [({}, "Partner"), ({"conflict": "pipedrive"}, "Partner"), ({"conflict": "journy"}, "Trial")],
    ids=["by default", "pipedrive", "journy"],
)
@pytest.mark.parametrize("between", [{}, {"last_name": "Stone"}], ids=["at once", "later"])
def test_where_both_filled_an_empty_field_the_winner_stands_on_both_sides(
    newcomer, rule, winner, between
):
    newcomer.rule = rule
    if between:  # another field goes from Pipedrive to journy, and back comes nothing
        newcomer.edit_person(first_name="Ann", **between)
        newcomer.rest()
    newcomer.edit_person("Partner")
    newcomer.edit_user(lifecycle="Trial")
    run = newcomer.to_pipedrive()
    assert "Lifecycle stage: both sides changed it" in "".join(line.text for line in run.lines)
    assert newcomer.rest() <= 2
    assert newcomer.stages() == (winner, winner)


@pytest.mark.parametrize("last", ["pipedrive", "journy"])
def test_where_both_edited_one_field_the_latest_stands_on_both_sides(sync, last):
    sync.rule = {"conflict": "latest"}
    edits = {"pipedrive": lambda: sync.edit_person("Partner"),
             "journy": lambda: sync.edit_user(lifecycle="Trial")}  # fmt: skip
    first = next(side for side in edits if side != last)
    edits[first]()
    sync.sandbox.clock.advance(5)
    edits[last]()
    assert sync.rest() <= 2
    winner = "Partner" if last == "pipedrive" else "Trial"
    assert sync.stages() == (winner, winner)


def test_a_burst_of_edits_ends_with_the_last_values_everywhere(sync):
    for number in range(5):
        sync.edit_person(first_name="Ann", last_name=f"Lee {number}")
        sync.edit_user(lifecycle=f"Step {number}")
        sync.round()
    assert sync.rest() <= 1
    assert sync.stages() == ("Step 4", "Step 4")
    assert sync.person()["name"] == "Ann Lee 4"
    assert sync.journy.user("u1")["last_name"] == "Lee 4"


def test_a_row_from_before_our_own_write_overwrites_nothing(sync):
    code, before, _ = sync.plugins.call("tap-pipedrive")
    assert code == 0
    sync.sandbox.clock.advance(5)
    sync.edit_user(lifecycle="Trial")
    sync.to_pipedrive()
    sync.journy.writes()
    persons = {"create": True, "fields": [TO_JOURNY]}
    run = sync.plugins.write(before, persons=persons, organizations={})
    assert run.reasons["stale"] == 1
    assert sync.journy.writes() == []
    assert sync.stages() == ("Trial", "Trial")


def test_nor_does_it_where_pipedrive_has_refused_all_of_a_later_write(sync):
    code, before, _ = sync.plugins.call("tap-pipedrive")
    assert code == 0
    sync.sandbox.clock.advance(5)
    sync.edit_user(lifecycle="Trial")
    sync.to_pipedrive()
    refusal = {"success": False, "error": "last_name isn't taken"}
    action = {"status": 400, "body": refusal}
    sync.sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", times=None, action=action)
    sync.edit_user(last_name="Stone")
    assert sync.to_pipedrive().reasons["refused"] == 1
    sync.journy.writes()
    persons = {"create": True, "fields": [TO_JOURNY]}
    run = sync.plugins.write(before, persons=persons, organizations={})
    assert run.reasons["stale"] == 1
    assert sync.journy.writes() == []


@pytest.mark.parametrize("between", [{}, {"last_name": "Stone"}], ids=["at once", "later"])
def test_a_user_read_from_before_our_own_write_overwrites_nothing(sync, between):
    # journy tells the time of a write to the second, so the row has to be older than that.
    sync.sandbox.clock.advance(-60)
    sync.journy.put("users", {"userId": "u1"}, title="Head of sales")
    code, before, _ = sync.plugins.call("tap-journy")
    assert code == 0
    sync.sandbox.clock.advance(60)
    sync.edit_person("Customer")
    sync.to_journy()
    if between:  # another field of the person goes to journy, and this one is compared again
        sync.edit_person(first_name="Ann", **between)
        sync.to_journy()
    sync.journy.writes()
    users = {"create": True, "fields": [{**TO_PIPEDRIVE, "conflict": "journy"}]}
    sync.plugins.write(before, "target-pipedrive", users=users)
    assert sync.journy.writes() == []
    assert sync.stages() == ("Customer", "Customer")


def test_an_edit_within_the_second_of_our_own_write_is_not_from_before_it(sync):
    sync.sandbox.clock.set(datetime(2031, 5, 6, 7, 8, 9, tzinfo=timezone.utc))
    sync.sandbox.clock.freeze(True)
    sync.edit_person("Customer")
    sync.to_journy()
    sync.journy.put("users", {"userId": "u1"}, lifecycle="Trial")
    sync.to_pipedrive()
    assert sync.stages() == ("Trial", "Trial")


def test_an_edit_in_pipedrive_within_that_second_is_not_from_before_it_either(sync):
    sync.sandbox.clock.freeze(True)
    sync.journy.put("users", {"userId": "u1"}, lifecycle="Trial")
    sync.to_pipedrive()
    sync.edit_person("Customer")
    sync.to_journy()
    assert sync.stages() == ("Customer", "Customer")


def test_a_person_whose_time_of_change_is_not_told_is_never_too_old(sync):
    sync.edit_user(lifecycle="Trial")
    sync.to_pipedrive()
    (number,) = sync.sandbox.pipedrive.rows("person")
    emails = [{"value": "ann@acme.example", "primary": True}]
    person = {"id": number, "emails": emails, "lifecycle_stage": "Partner"}
    run = sync.plugins.persons(person, fields=[TO_JOURNY])
    assert run.reasons == {"updated": 1}
    assert sync.journy.user("u1")["lifecycle"] == "Partner"


def test_losing_the_ledger_doubles_nothing_and_comes_to_rest(sync):
    sync.plugins.forget()
    sync.rest()
    assert sync.journy.users() == ["u1"]
    assert len(sync.sandbox.pipedrive.rows("person")) == 1
    assert sync.stages() == ("Lead", "Lead")
