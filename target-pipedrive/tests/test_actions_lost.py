"""Several occurrences of a signal for one record, where answers are lost: one activity for each."""

from __future__ import annotations

import pytest
from sync_tests.actions import CALL, COLD, HOT

POST = ("/pipedrive/api/v2/activities", "POST")
TWICE = (HOT, COLD, HOT)
WAYS = {"it arrived": {"drop_after": True}, "it didn't": {"drop_before": True}}


@pytest.fixture(params=[500, 1], ids=["one batch", "several batches"])
def act(request, target, crm):
    """One run with some versions of a user, whose person Pipedrive knows."""

    def run(*users):
        more = {"actions": [CALL], "batch_size_rows": request.param}
        return target.run(target.stream("users", *users), **more)

    crm.person("ann@acme.example")
    run(COLD)
    return run


@pytest.fixture
def settled(act, crm, monkeypatch):
    """Lets the runs come that are sure of what the lists show; gives how many activities are."""

    def settle():
        monkeypatch.setattr("sync_core.actions.delivering.SETTLE_SECONDS", -1.0)
        for _ in range(2):
            act()
        assert "actions" not in act(HOT).counts
        return len(crm.activities())

    return settle


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("lost", [0, 1], ids=["the first is lost", "the second is lost"])
def test_two_within_one_run_make_two(act, sandbox, settled, lost, way):
    sandbox.fault(*POST, after=lost, action=way)
    assert act(*TWICE).counts["actions"] == {"created": 1, "deferred": 1}
    assert settled() == 2


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_one_that_is_made_while_another_waits_is_not_taken_for_that(act, sandbox, settled, way):
    sandbox.fault(*POST, action=way)
    act(HOT)
    act(COLD)
    assert act(HOT).counts["actions"]["created"] == 1
    assert settled() == 2


@pytest.mark.parametrize("arrives", [0, 1], ids=["the first arrives", "the second arrives"])
def test_where_both_are_lost_one_activity_does_not_stand_for_two(act, sandbox, settled, arrives):
    ways = [{"drop_before": True}, {"drop_before": True}]
    ways[arrives] = {"drop_after": True}
    for way in ways:
        sandbox.fault(*POST, action=way)
    assert act(*TWICE).counts["actions"] == {"deferred": 2}
    assert settled() == 2
