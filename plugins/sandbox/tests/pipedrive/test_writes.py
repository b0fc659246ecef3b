from __future__ import annotations

import pytest

PERSONS = "/api/v2/persons"
ORGANIZATIONS = "/api/v2/organizations"


def test_a_new_person_is_there_with_the_defaults_of_its_creator(sandbox, pipedrive):
    person = pipedrive.person(name="Ann Marie Lee")
    assert (person["first_name"], person["last_name"]) == ("Ann", "Marie Lee")
    assert (person["owner_id"], person["visible_to"], person["is_deleted"]) == (1, 3, False)
    assert person["add_time"] == person["update_time"]
    assert pipedrive.data(f"{PERSONS}/{person['id']}") == person
    assert sandbox.pipedrive.rows("person")[person["id"]]["name"] == "Ann Marie Lee"


def test_two_name_parts_are_joined(pipedrive):
    body = {"first_name": "Ann", "last_name": "Lee"}
    assert pipedrive.post(PERSONS, body).json()["data"]["name"] == "Ann Lee"
    body = {"first_name": "", "last_name": "Lee"}
    assert pipedrive.post(PERSONS, body).json()["data"]["name"] == "Lee"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"emails": []},
        {"name": ""},
        {"name": "  "},
        {"name": None},
        {"name": 5},
        {"first_name": "Ann"},
        {"first_name": "", "last_name": ""},
        {"name": "Ann", "first_name": "Ann"},
        {"name": "Ann", "id": 3},
        {"name": "Ann", "update_time": "2025-01-01T00:00:00Z"},
        {"name": "Ann", "is_deleted": False},
        {"name": "Ann", "picture_id": 3},
        {"name": "Ann", "email": "a@example.com"},
        {"name": "Ann", "owner_id": "1"},
        {"name": "Ann", "owner_id": 99},
        {"name": "Ann", "owner_id": 3},
        {"name": "Ann", "owner_id": True},
        {"name": "Ann", "org_id": 999_999},
        {"name": "Ann", "visible_to": 2},
        {"name": "Ann", "visible_to": "3"},
        {"name": "Ann", "label_ids": [999]},
        {"name": "Ann", "label_ids": 1},
        {"name": "Ann", "emails": "a@example.com"},
        {"name": "Ann", "emails": ["a@example.com"]},
        {"name": "Ann", "emails": [{"label": "work"}]},
        {"name": "Ann", "emails": [{"value": "a", "primary_flag": True}]},
        {"name": "Ann", "emails": [{"value": "a", "primary": "yes"}]},
        {"name": "Ann", "emails": [{"value": v, "primary": True} for v in "ab"]},
        {"name": "Ann", "add_time": "yesterday"},
        {"name": "Ann", "custom_fields": []},
        {"name": "Ann", "unknown": 1},
        [],
        "Ann",
    ],
    ids=str,
)
def test_a_wrong_body_is_refused_and_nothing_is_stored(sandbox, pipedrive, body):
    before = sandbox.pipedrive.counts()
    answer = pipedrive.post(PERSONS, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "ERR_SCHEMA_VALIDATION_FAILED"
    assert sandbox.pipedrive.counts() == before


@pytest.mark.parametrize("field", ["postal_address", "notes", "im", "birthday", "job_title"])
def test_contact_sync_fields_are_refused_without_contact_sync(sandbox, pipedrive, field):
    values = {
        "postal_address": {"value": "Main St"},
        "im": [{"value": "ann"}],
        "birthday": "2000-01-31",
    }
    body = {"name": "Ann", field: values.get(field, "text")}
    assert pipedrive.post(PERSONS, body).status_code == 403
    sandbox.switches.set("pipedrive.contact_sync", True)
    assert pipedrive.post(PERSONS, body).status_code == 200


def test_a_body_must_be_json_and_say_so(pipedrive):
    form = pipedrive.call("POST", PERSONS, data={"name": "Ann"})
    assert form.status_code == 400
    headers = {"content-type": "application/json"}
    assert pipedrive.call("POST", PERSONS, data="{", headers=headers).status_code == 400


def test_the_first_email_is_primary_when_none_is_marked(pipedrive):
    emails = [{"value": "a@example.com"}, {"value": "b@example.com", "label": "home"}]
    assert pipedrive.person(emails=emails)["emails"] == [
        {"value": "a@example.com", "primary": True, "label": "work"},
        {"value": "b@example.com", "primary": False, "label": "home"},
    ]


def test_patch_changes_only_what_is_sent(sandbox, pipedrive, code):
    sandbox.clock.freeze(True)
    values = {code("Churn score"): 0.5, code("Product ID"): "p-1"}
    person = pipedrive.person(emails=[{"value": "a@example.com"}], custom_fields=values)
    sandbox.clock.advance(10)
    body = {"custom_fields": {code("Churn score"): 0.7}}
    changed = pipedrive.patch(f"{PERSONS}/{person['id']}", body).json()["data"]
    assert changed["custom_fields"][code("Churn score")] == 0.7
    assert changed["custom_fields"][code("Product ID")] == "p-1"
    assert changed["emails"] == person["emails"]
    assert changed["update_time"] > person["update_time"]
    assert changed["add_time"] == person["add_time"]


def test_patch_of_a_list_replaces_it_unless_the_switch_says_merge(sandbox, pipedrive):
    person = pipedrive.person(emails=[{"value": "a@example.com"}])
    path, body = f"{PERSONS}/{person['id']}", {"emails": [{"value": "b@example.com"}]}
    values = [one["value"] for one in pipedrive.patch(path, body).json()["data"]["emails"]]
    assert values == ["b@example.com"]
    sandbox.switches.set("pipedrive.patch_lists", "merge")
    body = {"emails": [{"value": "c@example.com"}]}
    values = [one["value"] for one in pipedrive.patch(path, body).json()["data"]["emails"]]
    assert values == ["c@example.com", "b@example.com"]


def test_null_unlinks_the_organization(pipedrive):
    organization = pipedrive.make(ORGANIZATIONS, name="Acme")
    person = pipedrive.person(org_id=organization["id"])
    changed = pipedrive.patch(f"{PERSONS}/{person['id']}", {"org_id": None}).json()["data"]
    assert changed["org_id"] is None


def test_add_time_can_be_set_by_post_alone(pipedrive):
    person = pipedrive.person(add_time="2024-02-03T04:05:06Z")
    assert person["add_time"] == "2024-02-03T04:05:06Z"
    path = f"{PERSONS}/{person['id']}"
    assert pipedrive.patch(path, {"add_time": "2024-02-03T04:05:07Z"}).status_code == 400


def test_a_patch_that_changes_nothing_moves_update_time_only_if_the_switch_says_so(
    sandbox, pipedrive
):
    sandbox.clock.freeze(True)
    person = pipedrive.person()
    path = f"{PERSONS}/{person['id']}"
    sandbox.clock.advance(60)
    sandbox.switches.set("pipedrive.noop_patch_touches", False)
    same = pipedrive.patch(path, {"name": "Ann Lee"}).json()["data"]
    assert same["update_time"] == person["update_time"]
    sandbox.switches.set("pipedrive.noop_patch_touches", True)
    touched = pipedrive.patch(path, {"name": "Ann Lee"}).json()["data"]
    assert touched["update_time"] > person["update_time"]


def test_a_deleted_person_reads_back_for_30_days_and_can_not_be_written(sandbox, pipedrive):
    sandbox.clock.freeze(True)
    person = pipedrive.person()
    path = f"{PERSONS}/{person['id']}"
    sandbox.clock.advance(60)
    assert pipedrive.delete(path).json() == {"success": True, "data": {"id": person["id"]}}
    gone = pipedrive.data(path)
    assert gone["is_deleted"] is True
    assert gone["update_time"] > person["update_time"]
    assert pipedrive.patch(path, {"name": "Again"}).status_code == 404
    assert pipedrive.delete(path).status_code == 404
    sandbox.clock.advance(31 * 86_400)
    assert pipedrive.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/999999", "/abc", "/-1"])
def test_a_record_that_is_not_there_can_not_be_read(pipedrive, path):
    assert pipedrive.get(PERSONS + path).status_code in (400, 404)


def test_an_organization_needs_a_name_and_its_address_is_completed_with_nulls(pipedrive):
    assert pipedrive.post(ORGANIZATIONS, {"website": "https://acme.example"}).status_code == 400
    made = pipedrive.make(ORGANIZATIONS, name="Acme", address={"value": "Main St 1"})
    assert made["address"]["value"] == "Main St 1"
    assert made["address"]["postal_code"] is None
    path = f"{ORGANIZATIONS}/{made['id']}"
    assert pipedrive.patch(path, {"address": {"country": "US"}}).status_code == 400
    assert pipedrive.patch(path, {"address": "Main St"}).status_code == 400
    assert pipedrive.patch(path, {"website": None}).json()["data"]["website"] is None


def test_an_activity_belongs_to_its_primary_participant(pipedrive):
    ann, bob = pipedrive.person(), pipedrive.person(name="Bob Fox")
    body = {
        "subject": "Call",
        "participants": [{"person_id": ann["id"]}, {"person_id": bob["id"], "primary": True}],
    }
    made = pipedrive.make("/api/v2/activities", **body)
    assert made["person_id"] == bob["id"]
    assert [row["id"] for row in pipedrive.data("/api/v2/activities", person_id=bob["id"])] == [
        made["id"]
    ]
    assert pipedrive.data("/api/v2/activities", person_id=ann["id"]) == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": "call"},
        {"subject": "Call", "type": "no_such_type"},
        {"subject": "Call", "person_id": 1},
        {"subject": "Call", "participants": [{"person_id": 999_999}]},
        {"subject": "Call", "priority": 999},
        {"subject": "Call", "priority": "High"},
        {"subject": "Call", "due_date": "01/02/2025"},
        {"subject": "Call", "due_time": "9:00"},
        {"subject": "Call", "done": 1},
        {"subject": "Call", "owner_id": 3},
        {"subject": "Call", "custom_fields": {}},
    ],
    ids=str,
)
def test_a_wrong_activity_is_refused(pipedrive, body):
    assert pipedrive.post("/api/v2/activities", body).status_code == 400


def test_done_sets_the_time_and_undone_clears_it(pipedrive, option):
    made = pipedrive.make("/api/v2/activities", subject="Call", due_time="09:30", done=True)
    assert made["marked_as_done_time"]
    assert made["due_time"] == "09:30:00"
    path = f"/api/v2/activities/{made['id']}"
    body = {"done": False, "priority": option("Priority", "High", "activity")}
    assert pipedrive.patch(path, body).json()["data"]["marked_as_done_time"] is None
