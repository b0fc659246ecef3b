"""A ledger restored from a backup has forgotten a while: nothing is made again for that."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from sync_core import times
from sync_core.ledger import Ledger
from sync_tests.actions import CALL, PQL

COLD = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "segments": []}
HOT = {**COLD, "segments": [PQL]}
LATE = {**HOT, "user_id": "u2", "email": "bob@acme.example", "first_name": "Bob"}
HOUR = 3600
QUARTER = 900
PERSONS = "/pipedrive/api/v2/persons"


@pytest.fixture
def act(target):
    def run(*users):
        return target.run(target.stream("users", *users), actions=[CALL], users={"create": True})

    return run


@pytest.fixture
def wait(sandbox, monkeypatch):
    """Lets time pass, here and at the service."""
    now, passed = times.now, [0]

    def later(seconds):
        passed[0] += seconds
        sandbox.clock.advance(seconds)
        monkeypatch.setattr(times, "now", lambda: times.later(now(), timedelta(seconds=passed[0])))

    return later


@pytest.fixture
def restored(target, wait):
    """The ledger as it was, once all that comes after it is over."""
    backup = target.folder / "backup"

    def restore():
        target.forget()
        shutil.copy(backup, target.ledger)
        wait(2 * HOUR)

    def back_up():
        shutil.copy(target.ledger, backup)
        wait(HOUR)
        return restore

    return back_up


def test_what_a_restored_ledger_does_not_know_to_be_made_is_not_made_again(act, crm, restored):
    act(COLD)
    restore = restored()
    born = {**LATE, "created_at": "2100-01-01T00:00:00Z"}
    assert act(HOT, born).counts["actions"] == {"created": 2}
    restore()
    assert act(HOT, born).counts["actions"] == {"unchanged": 2}
    assert len(crm.activities()) == 2
    assert "actions" not in act(HOT, born).counts


def test_what_it_still_keeps_for_another_try_is_not_made_again(act, crm, sandbox, restored):
    act(COLD)
    sandbox.fault("/pipedrive/api/v2/activities", "POST", action={"status": 429, "body": {},
                  "headers": {"x-daily-ratelimit-token-remaining": "0"}})  # fmt: skip
    assert act(HOT).counts["actions"] == {"deferred": 1}
    restore = restored()
    assert act().counts["actions"] == {"created": 1}
    restore()
    assert act().counts["actions"] == {"unchanged": 1}
    assert len(crm.activities()) == 1


def test_after_a_long_pause_a_second_occurrence_is_not_taken_for_the_first(act, crm, wait):
    for user in (COLD, HOT, COLD, HOT):
        act(user)
        wait(2 * HOUR)
    assert len(crm.activities()) == 2


def test_a_backup_that_was_made_while_a_run_was_under_way_is_an_old_one_too(
    act, crm, target, restored
):
    act(COLD)
    under_way = Ledger(target.ledger_url, "default")
    under_way.begin_run("journy-to-pipedrive", dry_run=False)
    under_way.close()
    restore = restored()
    assert act(HOT).counts["actions"] == {"created": 1}
    restore()
    assert act(HOT).counts["actions"] == {"unchanged": 1}
    assert len(crm.activities()) == 1


@pytest.fixture
def rhythm(act, wait):
    """A schedule's runs, each a quarter of an hour after the one before."""
    for _ in range(4):
        act(COLD)
        wait(QUARTER)


@pytest.mark.usefixtures("rhythm")
def test_a_single_run_that_a_restored_ledger_lacks_is_noticed_by_the_schedule(
    act, crm, target, wait
):
    backup = target.folder / "backup"
    shutil.copy(target.ledger, backup)
    assert act(HOT).counts["actions"] == {"created": 1}
    wait(QUARTER)
    target.forget()
    shutil.copy(backup, target.ledger)
    assert act(HOT).counts["actions"] == {"unchanged": 1}
    assert len(crm.activities()) == 1


@pytest.mark.usefixtures("rhythm")
def test_within_the_schedules_rhythm_nothing_is_looked_for(act, sandbox):
    sandbox.clear_journal()
    assert act(HOT).counts["actions"] == {"created": 1}
    paths = [f"{each['method']} {each['path']}" for each in sandbox.journal()]
    assert "GET /pipedrive/api/v2/activities" not in paths
