"""The estimate before a run counts on as many look-ups as the last run took."""

from __future__ import annotations

import json

import pytest
from sync_core.ledger import Ledger

LINES = [{"from": "lifecycle", "to": "Lifecycle stage"}]
SEARCH, RECORD = 20, 1


def people(*numbers, stage="Trial"):
    return [
        {"user_id": f"u{n}", "email": f"ann{n}@acme.example", "lifecycle": stage} for n in numbers
    ]


@pytest.fixture
def found(target, priced):
    """What finding was expected to cost in the last run, and what it did; lists are dear."""
    priced(listing=400)

    def last():
        ledger = Ledger(target.ledger_url, "default")
        try:
            row = ledger.runs()[-1]
        finally:
            ledger.close()
        bill = json.loads(row.bill)
        spent = sum(bill.get(kind, 0) for kind in ("search", "record", "list"))
        return json.loads(row.estimate)["streams"]["users"]["find"], spent

    return last


def test_without_an_earlier_run_all_may_be_asked_for(target, crm, found):
    target.users(*people(1, 2, 3), fields=LINES)
    expected, spent = found()
    assert expected >= 400 > spent == 3 * SEARCH


def test_searches_of_the_last_run_are_expected_again(target, crm, found):
    target.users(*people(1, 2, 3), fields=LINES)
    target.users(*people(4, 5, 6), fields=LINES)
    expected, spent = found()
    assert expected == 3 * (SEARCH + RECORD)  # a record that is found is read
    assert spent == 3 * SEARCH


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_reading_linked_records_is_expected_as_such(target, crm, found):
    for number in (1, 2, 3):
        crm.person(f"ann{number}@acme.example", custom={"Churn score": 0.5})
    for stage in ("Trial", "Customer", "Churned"):
        target.users(*people(1, 2, 3, stage=stage), fields=LINES)
    look = RECORD  # whether other custom fields stay
    assert found() == (3 * RECORD, 3 * RECORD + look)


def test_what_only_a_dry_run_looked_up_is_not_expected(target, crm, found):
    target.users(*people(1, 2), fields=LINES)
    messages = target.stream("users", *people(3, 4, 5, 6, 7))
    target.run(messages, users={"fields": LINES}, dry_run=True)
    target.users(*people(8, 9), fields=LINES)
    assert found() == (2 * (SEARCH + RECORD), 2 * SEARCH)


@pytest.mark.usual("pipedrive.daily_headers")
def test_what_is_kept_from_earlier_runs_is_expected_as_well(target, crm, found, sandbox):
    limits = sandbox.pipedrive.limits
    limits.spend(limits.left - 2 * 22)  # what it costs to begin
    assert target.users(*people(1, 2), fields=LINES).exit_code == 75
    sandbox.clock.advance(86_400)
    target.users(fields=LINES)
    expected, spent = found()
    assert spent == 2 * SEARCH
    assert expected >= spent
