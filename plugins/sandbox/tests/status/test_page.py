"""The page's files, its head and the journal it shows, over HTTP."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import pytest
import requests
from sync_sandbox import Sandbox

PERSONS = "/api/v2/persons"


@pytest.mark.parametrize("path", ["/", "/_sandbox/", "/_sandbox"])
def test_the_page_is_served_with_all_its_files_and_from_nowhere_else(sandbox, path):
    page = requests.get(sandbox.url + path, timeout=30)
    assert page.headers["content-type"].startswith("text/html")
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    for script in [name for name in named if name.endswith(".js")]:
        text = requests.get(sandbox.url + script, timeout=30).text
        named += ["/_sandbox/page/" + name for name in re.findall(r'from "\./([^"]+)"', text)]
    assert len(set(named)) >= 5
    for name in named:
        answer = requests.get(sandbox.url + name, timeout=30)
        assert answer.status_code == 200, name
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "://" not in page.text


def test_the_page_lets_no_script_run_but_its_own(sandbox):
    page = requests.get(sandbox.url, timeout=30)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", page.text)


def test_nothing_that_the_page_asks_is_journalled(sandbox, ask):
    requests.get(sandbox.url, timeout=30)
    for path in ("", "page/main.js", "live", "pairs", "journal", "faults", "clock"):
        assert ask(path).status_code == 200
    assert sandbox.journal() == []


def test_the_head_tells_budget_and_burst_window_of_a_plan(sandbox, ask, pipedrive):
    sandbox.reset(plan="lite", seats=2)
    pipedrive.get(PERSONS)
    pipedrive.get(f"{PERSONS}/1")
    state = ask("live").json()
    assert state["plan"] == "lite"
    assert state["budget"] == {"spent": 11, "limit": 60_000, "left": 59_989}
    assert state["burst"] == {"used": 2, "limit": 20}
    sandbox.clock.advance(86_400)
    state = ask("live").json()
    assert (state["budget"]["spent"], state["burst"]["used"]) == (0, 0)


def test_the_head_tells_that_an_unlimited_plan_has_no_limits(ask, pipedrive):
    pipedrive.get(PERSONS)
    state = ask("live").json()
    assert state["budget"] == {"spent": 10, "limit": None, "left": None}
    assert state["burst"] is None


def test_the_head_leaves_out_the_token_of_a_deactivated_user(sandbox, ask):
    sandbox.reset(plan="lite")
    sandbox.apply(pipedrive={"deactivate_user": 2})
    assert ask("live").json()["burst"] == {"used": 0, "limit": 20}


def test_the_head_counts_the_records_of_both_sides(sandbox, ask, pipedrive):
    before = ask("live").json()["counts"]
    assert before == {"persons": 60, "organizations": 20, "users": 60, "accounts": 20}
    pipedrive.delete(f"{PERSONS}/1")
    assert ask("live").json()["counts"] == before | {"persons": 59}


def test_the_head_tells_clock_faults_and_moved_switches(sandbox, ask):
    assert (ask("live").json()["faults"], ask("live").json()["switches"]) == ([], [])
    control = f"{sandbox.url}/_sandbox"
    requests.post(
        f"{control}/clock", json={"set": "2027-05-06T07:08:09Z", "freeze": True}, timeout=9
    )
    sandbox.fault("/pipedrive/*", "POST", times=3, action={"status": 503})
    sandbox.switches.set("pipedrive.patch_lists", "merge")
    state = ask("live").json()
    assert state["clock"] == {"now": "2027-05-06T07:08:09+00:00", "frozen": True}
    assert [(one["match"]["method"], one["hits"]) for one in state["faults"]] == [("POST", 0)]
    moved = {"name": "pipedrive.patch_lists", "position": "merge", "default": "replace"}
    assert state["switches"] == [moved]


def test_the_head_waits_for_news_and_tells_them_at_once(sandbox, ask, pipedrive):
    last = ask("live").json()["last"]
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(lambda: ask("live", after=last).json())
        pipedrive.get(PERSONS)
        assert waiting.result(timeout=30)["last"] == last + 1
    assert ask("live", after=last + 1).json()["last"] == last + 1


def test_a_page_that_waits_gets_its_answer_although_the_sandbox_stops(caplog):
    with Sandbox(persons=1, organizations=0, users=1, accounts=0) as sandbox:
        control = f"{sandbox.url}/_sandbox"
        last = requests.get(f"{control}/live", timeout=30).json()["last"]
        waiting = HTTPConnection(sandbox.url.removeprefix("http://"), timeout=30)
        waiting.request("GET", f"/_sandbox/live?after={last}")
        requests.get(f"{control}/health", timeout=30)
    with closing(waiting):
        assert json.loads(waiting.getresponse().read())["last"] == last
    assert [row.message for row in caplog.records if row.name.startswith("uvicorn")] == []


def test_any_number_of_pages_may_wait_for_news(ask):
    last = ask("live").json()["last"]
    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(lambda _: ask("live", after=last).status_code, range(24)))
    assert answers == [200] * 24


def test_a_follower_gets_each_request_once_by_its_id(sandbox, ask, pipedrive):
    for number in range(1, 8):
        pipedrive.get(f"{PERSONS}/{number}")
    whole = ask("journal").json()
    followed, after = [], whole[0]["id"] - 1
    while page := ask("journal", after=after, limit=3).json():
        assert len(page) <= 3
        followed += page
        after = page[-1]["id"]
    assert followed == whole
    sandbox.clear_journal()
    pipedrive.get(PERSONS)
    assert [row["id"] for row in ask("journal", after=after).json()] == [after + 1]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["GET 200", "POST 400", "PATCH 200", "GET 401"]),
        ({"limit": 2}, ["PATCH 200", "GET 401"]),
        ({"only": "writes"}, ["POST 400", "PATCH 200"]),
        ({"only": "errors"}, ["POST 400", "GET 401"]),
        ({"only": "errors", "limit": 1}, ["GET 401"]),
        ({"service": "journy"}, ["GET 401"]),
        ({"text": "PERSONS/1"}, ["PATCH 200"]),
        ({"text": "post 400"}, ["POST 400"]),
        ({"text": "nowhere"}, []),
    ],
    ids=str,
)
def test_requests_are_filtered_and_the_latest_are_given(sandbox, ask, pipedrive, filters, expected):
    pipedrive.get(PERSONS)
    pipedrive.post(PERSONS, {})
    pipedrive.patch(f"{PERSONS}/1", {"name": "Ann"})
    requests.get(f"{sandbox.journy_url}/users", timeout=30)
    rows = ask("journal", **filters).json()
    assert [f"{row['method']} {row['status']}" for row in rows] == expected


def test_a_cut_connection_counts_as_an_error(sandbox, ask, pipedrive):
    sandbox.fault(action={"drop_before": True})
    with pytest.raises(requests.ConnectionError):
        pipedrive.get(PERSONS)
    (row,) = ask("journal", only="errors").json()
    assert row["status"] is None


def test_no_secret_of_a_query_is_shown(sandbox, ask):
    params = {"api_token": "my-own-token", "limit": 1}
    requests.get(f"{sandbox.pipedrive_url}{PERSONS}", params=params, timeout=30)
    answer = ask("journal", limit=5).text
    assert "my-own-token" not in answer
    assert "api_token=***" in answer


@pytest.mark.parametrize(
    ("path", "params", "sentence"),
    [
        ("journal", {"after": "-1"}, "after must be a whole number"),
        ("journal", {"limit": "0"}, "limit must be a whole number from 1 to 10000"),
        ("journal", {"only": "reads"}, "only must be one of writes, errors"),
        ("journal", {"after": "1", "only": "writes"}, "leave only out"),
        ("journal", {"since": "1"}, "there is no parameter 'since'"),
        ("live", {"after": "soon"}, "after must be a whole number"),
        ("live", {"wait": "60"}, "there is no parameter 'wait'"),
    ],
    ids=str,
)
def test_a_question_that_can_not_be_gets_a_sentence(ask, path, params, sentence):
    answer = ask(path, **params)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_a_body_that_is_no_json_gets_a_sentence(sandbox):
    answer = requests.post(f"{sandbox.url}/_sandbox/faults", data="{", timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("the body is not JSON")
