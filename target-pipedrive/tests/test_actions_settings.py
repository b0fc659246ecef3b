"""Actions that can't work stop the run before any write: all problems at once, each by name."""

from __future__ import annotations

import copy

import pytest
from sync_tests.actions import ANN, CALL, PQL


def changed(path, value):
    """The action with one place changed."""
    action = copy.deepcopy(CALL)
    *parents, last = path.split("/")
    place = action
    for each in parents:
        place = place[each]
    place[last] = value
    return action


WRONG = {
    "unknown key": (changed("wehn", 1), "actions[0]: unknown key 'wehn'; did you mean 'when'?"),
    "no name": (changed("name", " "), "actions[0].name: expected a text, and there is none"),
    "first run": (changed("fire_on_first_run", "yes"), "fire_on_first_run: expected true or false"),
    "reenter": (changed("reenter_after", "a month"), "actions.call.reenter_after: expected a"),
    "when": (changed("when", PQL), "actions.call.when: expected an object"),
    "entity": (changed("when/entity", "usr"), "call.when.entity: expected user or account, got "),
    "condition": (changed("when/segment_enter", 1), "did you mean 'segment_entered',"),
    "segment": (changed("when/segment_entered", "Product qualified lead"), f"did you mean '{PQL}'"),
    "property": (
        changed("when", {"entity": "user", "property": "churn_scor", "changes": True}),
        "call.when.changes: stream users has no field 'churn_scor'; did you mean 'churn_score'?",
    ),
    "activity": (changed("activity", "call"), "actions.call.activity: expected an object with"),
    "activity key": (changed("activity/subjet", "x"), "unknown key 'subjet'; did you mean"),
    "type": (changed("activity/type", "caal"), "no activity type 'caal'; did you mean 'Call'"),
    "no type": (changed("activity/type", None), "actions.call.activity.type: expected a text"),
    "no subject": (changed("activity/subject", ""), "actions.call.activity.subject: expected"),
    "priority": (changed("activity/priority", "Hihg"), "no priority 'Hihg'; did you mean 'High'"),
    "assignee": (changed("activity/assignee", "eve@x.example"), "assignee: no active user of this"),
    "inactive": (changed("activity/assignee", "gwen@acme.com"), "assignee: no active user of this"),
    "odd assignee": (changed("activity/assignee", ["x"]), "assignee: expected an e-mail address"),
    "placeholder": (
        changed("activity/subject", "Call {first_nam}"),
        "call.activity: {first_nam}: stream users has no field 'first_nam'; did you mean 'first",
    ),
    "note": (changed("activity/note", "{x}"), "actions.call.activity: {x}: stream users has no"),
    "brace": (changed("activity/note", "a { b"), "actions.call.activity.note: a brace is missing"),
    "account": (
        changed("activity/note", "{account.plan}"),
        "'account.plan' comes from the stream accounts, which has to come before",
    ),
    "days": (changed("activity/due_in_days", -1), "due_in_days: expected a whole number from 0"),
    "hours": (changed("activity/due_in_hours", "2"), "due_in_hours: expected a number from 0"),
    "at": (changed("activity/at", "9 am"), "actions.call.activity.at: expected a time of day"),
    "at alone": (changed("activity/at", "09:00"), "activity.at: needs due_in_days, which may be 0"),
    "zone": (changed("activity/zone", "Europe/Berln"), "did you mean 'Europe/Berlin'"),
    "duration": (changed("activity/duration", "30 min"), "duration: expected hours and minutes"),
    "open deal": (changed("activity/open_deal", "x"), "open_deal: expected true or false"),
}


@pytest.mark.parametrize(("action", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_work_is_refused_by_name_before_any_write(target, crm, action, said):
    crm.person("ann@acme.example")
    run = target.run(
        target.stream("users", {**ANN, "first_name": "Anna", "segments": [PQL]}), actions=[action]
    )
    assert run.exit_code == 1
    assert len(run.errors) == 1, run.log
    assert said in run.errors[0]
    assert "Traceback" not in run.log
    assert crm.writes() == []


def test_everything_wrong_is_said_at_once(target, crm):
    first = changed("activity", {"type": "cal", "subject": "x", "priority": "y", "assignee": 99})
    second = {**changed("activity/type", "lunhc"), "name": "second"}
    run = target.run(target.stream("users", ANN), owner="eve@acme.com", actions=[first, second])
    assert run.exit_code == 1
    assert [error.partition("actions.")[2].partition(":")[0] for error in run.errors] == [
        "",
        "call.activity.type",
        "call.activity.priority",
        "call.activity.assignee",
        "second.activity.type",
    ]
    assert "owner: " in run.errors[0]


def test_everything_unreadable_is_said_at_once(target):
    first = {
        "nam": "x",
        "when": {"entity": "usr"},
        "activity": {"type": 5, "subject": "a", "due_in_days": 1, "at": "x", "zone": "y"},
    }
    run = target.run(target.stream("users", ANN), users={"segment": []}, actions=[first])
    assert run.exit_code == 1
    assert [error.rpartition("| ")[2].partition(":")[0] for error in run.errors] == [
        "users",
        "actions[0]",
        "actions[0].name",
        "actions[0].when.entity",
        "actions[0].when",
        "actions[0].activity.type",
        "actions[0].activity.at",
        "actions[0].activity.zone",
    ]


def test_everything_that_a_stream_lacks_is_said_at_once(target, crm):
    action = {
        **changed("when/segment_entered", "Trail"),
        "activity": {"type": "call", "subject": "{fist_name} {account.plan}", "note": "{phon}"},
    }
    fields = [{"from": "helth", "to": "Customer health"}]
    run = target.run(target.stream("users", ANN), users={"fields": fields}, actions=[action])
    assert run.exit_code == 1
    for name in ("helth", "Trail", "fist_name", "account.plan", "phon"):
        assert any(name in error for error in run.errors), name
    assert len(run.errors) == 5


def test_two_actions_of_one_name_are_refused(target, crm):
    run = target.run(target.stream("users", ANN), actions=[CALL, CALL])
    assert "several are called 'call'" in run.errors[0]


@pytest.mark.parametrize("name", ["Call", "CALL ", "call"])
def test_an_activity_type_goes_by_name_or_key(target, crm, name):
    crm.person("ann@acme.example")
    action = {**changed("activity/type", name), "fire_on_first_run": True}
    target.run(target.stream("users", {**ANN, "segments": [PQL]}), actions=[action])
    assert [each["type"] for each in crm.activities()] == ["call"]


def test_an_account_field_that_the_stream_lacks_is_refused_with_what_is_near(target):
    action = changed("activity/subject", "{account.plann}")
    messages = target.stream("accounts") + target.stream("users", ANN)
    run = target.run(messages, actions=[action])
    assert run.exit_code == 1
    assert "no field 'plann'; did you mean 'plan'" in run.errors[0]
