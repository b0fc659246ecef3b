"""A field that was empty on both sides: who has filled it since then can be told."""

from __future__ import annotations

import pytest
from sync_tests.actions import ANN
from sync_tests.conflicts import CONFLICTS, stage

HEALTH = {"from": "health", "to": "Customer health"}


def is_conflict(run):
    return "Lifecycle stage: both sides changed it" in run.lines[0].text


@pytest.mark.parametrize(("rule", "updated", "winner"), CONFLICTS)
def test_both_sides_fill_it_and_the_rule_decides_and_is_reported(
    target, crm, rule, updated, winner
):
    fields = stage(**({"conflict": rule} if rule else {}))
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": None}, fields=fields)
    crm.change(person, {"Lifecycle stage": "Partner"})
    run = target.users({**ANN, "lifecycle": "Customer", "updated_at": updated}, fields=fields)
    assert crm.stored(person)["Lifecycle stage"] == winner
    assert is_conflict(run)


def test_both_sides_fill_it_after_the_record_was_created(target, crm):
    target.run(target.stream("users", ANN), users={"create": True, "fields": stage()})
    (person,) = crm.persons()
    crm.change(person, {"Lifecycle stage": "Partner"})
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(person)["Lifecycle stage"] == "Partner"
    assert is_conflict(run)


def test_a_dry_run_tells_the_conflict_as_well(target, crm):
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=stage())
    crm.change(person, {"Lifecycle stage": "Partner"})
    messages = target.stream("users", {**ANN, "lifecycle": "Customer"})
    run = target.run(messages, users={"fields": stage()}, dry_run=True)
    assert is_conflict(run)


def test_journy_fills_it_and_its_value_is_written(target, crm):
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=stage())
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(person)["Lifecycle stage"] == "Customer"
    assert not is_conflict(run)


def test_a_colleague_fills_it_and_a_later_value_of_journy_finds_it_taken(target, crm):
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=stage())
    crm.change(person, {"Lifecycle stage": "Partner"})
    target.users({**ANN, "phone": "+3225550101"}, fields=stage())
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(person)["Lifecycle stage"] == "Partner"
    assert is_conflict(run)


def test_a_field_that_journy_found_filled_is_still_written_when_journy_has_a_value(target, crm):
    person = crm.person("ann@acme.example", custom={"Lifecycle stage": "Partner"})
    target.users(ANN, fields=stage())
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(person)["Lifecycle stage"] == "Customer"
    assert not is_conflict(run)


def test_such_a_field_does_not_pass_for_empty_where_another_one_is_written_meanwhile(target, crm):
    fields = [HEALTH, *stage()]
    person = crm.person("ann@acme.example", custom={"Lifecycle stage": "Partner"})
    for news in ({}, {"health": "Good"}, {"health": "Good", "lifecycle": "Customer"}):
        run = target.users({**ANN, **news}, fields=fields)
    assert crm.stored(person)["Lifecycle stage"] == "Customer"
    assert not is_conflict(run)


def test_what_pipedrive_gives_a_new_record_itself_was_never_empty(target, crm):
    fields = [{"from": "lifecycle", "to": "Owner"}]
    target.users(ANN, create=True, fields=fields)
    (person,) = crm.persons()
    given = crm.stored(person)["owner_id"]
    run = target.users({**ANN, "lifecycle": "bob@acme.com"}, fields=fields)
    assert run.lines[0].text == ""
    assert crm.stored(person)["owner_id"] not in {None, given}


def test_it_is_still_known_after_another_line_came(target, crm):
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=stage())
    target.users({**ANN, "health": "Good"}, fields=[HEALTH, *stage()])
    crm.change(person, {"Lifecycle stage": "Partner"})
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=[HEALTH, *stage()])
    assert crm.stored(person)["Lifecycle stage"] == "Partner"
    assert is_conflict(run)


def test_a_line_that_comes_later_writes_over_what_it_finds(target, crm):
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=[HEALTH])
    crm.change(person, {"Lifecycle stage": "Partner"})
    target.users({**ANN, "lifecycle": "Customer"}, fields=[HEALTH, *stage()])
    assert crm.stored(person)["Lifecycle stage"] == "Customer"


def test_what_another_line_wrote_meanwhile_is_no_colleagues_value(target, crm):
    person = crm.person("ann@acme.example")
    other = [{"from": "health", "to": "Lifecycle stage"}]
    target.users({**ANN, "health": None}, fields=stage())
    target.users({**ANN, "health": "Lead"}, fields=other)
    assert crm.stored(person)["Lifecycle stage"] == "Lead"
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(person)["Lifecycle stage"] == "Customer"
    assert not is_conflict(run)


def test_another_record_in_the_place_of_a_lost_one_was_never_seen_empty(target, crm):
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=stage())
    crm.delete(person)
    other = crm.person("ann@acme.example", custom={"Lifecycle stage": "Partner"})
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(other)["Lifecycle stage"] == "Customer"
    assert not is_conflict(run)


def test_a_write_to_such_a_record_that_fails_in_passing_is_no_conflict_when_it_is_tried_again(
    target, crm, sandbox, hasty
):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    crm.delete(person)
    other = crm.person("ann@acme.example", custom={"Lifecycle stage": "Partner"})
    sandbox.fault(f"/pipedrive/api/v2/persons/{other}", "PATCH", times=5, action={"status": 503})
    target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    run = target.users(fields=stage())
    assert crm.stored(other)["Lifecycle stage"] == "Customer"
    assert not is_conflict(run)


def test_what_another_record_in_the_place_of_a_lost_one_has_counts_as_its_own_change(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    crm.delete(person)
    other = crm.person("ann@acme.example", custom={"Lifecycle stage": "Partner"})
    target.users({**ANN, "lifecycle": None}, fields=stage())
    assert crm.stored(other)["Lifecycle stage"] == "Partner"
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(other)["Lifecycle stage"] == "Partner"
    assert is_conflict(run)


def test_what_such_a_record_says_as_well_is_agreed_on_with_it(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    crm.delete(person)
    other = crm.person("ann@acme.example", custom={"Lifecycle stage": "Trial"})
    target.users({**ANN, "lifecycle": "Trial", "phone": "+3225550101"}, fields=stage())
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(other)["Lifecycle stage"] == "Customer"
    assert not is_conflict(run)


def test_a_field_that_was_emptied_since_counts_from_then_on(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    target.users({**ANN, "lifecycle": None}, fields=stage())
    crm.change(person, {"Lifecycle stage": "Partner"})
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(person)["Lifecycle stage"] == "Partner"
    assert is_conflict(run)


def test_what_both_sides_have_emptied_is_written_when_it_comes_back(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    crm.change(person, {"Lifecycle stage": None})
    target.users({**ANN, "lifecycle": None}, fields=stage())
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    assert crm.stored(person)["Lifecycle stage"] == "Trial"


def test_records_with_empty_fields_are_left_alone_by_a_second_run(target, crm):
    target.users(ANN, fields=stage())
    crm.calls()
    crm.person("ann@acme.example")
    target.users(ANN, fields=stage())
    crm.calls()
    run = target.users(ANN, fields=stage())
    assert run.reasons == {"no_difference": 1}
    assert not [call for call in crm.calls() if "persons" in call]


def test_a_list_of_entries_that_both_sides_fill_takes_both(target, crm):
    fields = [{"from": "phone", "to": "phones"}]
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=fields)
    crm.change(person, phones=[{"value": "+32 9", "primary": True}])
    target.users({**ANN, "phone": "+32 2"}, fields=fields)
    assert [each["value"] for each in crm.stored(person)["phones"]] == ["+32 9", "+32 2"]


@pytest.mark.parametrize(
    ("merge", "kept"), [("add", {"Billing", "Analytics"}), ("replace", {"Billing"})]
)
def test_choices_that_both_sides_made_are_all_kept_where_the_line_adds(target, crm, merge, kept):
    fields = [{"from": "interests", "to": "Interests", "merge": merge}]
    ids = {crm.option("Interests", each): each for each in ("Billing", "Analytics")}
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=fields)
    billing = next(number for number, label in ids.items() if label == "Billing")
    crm.change(person, {"Interests": [billing]})
    target.users({**ANN, "interests": ["Analytics"]}, fields=fields)
    assert {ids[each] for each in crm.stored(person)["Interests"]} == kept


@pytest.mark.parametrize("why", ["a value that fits no option", "a value that Pipedrive refuses"])
def test_the_conflict_is_reported_beside_another_field_that_is_rejected(target, crm, sandbox, why):
    fields = [*stage(), HEALTH]
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": None, "health": None}, fields=fields)
    crm.change(person, {"Lifecycle stage": "Partner"})
    if "Pipedrive" in why:
        error = f"Validation failed: custom_fields.{crm.key('Customer health')}: no"
        action = {"status": 400, "body": {"success": False, "error": error}}
        sandbox.fault("/pipedrive/api/v2/persons*", "PATCH", times=None, action=action)
    health = "Good" if "Pipedrive" in why else "Superb"
    run = target.users({**ANN, "lifecycle": "Customer", "health": health}, fields=fields)
    assert run.counts["users"] == {"rejected": 1}
    assert run.lines[0].text.startswith("Customer health: ")
    assert is_conflict(run)
    assert crm.stored(person)["Lifecycle stage"] == "Partner"
