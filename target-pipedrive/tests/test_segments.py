"""Segments: who is written, and what happens to those who leave."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("chosen", "of", "outcome"),
    [
        (["Power users"], ["Power users", "Trial"], "created"),
        ([" power USERS "], ["Power users"], "created"),
        (["Power users", "Trial"], ["Trial"], "created"),
        (["seg-1"], ["Power users"], "created"),
        (["seg-1"], ["Trial"], "skipped"),
        (["Power users"], ["Trial"], "skipped"),
        (["Power users"], [], "skipped"),
        (["Power users"], None, "skipped"),
        ([], None, "created"),
    ],
)
def test_only_records_of_a_chosen_segment_are_written(target, crm, chosen, of, outcome):
    run = target.users({**ANN, "segments": of}, create=True, segments=chosen)
    assert run.counts["users"] == {outcome: 1}
    assert len(crm.persons()) == (1 if outcome == "created" else 0)


def test_a_record_outside_the_segments_is_skipped_with_that_reason(target):
    run = target.users({**ANN, "segments": ["Trial"]}, segments=["Power users"])
    assert run.reasons == {"not_in_segment": 1}


def test_a_record_that_left_its_segment_is_not_written_any_more(target, crm):
    chosen = {"create": True, "segments": ["Trial"]}
    target.users({**ANN, "segments": ["Trial"]}, **chosen)
    (person,) = crm.persons()
    crm.calls()
    run = target.users({**ANN, "segments": [], "last_name": "Stone"}, **chosen)
    assert run.counts["users"] == {"skipped": 1}
    assert run.reasons == {"left_segment": 1}
    assert crm.writes() == []
    assert crm.stored(person)["name"] == "Ann Lee"


def test_accounts_have_segments_of_their_own(target, crm):
    records = [
        {"account_id": f"a{n}", "name": f"Acme {n}", "segments": ["Trial"][:n]} for n in (0, 1)
    ]
    run = target.accounts(*records, create=True, segments=["Trial"])
    assert run.counts["accounts"] == {"created": 1, "skipped": 1}
    assert [crm.stored(o, "organization")["name"] for o in crm.organizations()] == ["Acme 1"]


def test_segments_of_another_tap_are_chosen_by_the_same_rule(target, crm):
    columns = {**dict.fromkeys(ANN, TEXT), "segments": {"type": "array"}}
    bob = {**ANN, "user_id": "u2", "email": "bob@acme.example", "segments": ["Trail"]}
    batch = target.table("users", columns, {**ANN, "segments": ["TRIAL "]}, bob)
    run = target.run(batch, users={"segments": [" trial"], "create": True})
    assert run.counts["users"] == {"created": 1, "skipped": 1}
    assert len(crm.persons()) == 1


def test_a_segment_that_several_may_be_stops_the_run_before_any_write(target, crm):
    listed = {"type": "array", "x-journy": {"segments": ["Trial", "TRIAL"]}}
    columns = {**dict.fromkeys(ANN, TEXT), "segments": listed}
    batch = target.table("users", columns, {**ANN, "segments": ["Trial"]})
    run = target.run(batch, users={"segments": ["trial"], "create": True})
    assert run.exit_code == 1
    assert "users.segments: journy has 2 segments that 'trial' may mean" in run.log
    assert crm.writes() == []


@pytest.fixture
def choose(target):
    """Runs with a chosen segment, of those that the stream tells, and a user who is in one."""

    def run(chosen, user_in, segments, ids=None):
        listed = {"type": "array", "x-journy": {"segments": segments, "ids": ids or {}}}
        columns = {**dict.fromkeys(ANN, TEXT), "segments": listed}
        batch = target.table("users", columns, {**ANN, "segments": [user_in]})
        return target.run(batch, users={"segments": [chosen], "create": True})

    return run


@pytest.mark.parametrize(
    ("chosen", "user_in", "segments", "outcome"),
    [
        ("Trial", "Trial", ["Trial", "TRIAL"], "created"),
        ("Trial", "TRIAL", ["Trial", "TRIAL"], "skipped"),
        ("trial", "Trial", ["Trial", "Trial"], "created"),
        (" seg-1 ", "Trial", ["Trial"], "created"),
        ("seg-1", "seg-1", ["Trial", "seg-1"], "created"),
        ("seg-1", "Trial", ["Trial", "seg-1"], "skipped"),
    ],
)
def test_a_name_in_just_its_way_goes_before_others_and_before_an_id(
    choose, chosen, user_in, segments, outcome
):
    run = choose(chosen, user_in, segments, {"seg-1": "Trial"})
    assert run.counts["users"] == {outcome: 1}, run.log


def test_where_journy_has_no_segments_none_can_be_chosen(choose, crm):
    run = choose("Trial", "Trial", [])
    assert run.exit_code == 1
    assert "users.segments: journy has no segment 'Trial'; there are none" in run.log
    assert crm.writes() == []


def test_a_stream_that_tells_no_segments_is_refused_before_any_write(target, crm):
    crm.person("ann@acme.example")
    columns = {"user_id": {"type": "string"}, "email": {"type": "string"}}
    batch = target.table("users", columns, {"user_id": "u1", "email": "ann@acme.example"})
    run = target.run(batch, users={"segments": ["Trial"]})
    assert run.exit_code == 1
    assert "users.segments: the stream has no field 'segments'" in run.log
    assert crm.writes() == []
