"""Merging: who wins where both sides change, and that nothing is written twice."""

from __future__ import annotations

import pytest
from sync_tests.actions import ANN
from sync_tests.conflicts import CONFLICTS, LATE, stage


def full(number):
    return {
        "user_id": f"u{number}",
        "email": f"ann{number}@acme.example",
        "first_name": "Ann",
        "last_name": "Lee",
        "phone": f"+32 2 555 01 {number:02d}",
        "health": "Good",
        "churn_score": 0.5,
        "last_seen_at": "2026-03-04T10:00:00.000Z",
        "interests": ["Billing", "Analytics"],
        "newsletter": True,
        "accounts": ["a1"],
    }


EVERY_KIND = [
    {"from": "health", "to": "Customer health"},
    {"from": "churn_score", "to": "Churn score"},
    {"from": "last_seen_at", "to": "Last seen"},
    {"from": "interests", "to": "Interests"},
    {"from": "newsletter", "to": "Newsletter"},
    {"from": "phone", "to": "Support line"},
]
ACME = {"account_id": "a1", "name": "Acme", "domain": "acme.example", "mrr": 12.5}


def import_all(target, **settings):
    messages = target.stream("accounts", ACME)
    messages += target.stream("users", *(full(number) for number in range(7)))
    return target.run(
        messages,
        users={"create": True, "fields": EVERY_KIND},
        accounts={"create": True, "fields": [{"from": "mrr", "to": "MRR"}]},
        **settings,
    )


def test_the_same_input_twice_writes_nothing_the_second_time(target, crm):
    first = import_all(target)
    assert first.counts == {"accounts": {"created": 1}, "users": {"created": 7}}
    assert len(crm.writes()) == 8
    second = import_all(target)
    assert second.counts == {"accounts": {"unchanged": 1}, "users": {"unchanged": 7}}
    assert second.reasons == {"no_difference": 8}
    assert crm.writes() == []


def test_losing_the_ledger_costs_reads_and_no_write(target, crm):
    import_all(target)
    crm.calls()
    target.forget()
    again = import_all(target)
    assert again.counts == {"accounts": {"unchanged": 1}, "users": {"unchanged": 7}}
    assert crm.writes() == []
    assert import_all(target).counts == again.counts
    assert crm.writes() == []


def test_a_second_run_reads_no_record_at_all(target, crm):
    import_all(target)
    crm.calls()
    import_all(target)
    assert {call.split("?")[0] for call in crm.calls()} == {
        "GET /v1/users/me",
        "GET /api/v2/personFields",
        "GET /api/v2/organizationFields",
    }


def test_only_journy_moved_and_its_value_is_written(target, crm):
    person = crm.person("ann@acme.example", custom={"Lifecycle stage": "Lead"})
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    assert crm.stored(person)["Lifecycle stage"] == "Customer"


@pytest.mark.parametrize("rule", [{}, {"conflict": "journy"}, {"conflict": "latest"}], ids=str)
def test_only_pipedrive_moved_and_its_value_stays_without_a_conflict(target, crm, rule):
    person = crm.person("ann@acme.example")
    user = {**ANN, "lifecycle": "Trial", "updated_at": LATE}
    target.users(user, fields=stage(**rule))
    crm.change(person, {"Lifecycle stage": "Customer"})
    run = target.users({**user, "phone": "+3225550101"}, fields=stage(**rule))
    assert (run.lines[0].fields, run.lines[0].text) == ("phones", "")
    assert crm.stored(person)["Lifecycle stage"] == "Customer"


@pytest.mark.parametrize(("rule", "updated", "winner"), CONFLICTS)
def test_both_moved_and_the_rule_decides_and_is_reported(target, crm, rule, updated, winner):
    fields = stage(**({"conflict": rule} if rule else {}))
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=fields)
    crm.change(person, {"Lifecycle stage": "Partner"})
    user = {**ANN, "lifecycle": "Customer", "updated_at": updated}
    run = target.users(user, fields=fields)
    assert crm.stored(person)["Lifecycle stage"] == winner
    assert "Lifecycle stage: both sides changed it" in run.lines[0].text
    assert run.counts["users"] == {"updated" if winner == "Customer" else "unchanged": 1}
    crm.calls()
    assert target.users(user, fields=fields).reasons == {"no_difference": 1}
    assert crm.writes() == []


def test_a_value_that_won_and_was_set_back_is_the_agreed_one_again(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    crm.change(person, {"Lifecycle stage": "Partner"})
    target.users({**ANN, "lifecycle": "Customer"}, fields=stage())
    crm.change(person, {"Lifecycle stage": "Trial"})
    run = target.users({**ANN, "lifecycle": "Lead"}, fields=stage())
    assert (run.lines[0].fields, run.lines[0].text) == ("Lifecycle stage", "")
    assert crm.stored(person)["Lifecycle stage"] == "Lead"


@pytest.mark.parametrize("status", [503, 400], ids=["fails in passing", "is refused"])
def test_a_conflict_is_reported_where_the_write_of_another_field(
    target, crm, sandbox, hasty, status
):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    crm.change(person, {"Lifecycle stage": "Partner"})
    sandbox.fault(
        f"/pipedrive/api/v2/persons/{person}", "PATCH", times=5, action={"status": status}
    )
    user = {**ANN, "lifecycle": "Customer", "phone": "+3225550101"}
    run = target.users(user, fields=stage())
    assert run.counts["users"].keys() <= {"deferred", "rejected"}
    assert "Lifecycle stage: both sides changed it; pipedrive's stays" in run.lines[0].text


def test_of_two_edits_at_one_moment_pipedrives_stays(target, crm):
    person = crm.person("ann@acme.example")
    fields = stage(conflict="latest")
    target.users({**ANN, "lifecycle": "Trial"}, fields=fields)
    crm.change(person, {"Lifecycle stage": "Partner"})
    moment = crm.stored(person)["update_time"]
    target.users({**ANN, "lifecycle": "Customer", "updated_at": moment}, fields=fields)
    assert crm.stored(person)["Lifecycle stage"] == "Partner"


def test_a_value_that_does_not_fit_empties_nothing(target, crm):
    fields = [{"from": "lifecycle", "to": "Churn score"}]
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "5"}, fields=fields)
    run = target.users({**ANN, "lifecycle": "many"}, fields=fields)
    assert run.reasons == {"bad_value": 1}
    assert crm.stored(person)["Churn score"] == 5


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_a_cleared_source_value_clears_the_field_and_nothing_else(target, crm, bodies):
    person = crm.person("ann@acme.example", custom={"Churn score": 1})
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    bodies.clear()
    run = target.users({**ANN, "lifecycle": None}, fields=stage())
    assert run.counts["users"] == {"updated": 1}
    assert bodies == [("PATCH", {"custom_fields": {crm.key("Lifecycle stage"): None}})]
    assert crm.stored(person).get("Lifecycle stage") is None
    assert crm.stored(person)["Churn score"] == 1
    assert target.users({**ANN, "lifecycle": ""}, fields=stage()).reasons == {"no_difference": 1}


def test_a_null_that_was_never_another_value_clears_nothing(target, crm):
    crm.person("ann@acme.example", custom={"Lifecycle stage": "Lead"})
    for value in (None, "", "  "):
        run = target.users({**ANN, "lifecycle": value}, fields=stage())
        assert run.counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


def test_a_cleared_name_and_a_cleared_address_stay(target, crm):
    person = crm.person("ann@acme.example", name="Ann Lee")
    target.users(ANN)
    run = target.users({**ANN, "first_name": None, "last_name": ""})
    assert run.counts["users"] == {"unchanged": 1}
    assert crm.stored(person)["name"] == "Ann Lee"


def test_a_name_that_is_never_cleared_gives_way_to_no_missing_one(target, crm):
    first_name = [{"from": "first_name", "to": "First name", "conflict": "journy"}]
    person = crm.person("ann@acme.example", name="Ann Lee")
    target.users(ANN, fields=first_name)
    crm.change(person, first_name="Anna", last_name="Lee")
    run = target.users({**ANN, "first_name": None}, fields=first_name)
    assert run.reasons == {"no_difference": 1}
    assert crm.stored(person)["first_name"] == "Anna"


WRITES = [
    ("always", None, "Trial", "Customer"),
    ("always", "Lead", "Trial", "Customer"),
    ("if_empty", None, "Trial", "Trial"),
    ("if_empty", "Lead", "Lead", "Lead"),
    ("on_create", None, None, None),
    ("on_create", "Lead", "Lead", "Lead"),
]


@pytest.mark.parametrize("case", WRITES, ids=str)
def test_when_a_value_is_written_to_an_existing_person(target, crm, case):
    write, stored, first, second = case
    custom = {"Lifecycle stage": stored} if stored else None
    person = crm.person("ann@acme.example", custom=custom)
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage(write=write))
    assert crm.stored(person).get("Lifecycle stage") == first
    run = target.users({**ANN, "lifecycle": "Customer"}, fields=stage(write=write))
    assert crm.stored(person).get("Lifecycle stage") == second
    assert run.reasons.keys() <= {"updated", "no_difference"}  # nobody changed it there


@pytest.mark.parametrize("write", ["always", "if_empty", "on_create"])
def test_every_value_is_written_to_a_new_person(target, crm, write):
    target.users({**ANN, "lifecycle": "Trial"}, create=True, fields=stage(write=write))
    (person,) = crm.persons()
    assert crm.stored(person)["Lifecycle stage"] == "Trial"


def test_an_if_empty_line_fills_what_a_person_emptied_once_its_source_says_something_else(
    target, crm
):
    person = crm.person("ann@acme.example")
    lines = stage(write="if_empty")
    target.users({**ANN, "lifecycle": "Trial"}, fields=lines)
    crm.change(person, custom={"Lifecycle stage": None})
    target.users({**ANN, "lifecycle": "Trial"}, fields=lines)
    assert crm.stored(person).get("Lifecycle stage") is None
    target.users({**ANN, "lifecycle": "Customer"}, fields=lines)
    assert crm.stored(person)["Lifecycle stage"] == "Customer"


def test_an_if_empty_value_that_vanishes_at_its_source_stays(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "Trial"}, fields=stage(write="if_empty"))
    target.users({**ANN, "lifecycle": None}, fields=stage(write="if_empty"))
    assert crm.stored(person)["Lifecycle stage"] == "Trial"


def test_a_name_that_already_differs_is_left_to_pipedrive_unless_told_otherwise(target, crm):
    person = crm.person("ann@acme.example", name="Annabel Lee")
    run = target.users(ANN)
    said = "First name: both sides have a value and never agreed on one; pipedrive's stays"
    assert run.text("conflict") == said
    assert crm.stored(person)["name"] == "Annabel Lee"
    fields = [{"from": "first_name", "to": "First name", "conflict": "journy"}]
    target.forget()
    target.users(ANN, fields=fields)
    assert crm.stored(person)["name"] == "Ann Lee"


def test_a_record_that_failed_for_a_passing_reason_is_tried_again_by_the_next_run(
    target, crm, sandbox, hasty
):
    person = crm.person("ann@acme.example")
    sandbox.fault(f"/pipedrive/api/v2/persons/{person}", "PATCH", times=5, action={"status": 503})
    run = target.users({**ANN, "lifecycle": "Trial"}, fields=stage())
    assert run.exit_code == 0
    assert run.reasons == {"unavailable": 1}
    assert len(run.states) == 1
    again = target.users(fields=stage())
    assert again.counts["users"] == {"updated": 1}
    assert crm.stored(person)["Lifecycle stage"] == "Trial"
    assert target.users(fields=stage()).counts == {}
