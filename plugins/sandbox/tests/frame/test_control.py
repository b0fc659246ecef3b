from __future__ import annotations

import pytest
import requests

PERSONS = "/api/v2/persons"


@pytest.fixture
def control(sandbox):
    def call(method, path, body=None):
        return requests.request(method, f"{sandbox.url}/_sandbox{path}", json=body, timeout=30)

    return call


def test_a_reset_brings_the_seeded_world_back(control, sandbox, pipedrive):
    seeded = pipedrive.data(PERSONS, limit=500)
    pipedrive.person()
    pipedrive.patch(f"{PERSONS}/1", {"name": "Other Name"})
    sandbox.switches.set("pipedrive.patch_lists", "merge")
    sandbox.fault(action={"status": 500})
    sandbox.clock.advance(1000)
    assert control("POST", "/reset").status_code == 200
    assert sandbox.journal() == []
    assert pipedrive.data(PERSONS, limit=500) == seeded
    assert sandbox.switches.get("pipedrive.patch_lists") == "replace"
    assert len(sandbox.journal()) == 1


def test_a_reset_with_other_numbers_lasts_until_the_next(control, sandbox):
    body = {"persons": 7, "organizations": 2, "switches": {"pipedrive.patch_lists": "merge"}}
    assert control("POST", "/reset", body).json()["pipedrive"]["persons"] == 7
    assert sandbox.switches.get("pipedrive.patch_lists") == "merge"
    assert control("POST", "/reset").json()["pipedrive"]["persons"] == 60
    assert sandbox.switches.get("pipedrive.patch_lists") == "replace"


@pytest.mark.parametrize(
    "body",
    [{"people": 3}, {"persons": -1}, {"persons": "many"}, {"plan": "gold"}, {"seats": 0}, []],
    ids=str,
)
def test_a_reset_that_can_not_be_is_refused(control, body):
    answer = control("POST", "/reset", body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_same_seed_makes_the_same_world_and_another_seed_another(sandbox, pipedrive):
    first = pipedrive.data(PERSONS, limit=500)
    sandbox.reset(seed=2)
    second = pipedrive.data(PERSONS, limit=500)
    sandbox.reset(seed=1)
    assert pipedrive.data(PERSONS, limit=500) == first
    assert [row["name"] for row in first] != [row["name"] for row in second]


def test_the_journal_tells_every_request_but_those_to_control(control, sandbox, pipedrive):
    pipedrive.get(PERSONS, limit=1)
    pipedrive.post(PERSONS, {})
    requests.get(f"{sandbox.journy_url}/nope", timeout=30)
    rows = control("GET", "/journal").json()
    assert [(row["service"], row["method"], row["path"], row["status"]) for row in rows] == [
        ("pipedrive", "GET", f"/pipedrive{PERSONS}?limit=1", 200),
        ("pipedrive", "POST", f"/pipedrive{PERSONS}", 400),
        ("journy", "GET", "/journy/nope", rows[2]["status"]),
    ]
    assert [row["tokens"] for row in rows] == [10, 5, 0]
    assert control("DELETE", "/journal").status_code == 200
    assert control("GET", "/journal").json() == []


@pytest.mark.parametrize(
    ("service", "header"),
    [("pipedrive/v1/users/me", "x-api-token"), ("journy/validate", "X-Api-Key")],
)
def test_answers_are_dated_by_the_sandbox_s_own_clock(control, sandbox, service, header):
    control("POST", "/clock", {"set": "2027-05-06T07:08:09Z", "freeze": True})
    answer = requests.get(f"{sandbox.url}/{service}", headers={header: "?"}, timeout=30)
    assert answer.headers["Date"] == "Thu, 06 May 2027 07:08:09 GMT"
    control("POST", "/clock", {"advance_seconds": 1})
    answer = requests.get(f"{sandbox.url}/{service}", headers={header: "?"}, timeout=30)
    assert answer.headers["Date"] == "Thu, 06 May 2027 07:08:10 GMT"


def test_the_clock_moves_freezes_and_jumps(control, pipedrive):
    control("POST", "/clock", {"set": "2027-05-06T07:08:09Z", "freeze": True})
    assert pipedrive.person()["add_time"] == "2027-05-06T07:08:09Z"
    control("POST", "/clock", {"advance_seconds": 61})
    assert control("GET", "/clock").json() == {"now": "2027-05-06T07:09:10+00:00", "frozen": True}
    assert control("POST", "/clock", {"set": "2027-05-06T07:08:09"}).status_code == 400
    assert control("POST", "/clock", {"speed": 2}).status_code == 400


def test_switches_are_read_and_moved(control, sandbox):
    assert control("GET", "/switches").json()["pipedrive.set_null"] == "accept"
    assert control("POST", "/switches", {"pipedrive.set_null": "refuse"}).status_code == 200
    assert sandbox.switches.get("pipedrive.set_null") == "refuse"
    answer = control("POST", "/switches", {"pipedrive.set_null": "maybe"})
    assert "accept, refuse" in answer.json()["error"]
    assert "pipedrive.set_null" in control("POST", "/switches", {"nope": 1}).json()["error"]


def test_counts_and_health_are_there(control, pipedrive):
    assert control("GET", "/health").json() == {"status": "ok"}
    assert control("GET", "/counts").json()["pipedrive"]["persons"] == 60
    pipedrive.delete(f"{PERSONS}/1")
    assert control("GET", "/counts").json()["pipedrive"]["persons"] == 59


def test_nothing_else_is_served(sandbox):
    answer = requests.get(f"{sandbox.url}/elsewhere", timeout=30)
    assert answer.status_code == 404
    assert "/pipedrive" in answer.json()["error"]


def test_the_population_keeps_its_promises(sandbox, code):
    organizations = sandbox.pipedrive.rows("organization").values()
    key = code("Account ID", "organization")
    assert any(row["custom_fields"].get(key) for row in organizations)
    assert sum(bool(row["website"]) for row in organizations) > len(organizations) / 2
    persons = sandbox.pipedrive.rows("person").values()
    assert any(row["org_id"] for row in persons)
    filled = sum(len(row["custom_fields"]) for row in persons)
    assert 0 < filled < len(persons) * 8
