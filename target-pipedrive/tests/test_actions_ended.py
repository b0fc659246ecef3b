"""A run that ends between a batch and its actions loses no signal, and fires none twice."""

from __future__ import annotations

import json
import os
import signal
from contextlib import closing

import pytest
from sync_core.engine.carrying import Carrier
from sync_core.errors import LedgerError
from sync_core.ledger import Ledger
from sync_core.ledger.writing import Entries, Retry, record
from sync_core.pipedrive.activities import Activities
from sync_tests.actions import CALL, PQL

WAY = "journy-to-pipedrive"
PERSONS = ("/pipedrive/api/v2/persons/*", "PATCH")
PEOPLE = [{"user_id": f"u{n}", "email": f"ann{n}@acme.example", "first_name": "Ann"}
          for n in range(3)]  # fmt: skip
COLD = [{**each, "segments": []} for each in PEOPLE]
HOT = [{**each, "segments": [PQL], "lifecycle": "Trial"} for each in PEOPLE]

pytestmark = pytest.mark.usefixtures("waiting")


@pytest.fixture
def act(target):
    """A run over users with the action."""
    fields = [{"from": "lifecycle", "to": "Lifecycle stage"}]

    def run(*users):
        stream = target.stream("users", *users)
        return target.run(stream, users={"fields": fields}, actions=[CALL])

    return run


@pytest.fixture
def waiting(act, crm, target):
    """Users whose signal is in records that an earlier run left for another try."""
    for each in PEOPLE:
        crm.person(each["email"])
    act(*COLD)
    with closing(Ledger(target.ledger_url, "default")) as ledger:
        run = ledger.start_run(WAY, dry_run=False)
        kept = [Retry("users", each["user_id"], json.dumps(each), "budget_spent") for each in HOT]
        record(ledger, run, WAY, Entries(retries=kept))
        ledger.end_run(run, status="completed", calls=0, tokens=0)


@pytest.fixture
def each_once(act, crm, sandbox):
    """Whether the next runs see to it that each has one activity."""

    def check():
        sandbox.clear_faults()
        for again in ((), HOT):  # the source doesn't bring kept records by itself
            act(*again)
            assert sorted(each["person_id"] for each in crm.activities()) == crm.persons()

    return check


def test_kept_records_keep_their_signals_where_the_run_ends_amid_their_batch(
    act, sandbox, each_once
):
    sandbox.fault(*PERSONS, times=None, after=1, action={"status": 401, "body": {}})
    run = act()
    assert run.exit_code == 1
    assert run.counts == {"users": {"updated": 1}, "actions": {"deferred": 1}}
    assert "not_reached" in run.reasons
    each_once()


def test_kept_records_keep_their_signals_where_somebody_ends_the_run_behind_their_batch(
    act, crm, monkeypatch, each_once
):
    send = Carrier.send

    def interrupted(self, plan, items):
        failure = send(self, plan, items)
        os.kill(os.getpid(), signal.SIGTERM)
        return failure

    monkeypatch.setattr(Carrier, "send", interrupted)
    run = act()
    monkeypatch.undo()
    assert run.exit_code == 75
    assert run.counts == {"users": {"updated": 3}, "actions": {"deferred": 3}}
    assert crm.activities() == []
    each_once()


def test_kept_records_keep_their_signals_where_the_ledger_is_lost_behind_their_batch(
    act, monkeypatch, each_once
):
    def fail(*_):
        raise LedgerError("the disk is full")

    monkeypatch.setattr("sync_core.actions.watching.Actions.__call__", fail)
    assert act().exit_code == 1
    monkeypatch.undo()
    each_once()


def test_a_signal_amid_the_activities_ends_the_run_behind_those_under_way(
    act, crm, monkeypatch, each_once
):
    create = Activities.create

    def interrupted(self, body):
        if not crm.activities():
            os.kill(os.getpid(), signal.SIGTERM)
        return create(self, body)

    monkeypatch.setattr(Activities, "workers", 1)
    monkeypatch.setattr(Activities, "create", interrupted)
    run = act()
    monkeypatch.undo()
    assert run.exit_code == 75
    assert len(crm.activities()) == 1
    assert run.counts["actions"] == {"created": 1, "deferred": 2}
    each_once()
