"""Several versions of one record: each edge between them counts, in one batch or in several."""

from __future__ import annotations

import pytest
from sync_tests.actions import ANN, CALL, COLD, HOT

GONE = {**COLD, "_sdc_deleted_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def act(target):
    """A run over users with the action."""

    def run(*users, size=500, dry_run=False, **action):
        fields = [{"from": "lifecycle", "to": "Lifecycle stage"}]
        settings = {"users": {"fields": fields}, "batch_size_rows": size, "dry_run": dry_run}
        settings["actions"] = [{**CALL, **action}]
        return target.run(target.stream("users", *users), **settings)

    return run


STORIES = {
    "there and back": ((COLD,), (HOT, COLD), 1),
    "out and in again": ((HOT,), (COLD, HOT), 1),
    "twice": ((COLD,), (HOT, COLD, HOT), 2),
    "the same again": ((COLD,), (HOT, HOT), 1),
    "deleted in between": ((COLD,), (HOT, GONE, HOT), 1),
    "at first sight": ((), (COLD, HOT), 1),
}


@pytest.mark.parametrize("size", [1, 500])
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_each_edge_fires_once_wherever_batches_end(act, crm, story, size):
    before, then, count = story
    crm.person("ann@acme.example")
    for user in before:
        act(user)
    assert act(*then, size=size, dry_run=True).counts["actions"] == {"created": count}
    assert act(*then, size=size).counts["actions"] == {"created": count}
    assert "actions" not in act(then[-1]).counts
    assert len(crm.activities()) == count


def test_the_text_is_that_of_the_version_that_fired(act, crm):
    crm.person("ann@acme.example")
    act(COLD)
    act({**HOT, "first_name": "Anna"}, COLD)
    assert [each["subject"] for each in crm.activities()] == ["Call Anna"]


def test_a_property_that_crosses_a_limit_and_comes_back_within_a_batch_fires(act, crm):
    crm.person("ann@acme.example")
    when = {"entity": "user", "property": "churn_score", "crosses_above": 80}
    scores = [{**ANN, "churn_score": score} for score in (70, 90, 75)]
    assert act(*scores, when=when).counts["actions"] == {"created": 1}


def test_who_is_deleted_at_the_end_of_a_batch_gets_nothing(act, crm):
    crm.person("ann@acme.example")
    act(COLD)
    assert "actions" not in act(HOT, GONE).counts


@pytest.mark.parametrize("size", [1, 500])
@pytest.mark.parametrize("first", [False, True])
def test_a_lost_ledger_makes_none_of_them_again(act, crm, target, first, size):
    crm.person("ann@acme.example")
    versions = (HOT, COLD, HOT, COLD, HOT)
    made = act(*versions, size=size, fire_on_first_run=first).counts["actions"]
    assert made == {"created": 3 if first else 2}
    target.forget()
    again = act(*versions, size=size, fire_on_first_run=first).counts["actions"]
    assert again == {"unchanged": made["created"]}


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("size", [1, 500])
def test_an_edge_counts_though_its_version_was_not_written_before_a_newer_one_came(
    act, crm, sandbox, size
):
    person = crm.person("ann@acme.example")
    act(COLD)
    down = {"status": 429, "body": {}}
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", times=None, action=down)
    versions = ({**HOT, "lifecycle": "Trial"}, {**COLD, "lifecycle": "Lost"})
    run = act(*versions, size=size)
    assert run.counts["users"]["deferred"] >= 1
    sandbox.clear_faults()
    act()
    act(COLD)
    assert [each["person_id"] for each in crm.activities()] == [person]
