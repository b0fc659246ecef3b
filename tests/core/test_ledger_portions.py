"""What is kept is gone through in portions, oldest first, each record once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sync_core import times
from sync_core.ledger.portions import count_kept, kept_of, portions
from sync_core.ledger.writing import Entries, Retry, record

WAY = "journy-to-pipedrive"
START = "2026-03-01T12:00:00.000000Z"


def keep(ledger, *retries):
    record(ledger, ledger.start_run(WAY, dry_run=False), WAY, Entries(retries=list(retries)))


def retry(number, reason="budget_spent", **about):
    return Retry("users", f"u{number}", f'{{"n":{number}}}', reason, **about)


def earlier(minutes):
    return times.earlier(times.now(), timedelta(minutes=minutes))


@pytest.fixture
def twelve(ledger):
    """Twelve records, the later ones kept for longer."""
    keep(ledger, *(retry(n, last=earlier(n + 1)) for n in range(12)))
    return ledger


def ids(some):
    return [each.source_id for each in some]


def test_they_come_oldest_first_and_no_more_than_a_portion_at_a_time(twelve):
    found = [ids(some) for some in portions(twelve, WAY, "users", 5)]
    assert found == [
        ["u11", "u10", "u9", "u8", "u7"],
        ["u6", "u5", "u4", "u3", "u2"],
        ["u1", "u0"],
    ]
    assert count_kept(twelve, WAY, "users") == (12, 12)


def test_what_is_kept_again_meanwhile_waits_for_the_next_run(twelve):
    seen = []
    for some in portions(twelve, WAY, "users", 5):
        seen += ids(some)
        keep(twelve, *(retry(each.source_id[1:]) for each in some))
    assert len(seen) == len(set(seen)) == 12
    assert len([each for some in portions(twelve, WAY, "users", 5) for each in some]) == 12


def test_what_keeps_the_time_of_its_loss_comes_once_as_well(ledger):
    keep(ledger, *(retry(n, "answer_lost", last=earlier(9)) for n in range(7)))
    seen = []
    for some in portions(ledger, WAY, "users", 3):
        seen += ids(some)
        keep(ledger, *(retry(each.source_id[1:], "answer_lost", last=each.last) for each in some))
    assert seen == [f"u{n}" for n in range(7)]


def test_what_is_settled_meanwhile_does_not_come(twelve):
    seen = []
    run = twelve.start_run(WAY, dry_run=False)
    for some in portions(twelve, WAY, "users", 5):
        seen += ids(some)
        record(twelve, run, WAY, Entries(settled=[("users", "u4"), ("users", "u0")]))
    assert seen == ["u11", "u10", "u9", "u8", "u7", "u6", "u5", "u3", "u2", "u1"]


def test_a_clock_that_was_set_back_strands_none_and_repeats_none(ledger, monkeypatch):
    keep(ledger, *(retry(n, "unavailable") for n in range(6)))
    keep(ledger, *(retry(n, "unavailable") for n in range(6)))  # they wait five minutes now
    assert count_kept(ledger, WAY, "users") == (0, 6)
    assert list(portions(ledger, WAY, "users", 4)) == []
    monkeypatch.setattr(times, "now", lambda: START)
    assert count_kept(ledger, WAY, "users") == (6, 6)
    seen = []
    for some in portions(ledger, WAY, "users", 4):
        assert {each.last for each in some} == {START}
        seen += ids(some)
        keep(ledger, *(retry(each.source_id[1:], "unavailable") for each in some))
    assert sorted(seen) == [f"u{n}" for n in range(6)]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_in_the_middle_of_it_strands_none_and_repeats_none(
    ledger, monkeypatch, hours
):
    class Wall(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=hours)

    keep(ledger, *(retry(n, last=earlier(120 + n)) for n in range(12)))
    seen = []
    for some in portions(ledger, WAY, "users", 5):
        seen += ids(some)
        monkeypatch.setattr("sync_core.times.datetime", Wall)
        keep(ledger, *(retry(each.source_id[1:]) for each in some))
        assert len(seen) <= 12
    assert sorted(seen) == sorted(f"u{n}" for n in range(12))


def test_those_that_wait_or_were_given_up_are_known_but_do_not_come(ledger):
    keep(ledger, retry(1), retry(2, "bad_value", parked=True))
    assert [ids(some) for some in portions(ledger, WAY, "users", 5)] == [["u1"]]
    assert count_kept(ledger, WAY, "users") == (1, 2)
    known = kept_of(ledger, WAY, "users", ["u1", "u2", "u3"])
    assert {name: each.reason for name, each in known.items()} == {
        "u1": "budget_spent",
        "u2": "bad_value",
    }


def test_other_streams_and_directions_have_their_own(twelve):
    assert count_kept(twelve, WAY, "accounts") == count_kept(twelve, "other", "users") == (0, 0)
    assert kept_of(twelve, "other", "users", ["u1"]) == {}
