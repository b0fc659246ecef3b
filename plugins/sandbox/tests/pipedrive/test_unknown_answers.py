"""How answers look with what is undocumented the other way."""

from __future__ import annotations

import pytest

PERSONS, ACTIVITIES = "/api/v2/persons", "/api/v2/activities"
LISTS = [PERSONS, "/api/v2/personFields", f"{PERSONS}/search", "/api/v2/itemSearch"]


def test_a_custom_field_without_a_value_is_left_out(sandbox, pipedrive, code):
    score = code("Churn score")
    person = pipedrive.person(custom_fields={score: 5})
    assert len(person["custom_fields"]) > 1
    sandbox.switches.set("pipedrive.unset_custom_fields", "absent")
    path = f"{PERSONS}/{person['id']}"
    assert pipedrive.data(path)["custom_fields"] == {score: 5}
    assert (
        pipedrive.patch(path, {"custom_fields": {score: None}}).json()["data"]["custom_fields"]
        == {}
    )


@pytest.mark.parametrize("path", LISTS)
def test_the_last_page_is_the_one_with_nothing_beside_it(sandbox, pipedrive, path):
    sandbox.switches.set("pipedrive.last_page", "absent")
    asked = {"term": "example"} if path.lower().endswith("search") else {}
    first = pipedrive.get(path, **asked, limit=1).json()
    marker = first["additional_data"]["next_cursor"]
    last = pipedrive.get(path, **asked, limit=100, cursor=marker).json()
    assert last["data"]
    assert "additional_data" not in last


def test_times_read_with_milliseconds_and_can_be_asked_for_without(sandbox, pipedrive):
    sandbox.switches.set("pipedrive.milliseconds", True)
    person = pipedrive.person()
    assert person["update_time"] == person["add_time"]
    assert person["add_time"].endswith(".000Z")
    since = person["update_time"].replace(".000Z", "Z")
    assert person in pipedrive.data(PERSONS, updated_since=since)


def test_times_of_activities_read_with_seconds(sandbox, pipedrive):
    sandbox.switches.set("pipedrive.activity_times", "seconds")
    call = pipedrive.make(ACTIVITIES, subject="Call", due_time="09:30")
    assert (call["due_time"], call["duration"]) == ("09:30:00", None)


def test_a_deleted_record_is_given_by_id_for_persons_only(sandbox, pipedrive):
    sandbox.switches.set("pipedrive.deleted_by_id", "missing")
    person = f"{PERSONS}/{pipedrive.person()['id']}"
    call = f"{ACTIVITIES}/{pipedrive.make(ACTIVITIES, subject='Call')['id']}"
    for path in (person, call):
        assert pipedrive.delete(path).ok
    assert pipedrive.data(person)["is_deleted"]
    assert pipedrive.get(call).status_code == 404


def test_deleting_leaves_the_time_of_the_last_change(sandbox, pipedrive):
    sandbox.switches.set("pipedrive.delete_touches", False)
    person = pipedrive.person()
    sandbox.clock.advance(10)
    pipedrive.delete(f"{PERSONS}/{person['id']}")
    gone = pipedrive.data(f"{PERSONS}/{person['id']}")
    assert (gone["is_deleted"], gone["update_time"]) == (True, person["update_time"])


@pytest.mark.parametrize(
    ("name", "parts"), [("Ann Marie Lee", ("Ann Marie", "Lee")), ("Ann", ("Ann", None))]
)
def test_a_name_is_split_before_its_last_word(sandbox, pipedrive, name, parts):
    sandbox.switches.set("pipedrive.name_split", "last_word")
    person = pipedrive.person(name=name)
    assert (person["first_name"], person["last_name"]) == parts


@pytest.mark.parametrize("key", ["Churn score", "none"])
def test_a_refusal_names_the_field_beside_its_text(sandbox, pipedrive, code, key):
    sandbox.switches.set("pipedrive.refused_field", "beside")
    field = "0" * 40 if key == "none" else code(key)
    answer = pipedrive.post(PERSONS, {"name": "Ann", "custom_fields": {field: "five"}})
    assert answer.status_code == 400
    assert answer.json()["field_code"] == field
    assert field not in answer.json()["error"]
