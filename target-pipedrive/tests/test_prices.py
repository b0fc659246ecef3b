"""What a run is expected to cost is said before it begins, and its bill when it ends."""

from __future__ import annotations

import json
import re

import pytest
from sync_core.ledger import Ledger

LINES = [{"from": "lifecycle", "to": "Lifecycle stage"}]
#: Tokens: who the credential is and two field catalogues; a page of persons; a write.
START, PAGE, WRITE = 22, 10, 5
#: Whether a person's other custom fields stay is looked at once in a run.
LOOK = 1


def people(count, stage="Trial"):
    return [
        {"user_id": f"u{n}", "email": f"ann{n}@acme.example", "lifecycle": stage}
        for n in range(count)
    ]


@pytest.fixture
def crowd(crm):
    held = {"Churn score": 0.5}
    return [crm.person(f"ann{n}@acme.example", custom=held) for n in range(10)]


@pytest.fixture
def prices(target):
    """The last run's estimate and bill."""

    def last():
        ledger = Ledger(target.ledger_url, "default")
        try:
            row = ledger.runs()[-1]
            return json.loads(row.estimate), json.loads(row.bill), row.tokens
        finally:
            ledger.close()

    return last


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_the_bill_names_the_tokens_by_kind_of_call_and_adds_up(target, crowd, prices, sandbox):
    sandbox.clear_journal()
    run = target.users(*people(10), fields=LINES)
    _, bill, tokens = prices()
    assert bill == {"catalogue": START, "list": PAGE, "record": LOOK, "write": 10 * WRITE}
    assert sum(bill.values()) == tokens == sum(each["tokens"] for each in sandbox.journal())
    assert (
        f"tokens by kind of call: catalogue 22, list 10, record 1, write 50; {tokens} in all"
        in run.log
    )


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_searches_and_single_records_have_lines_of_their_own(target, crowd, prices):
    target.users(*people(1), fields=LINES)
    assert prices()[1] == {"catalogue": START, "record": 1 + LOOK, "search": 20, "write": WRITE}


@pytest.mark.usual("pipedrive.daily_headers")
def test_a_first_run_says_what_finding_and_each_write_costs(target, crowd, prices):
    run = target.users(*people(10), fields=LINES)
    estimate, _, _ = prices()
    assert estimate["begin"] == START
    assert estimate["streams"]["users"]["writes"] == 0
    assert "tokens in all are expected to find each person, and 5 for each write; this" in run.log


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_the_next_run_expects_as_many_writes_as_the_last_one_took(target, crowd, prices):
    target.users(*people(10), fields=LINES)
    run = target.users(*people(10, "Lost"), fields=LINES)
    estimate, bill, tokens = prices()
    users = estimate["streams"]["users"]
    assert users == {"find": PAGE, "writes": 10, "write": 10 * WRITE}
    assert estimate["tokens"] == START + PAGE + 10 * WRITE
    assert tokens == estimate["tokens"] + LOOK == sum(bill.values())
    assert "50 for 10 writes, as many as the last run" in run.log
    assert f"{tokens - LOOK} were expected" in run.log


@pytest.mark.parametrize(("number", "said"), [(1, "5 for 1 write,"), (2, "10 for 2 writes,")])
def test_one_write_is_said_otherwise_than_several(target, crowd, number, said):
    target.users(*people(number), fields=LINES)
    assert said in target.users(*people(number, "Lost"), fields=LINES).log


@pytest.mark.usual("pipedrive.daily_headers")
def test_what_waits_from_earlier_runs_is_expected_as_well(target, crowd, prices, sandbox):
    limits = sandbox.pipedrive.limits
    limits.spend(limits.left - 2 * (START + PAGE + 3 * WRITE))
    assert target.users(*people(10), fields=LINES).exit_code == 75
    sandbox.clock.advance(86_400)
    run = target.users(fields=LINES)
    expected = prices()[0]["streams"]["users"]["writes"]
    assert expected >= 7
    said = re.search(r"for (\d+) writes, as many as the last run and (\d+) that wait", run.log)
    done, waiting = map(int, said.groups())
    assert done + waiting == expected
    assert waiting >= 7


@pytest.mark.usual("pipedrive.daily_headers")
def test_more_than_the_share_is_said_before_anything_is_spent(target, crowd, sandbox):
    target.users(*people(10), fields=LINES)
    limits = sandbox.pipedrive.limits
    limits.spend(limits.left - 2 * (START + PAGE + 3 * WRITE))
    run = target.users(*people(10, "Lost"), fields=LINES)
    assert run.exit_code == 75
    expected = next(line for line in run.log.splitlines() if "are expected" in line)
    assert expected.endswith("this run may spend 47, and the next one goes on with the rest")


def test_a_dry_run_has_a_bill_without_writes(target, crowd, prices):
    target.run(target.stream("users", *people(10)), users={"fields": LINES}, dry_run=True)
    _, bill, _ = prices()
    assert bill == {"catalogue": START, "list": PAGE, "record": LOOK}
