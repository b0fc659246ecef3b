from __future__ import annotations

import pytest
import requests

PERSONS = "/api/v2/persons"


def test_a_field_can_go_in_the_middle_of_a_run(sandbox, pipedrive, code):
    key = code("Churn score")
    change = {"remove_field": {"entity": "person", "name": "Churn score"}}
    sandbox.fault(f"/pipedrive{PERSONS}", "POST", after=1, action={"apply": {"pipedrive": change}})
    body = {"name": "Ann", "custom_fields": {key: 1}}
    assert pipedrive.post(PERSONS, body).status_code == 200
    refused = pipedrive.post(PERSONS, body)
    assert refused.status_code == 400
    assert key in refused.json()["error"]


def test_an_option_can_go(sandbox, pipedrive, code, option):
    good = option("Customer health", "Good")
    person = pipedrive.person(custom_fields={code("Customer health"): good})
    names = {"entity": "person", "name": "Customer health", "label": "Good"}
    sandbox.apply(pipedrive={"remove_option": names})
    shown = pipedrive.data(f"{PERSONS}/{person['id']}")
    assert shown["custom_fields"][code("Customer health")] is None
    body = {"name": "Ann", "custom_fields": {code("Customer health"): good}}
    assert pipedrive.post(PERSONS, body).status_code == 400


def test_a_token_can_be_revoked(sandbox, pipedrive):
    sandbox.apply(pipedrive={"revoke_token": "sandbox-token"})
    assert pipedrive.get(PERSONS).status_code == 401
    sandbox.reset()
    assert pipedrive.get(PERSONS).status_code == 200


def test_cursors_can_expire(sandbox, pipedrive):
    cursor = pipedrive.get(PERSONS, limit=5).json()["additional_data"]["next_cursor"]
    sandbox.apply(pipedrive={"expire_cursors": True})
    assert pipedrive.get(PERSONS, limit=5, cursor=cursor).status_code == 400


def test_the_servers_clock_can_jump(sandbox, pipedrive):
    sandbox.clock.freeze(True)
    first = pipedrive.person()
    sandbox.apply(clock=-3600)
    assert pipedrive.person()["update_time"] < first["update_time"]


@pytest.mark.parametrize(
    "change",
    [
        {"pipedrive": {"paint": "red"}},
        {"pipedrive": {"remove_field": {"entity": "person", "name": "Nope"}}},
        {"weather": {"rain": True}},
    ],
    ids=str,
)
def test_a_change_that_can_not_be_is_refused_with_a_sentence(sandbox, change):
    answer = requests.post(f"{sandbox.url}/_sandbox/apply", json=change, timeout=30)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 20
