from __future__ import annotations

import pytest

ME = "/v1/users/me"
SEARCH = "/api/v2/persons/search"


def statuses(client, path, times, **query):
    return [client.get(path, **query).status_code for _ in range(times)]


@pytest.fixture
def lite(sandbox):
    sandbox.reset(plan="lite", seats=1)
    sandbox.clock.freeze(True)
    return sandbox


def test_a_request_costs_its_tokens_whatever_it_returns(sandbox, pipedrive):
    pipedrive.get("/api/v2/persons", limit=500)
    person = pipedrive.person()
    pipedrive.get(f"/api/v2/persons/{person['id']}")
    pipedrive.patch(f"/api/v2/persons/{person['id']}", {"name": "B C"})
    pipedrive.get(SEARCH, term="ann")
    pipedrive.delete(f"/api/v2/persons/{person['id']}")
    pipedrive.get(ME)
    pipedrive.get("/api/v2/nowhere")
    assert [row["tokens"] for row in sandbox.journal()] == [10, 5, 1, 5, 20, 3, 2, 0]


@pytest.mark.parametrize(("position", "tokens"), [(True, 1), (False, 0)])
def test_a_switch_says_whether_errors_cost_tokens(sandbox, pipedrive, position, tokens):
    sandbox.switches.set("pipedrive.errors_cost_tokens", position)
    pipedrive.get("/api/v2/persons/999999")
    assert sandbox.journal()[-1]["tokens"] == tokens


def test_the_burst_window_rolls_over_two_seconds(lite, pipedrive):
    assert statuses(pipedrive, ME, 21) == [200] * 20 + [429]
    lite.clock.advance(2)
    assert pipedrive.get(ME).status_code == 200


def test_each_token_has_its_own_window(lite, pipedrive, client_of):
    statuses(pipedrive, ME, 20)
    assert client_of(token="sandbox-token-bob").get(ME).status_code == 200


def test_the_headers_tell_what_is_left(lite, pipedrive):
    headers = pipedrive.get(ME).headers
    assert headers["x-ratelimit-limit"] == "20"
    assert headers["x-ratelimit-remaining"] == "19"
    assert headers["x-ratelimit-reset"] == "2"
    assert headers["x-daily-ratelimit-token-limit"] == "30000"
    assert headers["x-daily-ratelimit-token-remaining"] == "29998"
    lite.switches.set("pipedrive.daily_headers", False)
    assert "x-daily-ratelimit-token-limit" not in pipedrive.get(ME).headers


def test_searches_have_a_window_of_their_own_of_ten(lite, pipedrive):
    assert statuses(pipedrive, SEARCH, 11, term="ann") == [200] * 10 + [429]
    assert statuses(pipedrive, ME, 11) == [200] * 10 + [429]


def test_searches_may_not_count_in_the_general_window(lite, pipedrive):
    lite.switches.set("pipedrive.search_in_burst_window", False)
    statuses(pipedrive, SEARCH, 10, term="ann")
    assert statuses(pipedrive, ME, 21) == [200] * 20 + [429]


def test_a_429_carries_retry_after_only_if_the_switch_says_so(lite, pipedrive):
    statuses(pipedrive, ME, 20)
    assert "retry-after" not in pipedrive.get(ME).headers
    lite.switches.set("pipedrive.retry_after_header", True)
    answer = pipedrive.get(ME)
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["success"] is False
    assert answer.headers["x-ratelimit-remaining"] == "0"


def test_an_empty_daily_budget_refuses_everything_until_midnight(lite, pipedrive):
    lite.apply(pipedrive={"spend_tokens": 29_995})
    assert pipedrive.get("/api/v2/persons").status_code == 429
    answer = pipedrive.get(ME)
    assert answer.status_code == 200
    assert answer.headers["x-daily-ratelimit-token-remaining"] == "3"
    lite.clock.advance(86_400)
    assert pipedrive.get("/api/v2/persons").status_code == 200


def test_the_budget_grows_with_plan_and_seats(sandbox, pipedrive):
    sandbox.reset(plan="ultimate", seats=3)
    headers = pipedrive.get(ME).headers
    assert headers["x-daily-ratelimit-token-limit"] == str(30_000 * 7 * 3)
    assert headers["x-ratelimit-limit"] == "120"


def test_hammering_on_after_429_ends_at_a_page_that_is_not_json(lite, pipedrive):
    lite.switches.set("pipedrive.block_after_429", 5)
    assert statuses(pipedrive, ME, 26)[20:] == [429] * 5 + [403]
    answer = pipedrive.get(ME)
    assert answer.headers["content-type"].startswith("text/html")
    assert "<html" in answer.text
    lite.clock.advance(61)
    assert pipedrive.get(ME).status_code == 200
