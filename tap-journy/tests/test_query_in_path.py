"""An endpoint's path may have a query of its own, with a credential in it, which no log shows."""

from __future__ import annotations

import pytest
import requests_mock

URL = "https://journy.test"
PATH = "/users?token=the-token-of-the-test&view=all"
LATER, SOONER = "2026-03-01T00:00:00Z", "2026-01-01T00:00:00Z"


def listed(*users: tuple[str, str], **more) -> dict:
    return {"json": {"data": [{"userId": own, "updatedAt": at} for own, at in users], **more}}


ANSWERS = {
    "fine": listed(("u1", SOONER)),
    "refused": {"status_code": 401, "json": {}},
    "not there": {"status_code": 404, "json": {}},
    "no list": {"json": {"items": []}},
    "cursor": listed(paging={"next": "a"}),
    "repeated": listed(("u1", SOONER), paging={"next": "a"}),
    "order": listed(("u1", LATER), ("u2", SOONER)),
    "broken": {"text": "<html>"},
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_it_is_sent_and_never_shown(tap, monkeypatch, answer):
    monkeypatch.setattr("sync_core.http.TRIES", 1)
    with requests_mock.Mocker() as journy:
        journy.get(requests_mock.ANY, json={"data": []})
        journy.get(f"{URL}/validate", json={"data": {"permissions": []}})
        journy.get(f"{URL}/users", **answer)
        run = tap(api_url=URL, record_source={"users": {"path": PATH}})
        asked = [each.qs for each in journy.request_history if each.path == "/users"]
    assert asked[0]["token"] == ["the-token-of-the-test"]
    assert asked[0]["limit"] == ["400"]
    assert "the-token-of-the-test" not in run.log + run.out


def test_nor_where_the_whole_address_is_given_by_mistake(tap):
    run = tap(record_source={"users": {"path": URL + PATH}})
    assert run.exit_code == 1
    assert f"begins with /, got '{URL}/users'" in run.log
    assert "the-token-of-the-test" not in run.log
