"""Actions for persons who were merged since: the activity is for whoever they were merged into."""

from __future__ import annotations

import pytest
from sync_tests.actions import CALL, COLD, HOT


@pytest.fixture
def act(target):
    """A run over users with the action."""

    def run(*users, **settings):
        return target.run(target.stream("users", *users), actions=[CALL], **settings)

    return run


@pytest.fixture
def merged(act, crm, by_hand):
    """A person whom the ledger links, and who was merged into the one that comes back."""
    person = crm.person("ann@acme.example")
    act(COLD)
    other = crm.person("ann.lee@acme.example")
    by_hand("PUT", f"v1/persons/{person}/merge", {"merge_with_id": other})
    return other


def test_the_activity_is_for_the_person_into_whom_the_linked_one_was_merged(act, crm, merged):
    planned = act(HOT, dry_run=True)
    run = act(HOT)
    assert run.counts["actions"] == planned.counts["actions"] == {"created": 1}
    assert [each["person_id"] for each in crm.activities()] == [merged]


def test_one_that_waited_for_an_answer_is_looked_for_at_that_person(act, crm, by_hand, sandbox):
    person = crm.person("ann@acme.example")
    act(COLD)
    sandbox.fault("/pipedrive/api/v2/activities", "POST", action={"drop_after": True})
    act(HOT)
    other = crm.person("ann.lee@acme.example")
    by_hand("PUT", f"v1/persons/{person}/merge", {"merge_with_id": other})
    run = act()
    assert run.counts["actions"] == {"unchanged": 1}
    assert len(crm.activities()) == 1


def test_where_the_address_is_two_persons_now_both_are_named(act, crm, merged):
    second = crm.person("ann@acme.example")
    run = act(HOT)
    assert run.counts["actions"] == {"rejected": 1}
    (text,) = [each.text for each in run.lines if each.entity == "actions"]
    assert str(merged) in text
    assert str(second) in text
    assert crm.activities() == []


@pytest.mark.usefixtures("hasty")
def test_a_look_up_that_fails_leaves_the_activity_to_the_next_run(act, crm, sandbox, merged):
    down = {"status": 503, "body": {}}
    sandbox.fault("/pipedrive/api/v2/persons*", "GET", times=None, after=1, action=down)
    assert act(HOT).reasons["unavailable"] == 1
    sandbox.clear_faults()
    assert act().counts["actions"] == {"created": 1}
    assert [each["person_id"] for each in crm.activities()] == [merged]
