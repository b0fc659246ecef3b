"""The ledger fails at any of its transactions, for good: nothing is doubled, lost or said too soon.

Blind spot: writes that are under way when a process is killed, which other tests cut one by one.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sync_core.errors import LedgerError
from sync_core.ledger import Ledger
from sync_tests.actions import CALL, PQL

ACCOUNT = {"account_id": "a1", "name": "Acme", "domain": "acme.example"}
ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "accounts": ["a1"]}
SETTINGS = {
    "users": {"create": True},
    "accounts": {"create": True},
    "actions": [{**CALL, "fire_on_first_run": True}],
}
MANY, LAG = 1000, 60.0


class Failing:
    """Lets the transactions of a run through up to one, and from there on none."""

    def __init__(self):
        self.left = 0
        self.whole = Ledger.transaction

    def allow(self, count):
        self.left = count

    @contextmanager
    def begin(self, ledger):
        with self.whole(ledger) as db:
            yield db
            self.left -= 1
            if self.left < 0:  # it is rolled back
                raise LedgerError("the disk is gone")


@pytest.fixture
def failing(target, monkeypatch):
    failing, recorded = Failing(), target.recorded

    def look():
        failing.allow(MANY)
        return recorded()

    def transaction(ledger):
        return failing.begin(ledger)

    monkeypatch.setattr(Ledger, "transaction", transaction)
    monkeypatch.setattr(target, "recorded", look)
    return failing


def tell(target, states):
    """What a tap sends after the last state that came back."""
    accounts = target.stream("accounts", ACCOUNT)
    users = target.stream("users", {**ANN, "segments": [PQL]})
    done = states[-1]["bookmarks"].keys() if states else {}
    return [
        each
        for stream, messages in (("accounts", accounts), ("users", users))
        for each in (messages[:1] if stream in done else messages)
    ]


@pytest.fixture
def runs(target, failing, sandbox, monkeypatch):
    """A run whose ledger fails after some transactions, and two that go on; whether it ended."""

    def run(count):
        failing.allow(count)
        run = target.run(tell(target, []), **SETTINGS)
        assert run.exit_code in {0, 1}
        assert "Traceback" not in run.log
        ended, states = run.exit_code == 0, run.states
        with monkeypatch.context() as patch:
            for _ in range(2):
                run = target.run(tell(target, states), **SETTINGS)
                assert run.exit_code == 0, run.log
                states = run.states or states
                sandbox.clock.advance(2 * LAG)
                for module in ("actions.delivering", "engine.deciding"):
                    patch.setattr(f"sync_core.{module}.SETTLE_SECONDS", -1.0)
        return ended

    return run


def test_wherever_the_ledger_fails_the_next_runs_bring_all_of_it_once(runs, target, crm, sandbox):
    count, ended = 0, False
    while not ended:
        sandbox.reset()
        for lag in ("list", "search"):
            sandbox.switches.set(f"pipedrive.{lag}_lag_seconds", LAG)
        target.forget()
        ended = runs(count)
        (person,), (organization,) = crm.persons(), crm.organizations()
        assert crm.stored(person)["org_id"] == organization
        assert [each["subject"] for each in crm.activities()] == ["Call Ann"]
        count += 1
    assert count > 10
