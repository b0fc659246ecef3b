from __future__ import annotations

import pytest
import requests

PERSONS = "/api/v2/persons"
PATH = f"/pipedrive{PERSONS}*"


def count(sandbox):
    return sandbox.pipedrive.counts()["persons"]


def test_a_status_replaces_the_answer_and_the_work(sandbox, pipedrive):
    before = count(sandbox)
    body = {"success": False, "error": "down"}
    headers = {"Retry-After": "7"}
    sandbox.fault(PATH, "POST", times=2, action={"status": 503, "body": body, "headers": headers})
    first = pipedrive.post(PERSONS, {"name": "Ann"})
    assert (first.status_code, first.json()["error"], first.headers["retry-after"]) == (
        503,
        "down",
        "7",
    )
    assert pipedrive.post(PERSONS, {"name": "Ann"}).status_code == 503
    assert count(sandbox) == before
    assert pipedrive.post(PERSONS, {"name": "Ann"}).status_code == 200


@pytest.mark.parametrize(("action", "made"), [("drop_before", 0), ("drop_after", 1)])
def test_a_cut_connection_comes_before_or_after_the_write(sandbox, pipedrive, action, made):
    before = count(sandbox)
    sandbox.fault(PATH, "POST", action={action: True})
    with pytest.raises(requests.ConnectionError):
        pipedrive.post(PERSONS, {"name": "Ann"})
    assert count(sandbox) == before + made
    assert [(row["status"], row["fault"]) for row in sandbox.journal()] == [(None, [action])]


@pytest.mark.parametrize(("action", "made"), [("hang_before", 0), ("hang_after", 1)])
def test_a_hanging_answer_ends_in_the_clients_timeout(sandbox, pipedrive, action, made):
    before = count(sandbox)
    sandbox.fault(PATH, "POST", action={action: 20})
    with pytest.raises(requests.Timeout):
        requests.post(
            sandbox.pipedrive_url + PERSONS,
            json={"name": "Ann"},
            headers={"x-api-token": "sandbox-token"},
            timeout=0.3,
        )
    assert count(sandbox) == before + made


def test_a_truncated_body_is_shorter_than_it_says(sandbox, pipedrive):
    sandbox.fault(PATH, action={"truncate": True})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        pipedrive.get(PERSONS)


def test_a_malformed_body_is_no_json(sandbox, pipedrive):
    sandbox.fault(PATH, action={"malformed": True})
    answer = pipedrive.get(PERSONS)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_page_stands_where_json_should(sandbox, pipedrive):
    sandbox.fault(PATH, action={"html": True})
    answer = pipedrive.get(PERSONS)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")


def test_rows_come_twice_or_in_another_order(sandbox, pipedrive):
    plain = [row["id"] for row in pipedrive.data(PERSONS, limit=3)]
    sandbox.fault(PATH, action={"duplicate_rows": True})
    assert [row["id"] for row in pipedrive.data(PERSONS, limit=3)] == plain * 2
    sandbox.fault(PATH, action={"reverse_rows": True})
    assert [row["id"] for row in pipedrive.data(PERSONS, limit=3)] == plain[::-1]


def test_a_fault_can_let_some_requests_pass_first(sandbox, pipedrive):
    sandbox.fault(PATH, after=2, times=1, action={"status": 500})
    assert [pipedrive.get(PERSONS).status_code for _ in range(4)] == [200, 200, 500, 200]


def test_a_rate_is_the_same_for_a_seed(sandbox, pipedrive):
    def run():
        sandbox.reset()
        sandbox.fault(PATH, rate=0.4, seed=7, action={"status": 500})
        return [pipedrive.get(f"{PERSONS}/1").status_code for _ in range(20)]

    first = run()
    assert set(first) == {200, 500}
    assert run() == first


def test_a_fault_matches_by_method_and_path(sandbox, pipedrive):
    sandbox.fault("/pipedrive/api/v2/organizations*", "GET", times=None, action={"status": 500})
    assert pipedrive.get(PERSONS).status_code == 200
    assert pipedrive.post("/api/v2/organizations", {"name": "A"}).status_code == 200
    assert pipedrive.get("/api/v2/organizations").status_code == 500
    sandbox.clear_faults()
    assert pipedrive.get("/api/v2/organizations").status_code == 200


def test_faults_reach_journy_too(sandbox):
    sandbox.fault("/journy/*", action={"status": 502})
    assert requests.get(f"{sandbox.journy_url}/users", timeout=30).status_code == 502


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"action": {}},
        {"action": {"explode": True}},
        {"action": {"status": "500"}},
        {"when": 1, "action": {"html": True}},
        {"match": {"url": "*"}, "action": {"html": True}},
        {"action": {"apply": {"weather": 1}}},
    ],
    ids=str,
)
def test_a_fault_that_can_not_be_is_refused_with_a_sentence(sandbox, fault):
    answer = requests.post(f"{sandbox.url}/_sandbox/faults", json=fault, timeout=30)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 20
    assert requests.get(f"{sandbox.url}/_sandbox/faults", timeout=30).json() == []
