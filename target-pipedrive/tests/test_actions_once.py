"""Never twice: whatever gets lost, each occurrence of a signal makes at most one activity."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pytest
from sync_tests.actions import ANN, CALL, COLD, HOT, PQL

ACTIVITIES = "/pipedrive/api/v2/activities"
POST, LIST = (ACTIVITIES, "POST"), (ACTIVITIES, "GET")
#: Dies where the ledger is about to hear of the activity, or just after it was noted.
KILLED = """
import os, sys
import sync_core.actions.{module} as module
from target_pipedrive.target import TargetPipedrive

module.{name} = lambda *_: os._exit(9)
TargetPipedrive.cli(sys.argv[1:])
"""
MOMENTS = {
    "before it is sent": ("delivering", "Delivery._create"),
    "after it is sent": ("watching", "Actions._settle"),
}


@pytest.fixture
def act(target):
    def run(*users, dry_run=False, **action):
        messages = target.stream("users", *users)
        return target.run(messages, actions=[{**CALL, **action}], dry_run=dry_run)

    return run


@pytest.fixture
def clock(sandbox):
    """Sets the service's clock."""
    return lambda moment: sandbox.clock.set(datetime.fromisoformat(f"{moment}+00:00"))


@pytest.fixture
def later(monkeypatch):
    """Lists are sure to show everything by now."""
    return lambda: monkeypatch.setattr("sync_core.actions.delivering.SETTLE_SECONDS", -1.0)


def test_a_replay_of_the_same_messages_fires_nothing(target, crm):
    crm.person("ann@acme.example")
    target.run(target.stream("users", COLD), actions=[CALL])
    messages = target.stream("users", HOT)
    for _ in range(3):
        target.run(messages, actions=[CALL])
    assert len(crm.activities()) == 1


def test_a_replay_of_older_records_fires_nothing(target, crm):
    crm.person("ann@acme.example")
    versions = [
        {**user, "updated_at": f"2026-01-0{day}T00:00:00Z"}
        for day, user in enumerate((COLD, HOT, COLD), start=1)
    ]
    for _ in range(3):
        for version in versions:
            target.run(target.stream("users", version), actions=[CALL])
    assert len(crm.activities()) == 1


def test_a_lost_answer_is_looked_for_before_it_is_sent_again(act, crm, sandbox):
    crm.person("ann@acme.example")
    act(COLD)
    sandbox.fault(*POST, action={"drop_after": True})
    first = act(HOT)
    assert first.exit_code == 0
    assert first.counts["actions"] == {"deferred": 1}
    assert "answer_lost" in first.reasons
    second = act()
    assert second.counts["actions"] == {"unchanged": 1}
    assert "is there already" in second.text("already_there")
    assert len(crm.activities()) == 1
    assert "actions" not in act(HOT).counts


def test_an_activity_that_lists_do_not_show_yet_is_not_sent_again(act, crm, sandbox, later):
    crm.person("ann@acme.example")
    sandbox.switches.set("pipedrive.list_lag_seconds", 60.0)
    act(COLD)
    sandbox.fault(*POST, action={"drop_after": True})
    act(HOT)
    assert act().counts["actions"] == {"deferred": 1}
    assert len(crm.activities()) == 1
    sandbox.clock.advance(120)
    later()
    assert act().counts["actions"] == {"unchanged": 1}
    assert len(crm.activities()) == 1


def test_one_that_never_arrived_is_sent_once_lists_are_sure(act, crm, sandbox, later):
    crm.person("ann@acme.example")
    act(COLD)
    sandbox.fault(*POST, action={"drop_before": True})
    act(HOT)
    assert act().counts["actions"] == {"deferred": 1}
    assert crm.activities() == []
    later()
    assert act().counts["actions"] == {"created": 1}
    assert "actions" not in act(HOT).counts
    assert len(crm.activities()) == 1


def test_what_another_occurrence_made_is_not_mistaken_for_the_lost_one(act, crm, sandbox, later):
    crm.person("ann@acme.example")
    for user in (COLD, HOT, COLD):
        act(user)
    sandbox.clock.advance(3600)
    sandbox.fault(*POST, action={"drop_before": True})
    act(HOT)
    later()
    assert act().counts["actions"] == {"created": 1}
    assert len(crm.activities()) == 2


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_run_that_is_killed_makes_one_activity_all_the_same(target, crm, act, later, moment):
    people = [{**ANN, "user_id": f"u{n}", "email": f"ann{n}@acme.example"} for n in range(3)]
    for each in people:
        crm.person(each["email"])
    act(*({**each, "segments": []} for each in people))
    hot = [{**each, "segments": [PQL]} for each in people]
    config, messages = target.folder / "killed.json", target.write(target.stream("users", *hot))
    config.write_text(target.write([target.settings(actions=[CALL])]), encoding="utf-8")
    module, name = moment
    line = [sys.executable, "-c", KILLED.format(module=module, name=name), "--config", str(config)]
    killed = subprocess.run(line, input=messages, text=True, capture_output=True, check=False)
    assert killed.returncode == 9, killed.stderr
    assert killed.stdout == ""
    later()
    run = act(*hot)
    assert sum(run.counts["actions"].values()) == 3
    assert len({each["person_id"] for each in crm.activities()}) == 3
    assert len(crm.activities()) == 3
    assert "actions" not in act(*hot).counts


def test_a_lost_ledger_fires_nothing_where_the_first_run_only_learns(act, crm, target):
    crm.person("ann@acme.example")
    act(COLD)
    act(HOT)
    target.forget()
    assert "actions" not in act(HOT).counts
    assert len(crm.activities()) == 1


def test_a_lost_ledger_makes_no_second_activity_where_the_first_run_fires(act, crm, target):
    crm.person("ann@acme.example")
    act(HOT, fire_on_first_run=True)
    target.forget()
    run = act(HOT, fire_on_first_run=True)
    assert run.counts["actions"] == {"unchanged": 1}
    assert len(crm.activities()) == 1


def test_one_that_a_person_has_deleted_does_not_come_back(act, crm, target, sandbox):
    sandbox.switches.set("pipedrive.lists_include_deleted", "always")
    crm.person("ann@acme.example")
    act(HOT, fire_on_first_run=True)
    (activity,) = crm.activities()
    crm.delete(activity["id"], "activities")
    target.forget()
    assert act(HOT, fire_on_first_run=True).counts["actions"] == {"unchanged": 1}


OTHERS = {
    "another subject": {"subject": "Call Anna"},
    "another type": {"type": "meeting"},
    "a colleague's": {"token": "sandbox-token-bob"},
    "an older one": {"age_days": 31},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_only_our_own_recent_activity_of_the_same_subject_and_type_counts(act, crm, sandbox, other):
    person = crm.person("ann@acme.example")
    participants = [{"person_id": person, "primary": True}]
    body = {"subject": "Call Ann", "type": "call", "participants": participants, **other}
    token, age = body.pop("token", "sandbox-token"), body.pop("age_days", 0)
    crm.activity(token=token, **body)
    sandbox.clock.advance(age * 86_400)
    assert act(HOT, fire_on_first_run=True).counts["actions"] == {"created": 1}
    assert len(crm.activities()) == 2


FAILURES = {
    "500": {"status": 500, "body": {}},
    "malformed": {"malformed": True},
    "without data": {"status": 200, "body": {"success": True}},
    "429": {"status": 429, "body": {}},
}


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_look_up_that_fails_is_never_taken_for_not_found(act, crm, sandbox, failure):
    crm.person("ann@acme.example")
    sandbox.fault(*LIST, times=None, action=failure)
    run = act(HOT, fire_on_first_run=True)
    assert run.counts["actions"] == {"deferred": 1}
    assert crm.activities() == []
    sandbox.clear_faults()
    assert act().counts["actions"] == {"created": 1}


@pytest.mark.usefixtures("hasty")
def test_what_an_outage_kept_away_is_sent_by_the_next_run(act, crm, sandbox):
    crm.person("ann@acme.example")
    act(COLD)
    sandbox.fault("/pipedrive/api/v2/persons/*", times=None, action={"status": 503, "body": {}})
    assert act(HOT).reasons["unavailable"] == 1
    sandbox.clear_faults()
    assert act().counts["actions"] == {"created": 1}
    assert "actions" not in act(HOT).counts


def test_a_refused_activity_is_rejected_in_the_services_words_and_not_repeated(act, crm, sandbox):
    person = crm.person("ann@acme.example")
    act(COLD)
    sandbox.fault(*POST, action={"status": 400, "body": {"success": False, "error": "No mood"}})
    run = act(HOT)
    assert run.exit_code == 0
    assert run.counts["actions"] == {"rejected": 1}
    assert "No mood" in run.text("refused")
    assert f"action call for a user (Pipedrive person {person}) rejected (refused): " in run.log
    assert "Ann" not in run.log
    assert "actions" not in act(HOT).counts


def test_where_the_run_ends_all_that_is_left_waits_for_the_next(act, crm, sandbox):
    people = [{**ANN, "user_id": f"u{n}", "email": f"ann{n}@acme.example"} for n in range(20)]
    for each in people:
        crm.person(each["email"])
    act(*({**each, "segments": []} for each in people))
    sandbox.fault(*POST, times=None, after=5, action={"status": 401, "body": {}})
    run = act(*({**each, "segments": [PQL]} for each in people))
    assert run.exit_code == 1
    assert run.counts["actions"] == {"created": 5, "deferred": 15}
    sandbox.clear_faults()
    assert act().counts["actions"] == {"created": 15}
    assert len({each["person_id"] for each in crm.activities()}) == 20


def test_a_second_occurrence_does_not_push_out_a_first_that_still_waits(act, crm, sandbox):
    crm.person("ann@acme.example")
    act(COLD)
    sandbox.fault(*POST, action={"drop_before": True})
    act(HOT)
    act(COLD)
    run = act(HOT)
    assert run.counts["actions"] == {"deferred": 1, "created": 1}


def test_reenter_after_keeps_it_quiet_for_the_record(act, crm, clock):
    crm.person("ann@acme.example")
    outcomes = []
    for day, user in enumerate((COLD, HOT, COLD, HOT, COLD, HOT, COLD, HOT), start=1):
        clock(f"2026-01-{day:02}T00:00:00")
        outcomes.append(act(user, reenter_after="95h").counts.get("actions"))
    assert outcomes == [
        None,
        {"created": 1},
        None,
        {"skipped": 1},
        None,
        {"created": 1},
        None,
        {"skipped": 1},
    ]
    assert len(crm.activities()) == 2


def test_reenter_after_does_not_count_what_nobody_got(act, crm, clock):
    for hour, user in enumerate((COLD, HOT, COLD)):
        clock(f"2026-01-01T{hour:02}:00:00")
        act(user, reenter_after="30d")
    crm.person("ann@acme.example")
    clock("2026-01-01T05:00:00")
    assert act(HOT, reenter_after="30d").counts["actions"] == {"created": 1}


def test_a_clock_that_was_set_back_keeps_it_quiet_no_longer_than_from_then_on(act, crm, clock):
    crm.person("ann@acme.example")
    moments = ("2027-01-01", "2027-01-01", "2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06")
    made = []
    for day, user in zip(moments, (COLD, HOT) * 3, strict=True):
        clock(f"{day}T00:00:00")
        act(user, reenter_after="95h")
        made.append(len(crm.activities()))
    assert made == [0, 1, 1, 1, 1, 2]


def test_reenter_after_is_how_far_a_lost_ledger_is_made_up_for(act, crm, target, sandbox):
    crm.person("ann@acme.example")
    options = {"fire_on_first_run": True, "reenter_after": "2h"}
    act(HOT, **options)
    target.forget()
    sandbox.clock.advance(3600)
    assert act(HOT, **options).counts["actions"] == {"unchanged": 1}
    target.forget()
    sandbox.clock.advance(2 * 3600)
    assert act(HOT, **options).counts["actions"] == {"created": 1}


def test_a_dry_run_leaves_what_is_kept_for_the_real_one(act, crm, sandbox, later):
    crm.person("ann@acme.example")
    act(COLD)
    sandbox.fault(*POST, action={"drop_before": True})
    act(HOT)
    later()
    assert act(dry_run=True).reasons == {"planned": 1}
    assert crm.activities() == []
    assert act().counts["actions"] == {"created": 1}


@pytest.mark.usual("pipedrive.daily_headers")
def test_what_the_budget_does_not_cover_waits_for_the_next_run(act, crm, sandbox):
    people = [{**ANN, "user_id": f"u{n}", "email": f"ann{n}@acme.example"} for n in range(4)]
    for each in people:
        crm.person(each["email"])
    act(*({**each, "segments": []} for each in people))
    sandbox.clear_journal()
    act()
    start = sum(each["tokens"] for each in sandbox.journal())
    looks, write = len(people), 5
    sandbox.pipedrive.limits.spend(sandbox.pipedrive.limits.left - 2 * (start + looks + 2 * write))
    run = act(*({**each, "segments": [PQL]} for each in people))
    assert run.exit_code == 75
    assert run.states
    assert run.counts["actions"] == {"created": 2, "deferred": 2}
    sandbox.clock.advance(86_400)
    assert act().counts["actions"] == {"created": 2}
    assert len({each["person_id"] for each in crm.activities()}) == 4


def test_what_was_kept_of_many_is_sent_once_in_portions_and_so_is_what_is_new(
    act, crm, sandbox, later, monkeypatch
):
    monkeypatch.setattr("sync_core.actions.watching.PORTION", 2)
    people = [{**ANN, "user_id": f"u{n}", "email": f"ann{n}@acme.example"} for n in range(6)]
    for each in people:
        crm.person(each["email"])
    act(*({**each, "segments": []} for each in people))
    sandbox.fault(*POST, times=4, action={"status": 503, "body": {"success": False}})
    run = act(*({**each, "segments": [PQL]} for each in people[:4]))
    assert run.counts["actions"] == {"deferred": 4}
    assert crm.activities() == []
    later()
    run = act(*({**each, "segments": [PQL]} for each in people))
    assert run.counts["actions"] == {"created": 6}
    assert len({each["person_id"] for each in crm.activities()}) == len(crm.activities()) == 6
    assert "actions" not in act(*({**each, "segments": [PQL]} for each in people)).counts
