"""What was kept is tried again with growing patience, given up at last, and never stranded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sync_core import times
from sync_core.ledger.portions import kept_of
from sync_core.ledger.writing import Entries, Retry, record
from sync_core.policy import Policy
from sync_tests.targets import to_try

WAY = "journy-to-pipedrive"
START = "2026-03-01T12:00:00.000000Z"


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> str:
        return self.now

    def move(self, **span: float) -> None:
        self.now = times.later(self.now, timedelta(**span))


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(times, "now", clock)
    return clock


def fail(ledger, reason="unavailable", **about):
    run = ledger.start_run(WAY, dry_run=False)
    record(ledger, run, WAY, Entries(retries=[Retry("users", "u1", "{}", reason, **about)]))


def is_due(ledger):
    return bool(to_try(ledger, WAY, "users"))


def minutes_until_due(ledger, clock):
    waited = 0
    while not is_due(ledger):
        clock.move(minutes=5)
        waited += 5
    return waited


def test_the_next_run_tries_again_and_later_ones_wait_twice_as_long_each_time(ledger, clock):
    waits = []
    for _ in range(11):
        fail(ledger)
        waits.append(minutes_until_due(ledger, clock))
    assert waits == [0, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]


def test_after_the_limit_it_is_given_up_but_kept(open_ledger, clock):
    ledger = open_ledger("default", Policy(retry_limit=3))
    for _ in range(3):
        fail(ledger)
    clock.move(days=400)
    assert not is_due(ledger)
    assert kept_of(ledger, WAY, "users", ["u1", "u2"])["u1"].reason == "unavailable"
    assert ledger.tries(WAY, "users", ["u1", "u2"]) == {"u1": 3}


def test_without_a_limit_it_is_never_given_up(open_ledger, clock):
    ledger = open_ledger("default", Policy(retry_limit=0))
    for _ in range(60):
        fail(ledger)
    clock.move(days=1)
    assert is_due(ledger)


@pytest.mark.parametrize("reason", ["answer_lost", "budget_spent", "not_reached"])
def test_what_is_not_the_records_fault_waits_for_nothing_and_is_never_given_up(
    open_ledger, clock, reason
):
    ledger = open_ledger("default", Policy(retry_limit=1))
    for _ in range(5):
        fail(ledger, reason)
    assert is_due(ledger)
    assert ledger.tries(WAY, "users", ["u1"]) == {"u1": 0}


def test_a_record_that_is_only_kept_on_has_not_failed_again(open_ledger, clock):
    ledger = open_ledger("default", Policy(retry_limit=2))
    fail(ledger)
    fail(ledger, tried=False)
    assert is_due(ledger)
    assert ledger.tries(WAY, "users", ["u1"]) == {"u1": 1}


def test_a_clock_that_is_set_back_strands_nothing(ledger, clock):
    for _ in range(10):
        fail(ledger)
    assert not is_due(ledger)
    clock.move(days=-365)
    assert is_due(ledger)


def test_a_lost_answer_of_a_time_that_lies_ahead_counts_as_lost_now(ledger, clock):
    fail(ledger, "answer_lost", last=START)
    clock.move(days=-365)
    (kept,) = to_try(ledger, WAY, "users")
    assert kept.last == clock.now
    fail(ledger, "answer_lost", last=kept.last)
    clock.move(minutes=5)
    assert [each.last for each in to_try(ledger, WAY, "users")] == [kept.last]
