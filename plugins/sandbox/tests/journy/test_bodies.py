from __future__ import annotations

import pytest

USER = {"identification": {"userId": "u-1"}}
EVENT = {"identification": {"user": {"userId": "u-1"}}, "name": "login"}
MEMBERS = {"account": {"accountId": "a-1"}, "users": []}

WRONG = [
    ("/users/upsert", {}, "identification"),
    ("/users/upsert", {"identification": {}}, "identification"),
    ("/users/upsert", {"identification": "u-1"}, "identification"),
    ("/users/upsert", {"identification": {"userId": 7}}, "identification.userId"),
    ("/users/upsert", {"identification": {"userId": ""}}, "identification.userId"),
    ("/users/upsert", {"identification": {"userId": None}}, "identification.userId"),
    ("/users/upsert", {"identification": {"email": "nobody"}}, "identification.email"),
    ("/users/upsert", {"identification": {"domain": "x.example"}}, "identification.domain"),
    ("/users/upsert", USER | {"traits": {}}, "traits"),
    ("/users/upsert", USER | {"properties": []}, "properties"),
    ("/users/upsert", USER | {"properties": {"a": {"b": 1}}}, "properties.a"),
    ("/users/upsert", USER | {"properties": {"a": ["x", ""]}}, "properties.a.1"),
    ("/users/upsert", USER | {"properties": {"a": [1]}}, "properties.a.0"),
    ("/users/upsert", [USER], "body"),
    ("/accounts/upsert", {"identification": {"userId": "u"}}, "identification.userId"),
    ("/accounts/upsert", {"identification": {"domain": "localhost"}}, "identification.domain"),
    (
        "/accounts/upsert",
        {"identification": {"domain": "https://acme.example/"}},
        "identification.domain",
    ),
    ("/accounts/upsert", {"identification": {"accountId": "a"}, "members": []}, "members"),
    ("/accounts/users/add", {"account": {"accountId": "a"}}, "users"),
    ("/accounts/users/add", MEMBERS | {"users": [{"userId": "u"}]}, "users.0.identification"),
    ("/accounts/users/remove", MEMBERS | {"users": {}}, "users"),
    ("/track", EVENT | {"name": ""}, "name"),
    ("/track", EVENT | {"identification": {}}, "identification"),
    ("/track", EVENT | {"identification": {"userId": "u"}}, "identification.userId"),
    ("/track", EVENT | {"triggeredAt": "yesterday"}, "triggeredAt"),
    ("/track", EVENT | {"metadata": {"a": None}}, "metadata.a"),
    ("/track", EVENT | {"metadata": {"a": ["x"]}}, "metadata.a"),
    ("/events", EVENT | {"metadata": {"a": {}}}, "metadata.a"),
    ("/link", USER | {"deviceId": ""}, "deviceId"),
    ("/link", USER, "deviceId"),
]


@pytest.mark.parametrize(("path", "body", "field"), WRONG, ids=lambda part: str(part)[:60])
def test_a_wrong_body_is_400_and_names_the_field(journy, path, body, field):
    before = journy.service.dump()
    answer = journy.post(path, body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]["fields"]
    assert answer.json()["message"]
    assert journy.service.dump() == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a": NaN}', b"\xff", b"[" * 5000], ids=lambda body: repr(body)[:12]
)
def test_a_body_that_is_not_json_is_400(journy, body):
    headers = {"Content-Type": "application/json"}
    answer = journy.call("POST", "/users/upsert", data=body, headers=headers)
    assert answer.status_code == 400
    assert "body" in answer.json()["errors"]["fields"]


def test_a_body_of_another_content_type_is_400_and_names_the_header(journy):
    headers = {"Content-Type": "text/plain"}
    answer = journy.call("POST", "/users/upsert", data=b"{}", headers=headers)
    assert answer.status_code == 400
    assert "content-type" in answer.json()["errors"]["parameters"]["header"]


def test_one_call_takes_a_hundred_members_and_no_more(journy):
    users = [{"identification": {"userId": f"m-{number}"}} for number in range(101)]
    assert journy.post("/accounts/users/add", MEMBERS | {"users": users[:100]}).status_code == 201
    answer = journy.post("/accounts/users/add", MEMBERS | {"users": users})
    assert answer.status_code == 400
    assert "100" in answer.json()["errors"]["fields"]["users"]


def test_an_unknown_query_parameter_is_400_and_is_named(journy):
    answer = journy.get("/validate", verbose="true")
    assert answer.status_code == 400
    assert "verbose" in answer.json()["errors"]["parameters"]["query"]


def test_the_snippet_needs_a_domain_and_knows_only_its_own_sites(journy):
    missing = journy.get("/tracking/snippet")
    assert missing.status_code == 400
    assert "domain" in missing.json()["errors"]["parameters"]["query"]
    assert journy.get("/tracking/snippet", domain="other.example").status_code == 404
    found = journy.get("/tracking/snippet", domain="acme.example").json()["data"]
    assert found["domain"] == "acme.example"
    assert "acme.example" in found["snippet"]


@pytest.mark.parametrize(
    "moment",
    ["2026-11-01T09:00:00.000Z", "2026-11-01T10:00:00+01:00", "2026-11-01T09:00:00.123456"],
)
def test_an_event_may_be_dated_as_each_official_sdk_dates_it(nobody, moment):
    body = EVENT | {"triggeredAt": moment}
    assert nobody.post("/track", body).status_code == 201
    (user,) = nobody.everything("/users")
    assert user["properties"]["last_activity_at"].startswith("2026-11-01T09:00:00")
