from __future__ import annotations

import pytest

READS = {
    "/properties/users": "ReadProperties",
    "/properties/accounts": "ReadProperties",
    "/segments/users": "ReadSegments",
    "/segments/accounts": "ReadSegments",
    "/events": "ReadEvents",
    "/tracking/snippet?domain=acme.example": "GetTrackingSnippet",
    "/users": "ReadContacts",
    "/accounts": "ReadContacts",
}
WRITES = {
    ("POST", "/users/upsert"): {"identification": {"userId": "u"}},
    ("POST", "/accounts/upsert"): {"identification": {"accountId": "a"}},
    ("DELETE", "/users"): {"identification": {"userId": "u"}},
    ("DELETE", "/accounts"): {"identification": {"accountId": "a"}},
    ("POST", "/accounts/users/add"): {"account": {"accountId": "a"}, "users": []},
    ("POST", "/accounts/users/remove"): {"account": {"accountId": "a"}, "users": []},
    ("POST", "/track"): {"identification": {"user": {"userId": "u"}}, "name": "login"},
    ("POST", "/events"): {"identification": {"user": {"userId": "u"}}, "name": "login"},
    ("POST", "/link"): {"identification": {"userId": "u"}, "deviceId": "d"},
}


@pytest.mark.parametrize("path", READS)
def test_a_read_answers_200_with_the_permission_and_401_without(journy, path):
    assert journy.get(path).status_code == 200
    journy.key = "sandbox-key-write"
    refused = journy.get(path)
    assert refused.status_code == 401
    assert READS[path] in refused.json()["message"]


@pytest.mark.parametrize("call", WRITES, ids=" ".join)
def test_a_write_is_accepted_with_the_permission_and_401_without(journy, call):
    assert journy.call(*call, WRITES[call]).status_code in (201, 202, 204)
    journy.key = "sandbox-key-read"
    refused = journy.call(*call, WRITES[call])
    assert refused.status_code == 401
    assert "TrackData" in refused.json()["message"]


@pytest.mark.parametrize("key", ["", "some-other-key"])
def test_a_missing_or_unknown_key_is_401(journy, key):
    journy.key = key
    answer = journy.get("/validate")
    assert answer.status_code == 401
    assert answer.json()["meta"]["status"] == 401


def test_a_key_that_is_not_enabled_is_403(journy):
    journy.key = "sandbox-key-disabled"
    assert journy.get("/validate").status_code == 403


def test_validate_lists_the_permissions_of_the_key(journy):
    assert "ReadContacts" in journy.get("/validate").json()["data"]["permissions"]
    journy.key = "sandbox-key-write"
    assert journy.get("/validate").json()["data"] == {"permissions": ["TrackData"]}


def test_every_answer_has_a_request_id_of_its_own_and_its_status(journy):
    first, second = (journy.get("/validate").json()["meta"] for _ in range(2))
    assert first["requestId"] != second["requestId"]
    assert first["status"] == 200


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("PUT", "/users"), ("GET", "/users/"), ("GET", "/")]
)
def test_an_unknown_path_or_method_is_404_in_the_envelope(journy, method, path):
    answer = journy.call(method, path)
    assert answer.status_code == 404
    assert answer.json()["meta"]["status"] == 404
    assert f"{method} /journy{path}" in answer.json()["message"]


def test_the_headers_count_the_window_down(journy):
    headers = [journy.get("/validate").headers for _ in range(2)]
    assert [one["X-RateLimit-Limit"] for one in headers] == ["1800", "1800"]
    assert [one["X-RateLimit-Remaining"] for one in headers] == ["1799", "1798"]


def test_a_full_window_is_429_until_it_has_slid_on(journy):
    journy.switches.set("journy.rate_limit", 2)
    journy.clock.freeze(True)
    journy.get("/validate")
    journy.clock.advance(30)
    journy.get("/validate")
    refused = journy.get("/validate")
    assert refused.status_code == 429
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    journy.clock.advance(30)
    assert journy.get("/validate").status_code == 200
    assert journy.get("/validate").status_code == 429


def test_each_key_has_a_window_of_its_own(journy):
    journy.switches.set("journy.rate_limit", 1)
    journy.get("/validate")
    assert journy.get("/validate").status_code == 429
    journy.key = "sandbox-key-read"
    assert journy.get("/validate").status_code == 200


def test_the_limit_can_be_switched_off(journy):
    journy.switches.set("journy.rate_limit", 0)
    answers = [journy.get("/validate") for _ in range(3)]
    assert {one.headers["X-RateLimit-Remaining"] for one in answers} == {"1800"}


def test_a_key_that_keeps_hitting_the_limit_is_blocked_if_the_switch_says_so(journy):
    journy.switches.set("journy.rate_limit", 1)
    journy.switches.set("journy.block_after_429", 2)
    assert [journy.get("/validate").status_code for _ in range(4)] == [200, 429, 429, 403]
