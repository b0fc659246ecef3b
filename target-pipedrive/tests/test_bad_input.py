"""Bad input: one bad record never stops the others, and what can't go on ends with a sentence."""

from __future__ import annotations

import json

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
BOB = {**ANN, "user_id": "u2", "email": "bob@acme.example", "first_name": "Bob"}

MALFORMED = {
    "without id and address": {"first_name": "Nobody"},
    "with an object as id and address": {"user_id": {"a": 1}, "email": {"b": 2}},
    "with a list as address": {"user_id": None, "email": [1, None]},
    "that is empty": {},
}


@pytest.mark.parametrize("record", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_record_is_rejected_alone(target, crm, record):
    run = target.users(ANN, record, BOB, create=True)
    assert run.exit_code == 0
    assert run.counts["users"] == {"created": 2, "rejected": 1}
    assert "user_id" in run.text("malformed")
    assert len(run.states) == 1


@pytest.mark.parametrize("record", [None, [], "text", 5], ids=repr)
def test_a_record_that_is_no_object_is_rejected_alone(target, crm, record):
    run = target.users(ANN, record, BOB, create=True)
    assert run.exit_code == 0, run.log
    assert run.counts["users"] == {"created": 2, "rejected": 1}
    assert "Traceback" not in run.log


def test_half_of_a_character_stops_nothing(target, crm):
    cut = {**ANN, "last_name": "Lee CUT"}
    text = target.write(target.stream("users", BOB, cut)).replace("CUT", "\\ud83d")
    run = target.run(text, users={"create": True})
    assert run.counts["users"] == {"created": 2}
    assert crm.stored(crm.persons()[1])["last_name"] == "Lee \ufffd"


@pytest.mark.parametrize("email", [None, "", "   ", [], 7.5, True])
def test_a_user_without_an_address_is_skipped(target, crm, email):
    run = target.users({**ANN, "email": email}, BOB, create=True)
    assert run.counts["users"] == {"created": 1, "skipped": 1}
    assert run.text("no_match_key") == "the user has no e-mail address to match by"


@pytest.mark.parametrize(
    "mark", [{"is_deleted": True}, {"_sdc_deleted_at": "2026-03-04T10:00:00Z"}], ids=str
)
def test_a_deleted_record_is_skipped_and_nothing_happens_to_the_person(target, crm, mark):
    person = crm.person("ann@acme.example")
    run = target.users({**ANN, **mark, "phone": "+3225550101"}, create=True)
    assert run.counts["users"] == {"skipped": 1}
    assert run.reasons == {"deleted": 1}
    assert crm.writes() == []
    assert crm.persons() == [person]


@pytest.mark.parametrize("mark", [{"is_deleted": False}, {"_sdc_deleted_at": None}], ids=str)
def test_a_record_that_says_it_is_not_deleted_counts(target, crm, mark):
    assert target.users({**ANN, **mark}, create=True).counts["users"] == {"created": 1}


def test_a_user_who_was_deleted_and_came_back_is_the_same_person(target, crm):
    target.users(ANN, create=True)
    target.users({**ANN, "is_deleted": True}, create=True)
    run = target.users({**ANN, "user_id": "u9", "phone": "+3225550101"}, create=True)
    assert run.counts["users"] == {"updated": 1}
    assert len(crm.persons()) == 1


def test_a_stream_that_no_mapping_knows_is_skipped_with_a_sentence(target, crm):
    columns = {"id": {"type": "integer"}}
    messages = target.table("invoices", columns, {"id": 1}, {"id": 2})
    run = target.run(messages + target.stream("users", ANN), users={"create": True})
    assert run.exit_code == 0
    assert "No mapping of target-pipedrive knows the stream invoices" in run.log
    assert "invoices: 2 records skipped" in run.log
    assert run.counts == {"users": {"created": 1}}


def ends_with(run, *parts, exit_code=1):
    assert run.exit_code == exit_code
    assert "Traceback" not in run.log
    (error,) = run.errors
    for part in parts:
        assert part in error


def test_a_line_that_is_no_json_ends_the_run_with_a_sentence(target, crm):
    text = target.write(target.stream("users", ANN)) + '{"type": "RECO\n'
    run = target.run(text, users={"create": True})
    ends_with(run, "A line of the input isn't JSON")


def test_a_message_that_is_cut_short_is_named(target, crm):
    text = target.write(target.stream("users", ANN)) + json.dumps({"type": "RECORD"}) + "\n"
    run = target.run(text, users={"create": True})
    assert run.exit_code == 1
    assert "Traceback" not in run.log
    assert len(run.errors) == 1


def test_a_record_before_its_schema_ends_the_run_with_a_sentence(target, crm):
    schema, record, state = target.stream("users", ANN)
    run = target.run([record, schema, state], users={"create": True})
    ends_with(run, "users", "schema")
    assert crm.persons() == []


def test_a_stream_without_the_match_field_ends_the_run_with_a_sentence(target, crm):
    messages = target.table("users", {"user_id": {"type": "string"}}, {"user_id": "u1"})
    run = target.run(messages, users={"create": True})
    ends_with(run, "users", "stream users has no field 'email'")


def test_fields_that_answer_nonsense_end_the_run_before_any_write(target, crm, sandbox, hasty):
    sandbox.fault("/pipedrive/api/v2/personFields", times=None, action={"malformed": True})
    run = target.users(ANN, create=True)
    ends_with(run, "personFields", "isn't JSON", exit_code=69)
    assert crm.writes() == []
