"""An action that was taken out of the settings and comes back: it learns what is so by then."""

from __future__ import annotations

import pytest
from sync_tests.actions import ANN, CALL, COLD, HOT, PQL

BOB = {**COLD, "user_id": "u2", "email": "bob@acme.example"}
OTHER = {"entity": "user", "property": "health", "becomes": "Good"}


@pytest.fixture
def run(target, crm):
    """A run over users; gives what became of the actions."""
    crm.person("ann@acme.example")

    def act(*users, actions=(CALL,), **settings):
        done = target.run(target.stream("users", *users), actions=list(actions), **settings)
        assert done.exit_code == 0, done.log
        return done.counts.get("actions")

    return act


def test_what_happened_while_an_action_was_away_is_no_signal_once_it_is_back(run):
    run(COLD)
    run(HOT, actions=())
    for planned in (True, False):
        assert run(HOT, dry_run=planned) is None
    assert run(COLD) is None
    assert run(HOT) == {"created": 1}


def test_who_did_not_come_while_it_was_away_is_learned_anew_as_well(run):
    run(COLD)
    run(BOB, actions=())
    assert run() is None
    assert run(HOT) is None
    assert run(COLD) is None
    assert run(HOT) == {"created": 1}


def test_another_condition_for_a_while_is_a_time_away_too(run):
    run(COLD)
    run(BOB, actions=[{**CALL, "when": OTHER}])
    assert run(HOT) is None


def test_one_that_fires_on_its_first_run_goes_on_where_it_was(run, crm):
    eager = {**CALL, "fire_on_first_run": True}
    assert run(COLD, actions=[eager]) is None
    run(HOT, actions=())
    assert run(HOT, actions=[eager]) == {"created": 1}
    run(HOT, actions=())
    assert run(HOT, actions=[eager]) is None


def test_reenter_after_outlasts_the_time_away(run):
    quiet = {**CALL, "reenter_after": "30d"}
    run(COLD, actions=[quiet])
    assert run(HOT, actions=[quiet]) == {"created": 1}
    run(COLD, actions=())
    run(COLD, actions=[quiet])
    assert run(HOT, actions=[quiet]) == {"skipped": 1}


BETWEEN = {
    "no users": lambda run, _: run(),
    "a dry run without it": lambda run, _: run(HOT, actions=(), dry_run=True),
    "other records": lambda _, target: target.run(target.stream("accounts", {"account_id": "a"})),
    "users who are only deleted": lambda run, _: run({**ANN, "is_deleted": True}),
    "a run of its own": lambda run, _: run(COLD),
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
def test_nothing_else_is_taken_for_a_time_away(run, target, between):
    run(COLD)
    between(run, target)
    assert run(HOT) == {"created": 1}


def test_users_whom_only_their_account_has_news_for_are_no_time_away(target, run):
    fields = {"fields": [{"from": "account.plan", "to": "Lifecycle stage"}]}
    ann = {**COLD, "accounts": ["a1"]}

    def sync(plan, *users):
        messages = target.stream("accounts", {"account_id": "a1", "plan": plan})
        messages += target.stream("users", *users)
        return target.run(messages, users=fields, actions=[CALL]).counts

    sync("Trial", ann)
    assert sync("Growth")["users"] == {"updated": 1}
    assert sync("Growth", {**ann, "segments": [PQL]})["actions"] == {"created": 1}


def test_what_was_kept_for_a_person_is_not_made_for_an_organization(target, crm, sandbox):
    crm.person("ann@acme.example")
    crm.organization("Acme")
    target.run(target.stream("users", COLD), actions=[CALL])
    sandbox.fault("/pipedrive/api/v2/activities", "POST", action={"status": 401, "body": {}})
    assert target.run(target.stream("users", HOT), actions=[CALL]).exit_code == 1
    of_accounts = {**CALL, "when": {"entity": "account", "segment_entered": PQL}}
    of_accounts["activity"] = {"type": "call", "subject": "Call {name}"}
    target.run(target.stream("accounts", {"account_id": "a1"}), actions=[of_accounts])
    assert crm.activities() == []
    target.run(target.stream("users"), actions=[CALL])
    assert [each["person_id"] for each in crm.activities()] == crm.persons()
