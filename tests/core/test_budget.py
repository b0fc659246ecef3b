"""The daily tokens: what a run may spend of them, and how a spent budget is told from the rest."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from requests import ConnectTimeout
from requests_mock import ANY, Mocker
from sync_core import errors
from sync_core.budget import Budget
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.endpoints import PERSON

HEADER = "x-daily-ratelimit-token-remaining"
ROW = {"success": True, "data": {"id": 1}}


def made(clock, share=0.5):
    client = PipedriveClient.from_settings(
        {"api_token": "t", "api_url": "http://service.test", "daily_token_share": share},
        user_agent="test/1",
    )
    client.http._sleep = client.http._pacer._sleep = clock.sleep
    return client


@pytest.fixture
def wire():
    with Mocker() as mocker:
        yield mocker


def left(*counts):
    return [{"json": ROW, "headers": {HEADER: str(count)}} for count in counts]


def test_the_share_is_of_what_was_left_when_the_run_began(wire, clock):
    wire.register_uri(ANY, ANY, left(98, 93, 88, 83, 78, 73, 68, 63, 58, 53, 48))
    client = made(clock, share=0.2)
    client.me()  # 2 of 100
    for _ in range(3):
        client.update(PERSON, 1, {})  # 17
    with pytest.raises(errors.BudgetSpentError) as caught:
        client.update(PERSON, 1, {})
    assert wire.call_count == 4
    text = str(caught.value)
    for said in ("has spent 17", "share is 20 of the 100", "daily_token_share 0.2"):
        assert said in text


@pytest.mark.parametrize("share", [0.12, 1], ids=["of the share", "of the day"])
def test_a_call_that_takes_the_very_last_tokens_is_made(wire, clock, share):
    of_the_day = share == 1
    wire.register_uri(ANY, ANY, left(10, 5, 0) if of_the_day else left(98, 93, 88))
    client = made(clock, share=share)
    client.me()
    for _ in range(2):
        client.update(PERSON, 1, {})
    with pytest.raises(errors.BudgetSpentError):
        client.me()
    assert wire.call_count == 3


def test_once_a_call_is_refused_no_smaller_one_is_made_in_its_place(wire, clock):
    wire.register_uri(ANY, ANY, left(98))
    client = made(clock, share=0.06)
    client.me()
    with pytest.raises(errors.BudgetSpentError):
        client.update(PERSON, 1, {})
    with pytest.raises(errors.BudgetSpentError):
        client.me()
    assert wire.call_count == 1


def test_what_others_have_spent_meanwhile_is_not_asked_for(wire, clock):
    wire.register_uri(ANY, ANY, left(1000, 3))
    client = made(clock, share=1)
    client.me()
    client.me()
    with pytest.raises(errors.BudgetSpentError, match="spent but for 3, 4 of them by this run"):
        client.update(PERSON, 1, {})
    assert wire.call_count == 2


def test_without_the_header_nothing_is_capped_and_that_is_said_once(wire, clock, caplog):
    caplog.set_level(logging.INFO)
    wire.register_uri(ANY, ANY, json=ROW)
    client = made(clock, share=0.01)
    for _ in range(5):
        client.update(PERSON, 1, {})
    assert caplog.text.count("daily_token_share sets no cap") == 1


def test_a_header_that_comes_late_still_sets_the_cap(wire, clock):
    wire.register_uri(ANY, ANY, [{"json": ROW}, *left(90)])
    client = made(clock, share=0.15)
    client.update(PERSON, 1, {})
    client.update(PERSON, 1, {})
    client.update(PERSON, 1, {})
    with pytest.raises(errors.BudgetSpentError, match="share is 15 of the 100"):
        client.update(PERSON, 1, {})


def test_a_refusal_of_the_service_ends_every_later_call(wire, clock):
    wire.register_uri(ANY, ANY, status_code=429, headers={HEADER: "0"}, json={})
    client = made(clock)
    with pytest.raises(errors.BudgetSpentError, match="daily tokens are spent"):
        client.me()
    with pytest.raises(errors.BudgetSpentError, match="come back overnight"):
        client.users()
    assert wire.call_count == 1


def test_a_call_that_never_left_costs_nothing(wire, clock):
    wire.register_uri(ANY, ANY, exc=ConnectTimeout)
    client = made(clock)
    with pytest.raises(errors.UnreachableError):
        client.me()
    assert client.http._budget.spent == 0


def test_threads_never_spend_more_than_the_share_together():
    budget = Budget("Service", HEADER, 0.5)
    budget.learn({HEADER: "1000"})

    def spend(_):
        try:
            budget.admit(5)
        except errors.BudgetSpentError:
            return 0
        return 5

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(400))) == 500
    assert budget.spent == 500


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(errors.ConfigurationError, match="above 0 and up to 1"):
        Budget("Service", HEADER, share)


def test_burst_budget_and_block_have_messages_of_their_own(wire, clock):
    told = {}
    for name, answer in {
        "burst": {"status_code": 429, "headers": {"x-ratelimit-remaining": "0"}, "json": {}},
        "budget": {"status_code": 429, "headers": {HEADER: "0"}, "json": {}},
        "block": {"status_code": 403, "text": "<html>", "headers": {"Content-Type": "text/html"}},
    }.items():
        wire.register_uri(ANY, ANY, **answer)
        with pytest.raises(errors.ApiError) as caught:
            made(clock).me()
        told[name] = (type(caught.value), str(caught.value))
    assert [kind for kind, _ in told.values()] == [
        errors.RateLimitedError,
        errors.BudgetSpentError,
        errors.BlockedError,
    ]
    assert len({text for _, text in told.values()}) == 3
