"""Lines that another one takes the place of for a while."""

from __future__ import annotations

ANN = {"user_id": "u1", "email": "ann@acme.example", "lifecycle": "Trial", "health": "Good"}
STAGE = "Lifecycle stage"


def into_stage(source):
    return [{"from": source, "to": STAGE}]


def test_a_line_that_comes_back_writes_what_its_source_still_says(target, crm):
    person = crm.person("ann@acme.example")
    for source, stored in (("lifecycle", "Trial"), ("health", "Good"), ("lifecycle", "Trial")):
        run = target.users(ANN, fields=into_stage(source))
        assert run.counts["users"] == {"updated": 1}
        assert crm.stored(person)[STAGE] == stored
    crm.calls()
    assert target.users(ANN, fields=into_stage("lifecycle")).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


def test_a_line_that_comes_back_leaves_what_was_edited_since(target, crm):
    person = crm.person("ann@acme.example")
    target.users(ANN, fields=into_stage("lifecycle"))
    crm.change(person, {STAGE: "Customer"})
    target.users(ANN, fields=[])
    run = target.users(ANN, fields=into_stage("lifecycle"))
    assert run.counts["users"] == {"unchanged": 1}
    assert crm.stored(person)[STAGE] == "Customer"


def test_lines_of_two_fields_from_one_source_are_not_each_other_s_places(target, crm):
    person = crm.person("ann@acme.example")
    lines = [*into_stage("lifecycle"), {"from": "lifecycle", "to": "Notes on fit"}]
    target.users(ANN, fields=lines)
    crm.change(person, {STAGE: "Customer"})
    assert target.users(ANN, fields=lines).counts["users"] == {"unchanged": 1}
    assert crm.stored(person)[STAGE] == "Customer"
