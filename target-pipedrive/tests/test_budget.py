"""Spent daily tokens: what can't be afforded waits for the next run, and nothing is lost."""

from __future__ import annotations

import json

import pytest
from sync_core.ledger import Ledger
from sync_tests.targets import to_try

DIRECTION = "journy-to-pipedrive"
#: Tokens: the user and two field catalogues; one page of persons; one PATCH.
START, SCAN, WRITE = 22, 10, 5
#: Whether a person's other custom fields stay is looked at once.
LOOK = 1
LINES = [{"from": "lifecycle", "to": "Lifecycle stage"}]


def people(count):
    return [
        {"user_id": f"u{n}", "email": f"ann{n}@acme.example", "lifecycle": "Trial"}
        for n in range(count)
    ]


def kept(target):
    ledger = Ledger(target.ledger_url, "default")
    try:
        return {json.loads(each.payload)["user_id"] for each in to_try(ledger, DIRECTION, "users")}
    finally:
        ledger.close()


def tight(sandbox, tokens):
    """Leave so many tokens of the day."""
    limits = sandbox.pipedrive.limits
    limits.spend(limits.left - tokens)


@pytest.fixture
def crowd(crm):
    held = {"Churn score": 0.5}
    return [crm.person(f"ann{n}@acme.example", custom=held) for n in range(10)]


@pytest.mark.usual("pipedrive.daily_headers", "pipedrive.patch_custom_fields")
def test_what_cannot_be_written_any_more_waits_and_the_next_run_writes_it(
    target, crm, crowd, sandbox
):
    tight(sandbox, 2 * (START + SCAN + LOOK + 3 * WRITE))
    run = target.users(*people(10), fields=LINES)
    assert run.exit_code == 75
    assert run.counts["users"] == {"updated": 3, "deferred": 7}
    assert run.reasons["budget_spent"] == 7 == len(kept(target))
    assert run.states == [{"bookmarks": {"users": 10}}]
    assert "daily_token_share 0.5" in run.errors[-1]
    assert "Traceback" not in run.log
    assert run.log.count("daily_token_share 0.5") == 1
    assert sum(each["tokens"] for each in sandbox.journal()) == START + SCAN + LOOK + 3 * WRITE
    sandbox.clock.advance(86_400)
    crm.calls()
    rest = target.users(fields=LINES)
    assert rest.exit_code == 0
    assert rest.counts["users"] == {"updated": 7}
    assert len(crm.writes()) == 7
    assert kept(target) == set()


@pytest.mark.usual("pipedrive.daily_headers")
def test_records_that_cannot_even_be_looked_up_wait_as_well(target, crm, crowd, sandbox):
    tight(sandbox, 2 * START)
    run = target.users(*people(10), fields=LINES)
    assert run.exit_code == 75
    assert crm.writes() == []
    assert run.counts["users"]["deferred"] == 10
    assert kept(target) == {f"u{n}" for n in range(10)}
    assert run.states == [{"bookmarks": {"users": 10}}]


@pytest.mark.usual("pipedrive.daily_headers")
def test_a_create_whose_answer_was_lost_is_still_looked_up_after_a_run_without_tokens(
    target, crm, sandbox, hasty
):
    sandbox.fault("/pipedrive/api/v2/persons", "POST", action={"drop_after": True})
    ann = {**people(1)[0], "first_name": "Ann", "last_name": "Lee"}
    assert target.users(ann, create=True).reasons["answer_lost"] == 1
    tight(sandbox, 2 * START)
    run = target.users(*people(1), create=True)
    assert run.exit_code == 75
    assert run.reasons == {"answer_lost": 1}
    sandbox.clock.advance(86_400)
    target.users(create=True)
    assert len(crm.persons()) == 1


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_a_budget_that_the_service_calls_spent_ends_alike(target, crm, crowd, sandbox):
    spent = {"x-daily-ratelimit-token-remaining": "0"}
    action = {"status": 429, "body": {"success": False}, "headers": spent}
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", times=None, after=3, action=action)
    run = target.users(*people(10), fields=LINES)
    assert run.exit_code == 75
    assert run.counts["users"]["updated"] == 3
    assert run.counts["users"]["deferred"] == 7
    assert len(crm.writes()) < 12  # those under way at once; none after the first refusal
    assert "come back overnight" in run.errors[-1] or "next run after the reset" in run.errors[-1]


@pytest.mark.usual("pipedrive.daily_headers")
def test_a_run_that_cannot_even_begin_keeps_its_state_back(target, crm, sandbox):
    tight(sandbox, 3)
    run = target.users(*people(2), fields=LINES)
    assert run.exit_code == 75
    assert run.states == []
    assert crm.writes() == []


@pytest.mark.usual("pipedrive.daily_headers", "pipedrive.patch_custom_fields")
def test_what_cannot_be_read_as_a_whole_is_not_begun_but_looked_up_bit_by_bit(
    target, crm, crowd, sandbox, priced
):
    # As in a large account: to read all of them costs more than a run may spend.
    priced(listing=400)
    look_up = 20 + 1 + 1 + WRITE
    tokens = []
    for _ in range(4):
        tight(sandbox, 2 * (START + 3 * look_up))
        sandbox.clear_journal()
        run = target.users(*people(10) if not tokens else [], fields=LINES)
        tokens.append(sum(each["tokens"] for each in sandbox.journal()))
        if len(tokens) == 1:
            assert run.exit_code == 75
            assert run.counts["users"] == {"updated": 3, "deferred": 7}
            assert "finding each person costs about" in run.log
        sandbox.clock.advance(86_400)
    assert kept(target) == set()
    assert len({crm.stored(each)["Lifecycle stage"] for each in crowd}) == 1
    assert max(tokens) <= START + 3 * look_up


@pytest.mark.usual("pipedrive.daily_headers")
def test_no_more_are_looked_up_one_by_one_than_can_be_written_too(
    target, crm, crowd, sandbox, priced
):
    priced(listing=400)
    tight(sandbox, 2 * (START + 10 * (20 + 1)))  # enough to find all ten, and to write to none
    run = target.users(*people(10), fields=LINES)
    assert run.exit_code == 75
    assert run.counts["users"] == {"updated": 7, "deferred": 3}


@pytest.mark.usual("pipedrive.daily_headers")
def test_deletions_that_cannot_be_looked_up_any_more_follow_day_by_day(
    target, crm, crowd, sandbox, priced
):
    priced(listing=400)
    gone = [{**each, "is_deleted": True} for each in people(10)]
    for day in range(5):
        tight(sandbox, 2 * (START + 3 * (20 + 1 + 1 + WRITE)))
        run = target.users(*(gone if day == 0 else []), on_delete="delete")
        if day == 0:
            assert run.exit_code == 75
            assert run.reasons == {"removed": 3, "budget_spent": 7}
        sandbox.clock.advance(86_400)
    assert all(crm.stored(each)["is_deleted"] for each in crowd)


NAMED = [{**each, "first_name": "Ann", "last_name": "Lee"} for each in people(10)]
CHANGED = [{**each, "lifecycle": "Paying"} for each in NAMED]


@pytest.mark.usual("pipedrive.daily_headers")
def test_who_vanished_and_cannot_be_looked_up_any_more_is_not_made_anew(
    target, crm, crowd, sandbox, priced
):
    """All are merged into others meanwhile, whom there aren't enough tokens to find."""
    target.users(*NAMED, fields=LINES)
    priced(listing=400, write=1)
    for at, each in enumerate(crowd):
        crm.person(f"ann{at}@acme.example")
        path, gone = f"/pipedrive/api/v2/persons/{each}", {"status": 404}
        sandbox.fault(path, "PATCH", times=None, action=gone)
        sandbox.fault(path, "GET", times=None, after=1, action=gone)
    tight(sandbox, 2 * (START + 10 * (1 + 1 + 1) + 2 * (20 + 1 + 1 + 1)))
    run = target.users(*CHANGED, create=True, fields=LINES)
    assert run.exit_code == 75
    assert run.reasons["budget_spent"] > 0
    assert len(crm.persons()) == 2 * len(crowd)


@pytest.mark.parametrize("found", [1, 2, 5])
def test_who_was_entered_anew_is_not_made_once_more_where_tokens_last_to_find_only_some(  # noqa: PLR0913, PLR0917  # fixtures
    target, crm, crowd, sandbox, priced, found
):
    target.users(*NAMED, fields=LINES)
    priced(listing=400, write=1)
    for at, each in enumerate(crowd):
        crm.delete(each)
        crm.person(f"ann{at}@acme.example")
    for records in (CHANGED, *[()] * 10):
        tight(sandbox, 2 * (START + 10 + found * (20 + 1 + 1 + 1)))
        run = target.users(*records, create=True, fields=LINES)
        assert run.reasons.keys() <= {"updated", "budget_spent"}
        assert run.reasons["updated"] > 0
        sandbox.clock.advance(86_400)
        if run.exit_code == 0:
            break
    assert run.exit_code == 0
    assert len(crm.persons()) == 2 * len(crowd)
