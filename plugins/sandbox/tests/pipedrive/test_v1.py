from __future__ import annotations

import pytest


def test_users_me_is_the_owner_of_the_token_with_the_company(pipedrive, client_of):
    me = pipedrive.data("/v1/users/me")
    assert (me["email"], me["is_you"], me["company_domain"]) == ("jane@acme.com", True, "acme")
    assert client_of(token="sandbox-token-bob").data("/v1/users/me")["email"] == "bob@acme.com"


def test_users_are_listed_whole_with_deactivated_ones(pipedrive):
    users = pipedrive.data("/v1/users")
    assert [(user["email"], user["active_flag"]) for user in users] == [
        ("jane@acme.com", True),
        ("bob@acme.com", True),
        ("gwen@acme.com", False),
    ]
    assert pipedrive.data("/v1/users/find", term="bob") == [users[1]]
    assert pipedrive.get("/v1/users", limit=1).status_code == 400


def test_v1_answers_under_both_prefixes_and_v2_under_one(pipedrive):
    assert pipedrive.data("/api/v1/users") == pipedrive.data("/v1/users")
    assert pipedrive.get("/v2/persons").status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1/persons", "/v1/deals", "/v1/organizations/1", "/v1/itemSearch"]
)
def test_what_v1_no_longer_supports_is_gone(pipedrive, path):
    assert pipedrive.get(path).status_code == 404


def test_an_activity_type_gets_its_key_from_its_name_and_keeps_it(pipedrive):
    body = {"name": "Follow up", "icon_key": "task"}
    made = pipedrive.make("/v1/activityTypes", **body)
    assert made["key_string"] == "follow_up"
    path = f"/v1/activityTypes/{made['id']}"
    assert pipedrive.put(path, {"name": "Chase"}).json()["data"]["key_string"] == "follow_up"
    pipedrive.make("/api/v2/activities", subject="Chase", type="follow_up")
    assert pipedrive.delete(path).json()["data"]["active_flag"] is False
    body = {"subject": "Chase", "type": "follow_up"}
    assert pipedrive.post("/api/v2/activities", body).status_code == 400


def test_a_note_hangs_on_something_and_shows_its_name(pipedrive):
    person = pipedrive.person()
    assert pipedrive.post("/v1/notes", {"content": "Hello"}).status_code == 400
    note = pipedrive.make(
        "/v1/notes", content="<p>Hello</p>", person_id=person["id"], pinned_to_person_flag=1
    )
    assert note["person"] == {"name": "Ann Lee"}
    assert note["pinned_to_person_flag"] is True
    assert note["user"]["email"] == "jane@acme.com"
    listed = pipedrive.data("/v1/notes", person_id=person["id"], pinned_to_person_flag=1)
    assert listed == [note]
    path = f"/v1/notes/{note['id']}"
    assert pipedrive.put(path, {"content": "Bye"}).json()["data"]["content"] == "Bye"
    assert pipedrive.delete(path).json() == {"success": True, "data": True}
    assert pipedrive.get(path).status_code == 404


def test_v1_pages_by_start_and_limit(pipedrive):
    person = pipedrive.person()
    made = [
        pipedrive.make("/v1/notes", content=f"n{n}", person_id=person["id"])["id"] for n in range(5)
    ]
    query = {"person_id": person["id"], "limit": 2, "sort": "id DESC"}
    first = pipedrive.get("/v1/notes", **query).json()
    assert [note["id"] for note in first["data"]] == made[:-3:-1]
    assert first["additional_data"]["pagination"] == {
        "start": 0,
        "limit": 2,
        "more_items_in_collection": True,
        "next_start": 2,
    }
    last = pipedrive.get("/v1/notes", **query, start=4).json()
    assert last["additional_data"]["pagination"]["more_items_in_collection"] is False


@pytest.mark.parametrize(
    "query", [{"sort": "colour"}, {"sort": "id UP"}, {"start": -1}, {"cursor": "x"}], ids=str
)
def test_a_wrong_v1_parameter_is_refused(pipedrive, query):
    assert pipedrive.get("/v1/notes", **query).status_code == 400


def test_notes_and_leads_take_updated_since(sandbox, pipedrive):
    sandbox.clock.freeze(True)
    now = sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    person = pipedrive.person()
    note = pipedrive.make("/v1/notes", content="new", person_id=person["id"])
    lead = pipedrive.make("/v1/leads", title="New", person_id=person["id"])
    assert pipedrive.data("/v1/notes", updated_since=now) == [note]
    assert pipedrive.data("/v1/leads", updated_since=now) == [lead]


def test_a_lead_has_a_uuid_and_a_link_and_can_be_archived(pipedrive):
    person, label = pipedrive.person(), pipedrive.data("/v1/leadLabels")[0]["id"]
    assert pipedrive.post("/v1/leads", {"title": "Lead"}).status_code == 400
    body = {"title": "Lead", "person_id": person["id"], "label_ids": [label]}
    answer = pipedrive.post("/v1/leads", {**body, "value": {"amount": 5, "currency": "EUR"}})
    assert answer.status_code == 201
    lead = answer.json()["data"]
    assert len(lead["id"]) == 36
    path = f"/v1/leads/{lead['id']}"
    assert pipedrive.patch(path, {"is_archived": True}).json()["data"]["is_archived"] is True
    assert lead["id"] not in {row["id"] for row in pipedrive.data("/v1/leads")}
    assert lead["id"] in {row["id"] for row in pipedrive.data("/v1/leads/archived")}
    assert pipedrive.post("/v1/leads", {**body, "label_ids": ["1"]}).status_code == 400
    assert pipedrive.post("/v1/leads", {**body, "visible_to": 3}).status_code == 400


def test_a_note_is_pinned_to_what_the_same_body_names(pipedrive):
    person = pipedrive.person()["id"]
    note = pipedrive.make("/v1/notes", content="Hello", person_id=person)
    path, pin = f"/v1/notes/{note['id']}", {"pinned_to_person_flag": 1}
    assert pipedrive.put(path, pin).status_code == 400
    assert pipedrive.put(path, {**pin, "person_id": person}).status_code == 200


@pytest.mark.parametrize(
    ("position", "stored"),
    [
        ("kept", '<div class="x">A &amp; "B"<script>1</script></div>'),
        ("sanitised", "<p>A &amp; &quot;B&quot;</p>"),
    ],
)
def test_what_becomes_of_html_is_a_switch(sandbox, pipedrive, position, stored):
    sandbox.switches.set("pipedrive.note_html", position)
    text = '<div class="x">A &amp; "B"<script>1</script></div>'
    note = pipedrive.make("/v1/notes", content=text, person_id=pipedrive.person()["id"])
    activity = pipedrive.make("/api/v2/activities", subject="Call", note=text)
    assert [note["content"], activity["note"]] == [stored, stored]


def test_a_lead_has_the_custom_fields_of_deals_beside_the_others(sandbox, pipedrive):
    key = sandbox.pipedrive.field("deal", "Signal")["field_code"]
    body = {"title": "Lead", "person_id": pipedrive.person()["id"]}
    assert key not in pipedrive.make("/v1/leads", **body)
    lead = pipedrive.make("/v1/leads", **body, **{key: "S-1"})
    assert lead[key] == "S-1"
    path = f"/v1/leads/{lead['id']}"
    assert pipedrive.patch(path, {key: None}).status_code == 200
    assert key not in pipedrive.data(path)
    assert pipedrive.post("/v1/leads", {**body, key: 5}).status_code == 400
    assert pipedrive.post("/v1/leads", {**body, "custom_fields": {}}).status_code == 400


def test_a_lead_is_archived_only_once_it_is_there(pipedrive):
    body = {"title": "Lead", "person_id": pipedrive.person()["id"]}
    assert pipedrive.post("/v1/leads", {**body, "is_archived": True}).status_code == 400
    lead = pipedrive.make("/v1/leads", **body)
    assert pipedrive.patch(f"/v1/leads/{lead['id']}", {"is_archived": True}).status_code == 200


def test_an_activity_can_point_at_a_lead(pipedrive):
    lead = pipedrive.make("/v1/leads", title="Lead", person_id=pipedrive.person()["id"])
    made = pipedrive.make("/api/v2/activities", subject="Call", lead_id=lead["id"])
    assert pipedrive.data("/api/v2/activities", lead_id=lead["id"]) == [made]


def test_a_saved_filter_narrows_a_list_and_overrides_other_filters(pipedrive, code):
    key = code("Lifecycle stage")
    person = pipedrive.person(custom_fields={key: "churned"}, emails=[{"value": "zed@example.com"}])
    numbers = {field["key"]: field["id"] for field in pipedrive.data("/v1/personFields", limit=500)}

    def condition(field, operator, value):
        names = {"object": "person", "field_id": str(numbers[field])}
        return {**names, "operator": operator, "value": value, "extra_value": None}

    every = [condition(key, "=", "churned"), condition("email", "LIKE '%$%'", "zed@")]
    any_of = [condition("name", "=", "nobody"), condition("name", "IS NOT NULL", None)]
    groups = [{"glue": "and", "conditions": every}, {"glue": "or", "conditions": any_of}]
    body = {"name": "Gone", "type": "people", "conditions": {"glue": "and", "conditions": groups}}
    saved = pipedrive.make("/v1/filters?include_field_code=true", **body)
    assert saved["conditions"]["conditions"][0]["conditions"][0]["field_code"] == key
    found = pipedrive.data("/api/v2/persons", filter_id=saved["id"], owner_id=2)
    assert [row["id"] for row in found] == [person["id"]]
    assert pipedrive.get("/api/v2/organizations", filter_id=saved["id"]).status_code == 400
    assert pipedrive.get("/api/v2/persons", filter_id=999).status_code == 400
    assert [row["id"] for row in pipedrive.data("/v1/filters", type="people")] == [saved["id"]]
    assert pipedrive.delete(f"/v1/filters/{saved['id']}").status_code == 200
    assert pipedrive.data("/v1/filters") == []


def test_a_filter_holds_at_most_16_known_conditions(pipedrive):
    def conditions(number, field_id="2"):
        one = {"object": "person", "field_id": field_id, "operator": "=", "value": "x"}
        return {"glue": "and", "conditions": [{"glue": "and", "conditions": [one] * number}]}

    body = {"name": "Many", "type": "people", "conditions": conditions(16)}
    number = next(f["id"] for f in pipedrive.data("/v1/personFields") if f["key"] == "name")
    body["conditions"] = conditions(16, str(number))
    assert pipedrive.post("/v1/filters", body).status_code == 200
    body["conditions"] = conditions(17, str(number))
    assert pipedrive.post("/v1/filters", body).status_code == 400
    body["conditions"] = conditions(1, "999999")
    assert pipedrive.post("/v1/filters", body).status_code == 400


def test_a_file_is_uploaded_renamed_downloaded_and_removed(pipedrive):
    person = pipedrive.person()
    upload = {"files": {"file": ("a.txt", b"hello")}, "data": {"person_id": str(person["id"])}}
    made = pipedrive.call("POST", "/v1/files", **upload).json()["data"]
    assert (made["file_name"], made["file_size"], made["person_name"]) == ("a.txt", 5, "Ann Lee")
    path = f"/v1/files/{made['id']}"
    assert pipedrive.get(f"{path}/download").content == b"hello"
    assert pipedrive.call("PUT", path, data={"name": "b.txt"}).json()["data"]["name"] == "b.txt"
    assert [row["id"] for row in pipedrive.data("/v1/files")] == [made["id"]]
    assert pipedrive.get("/v1/files", limit=101).status_code == 400
    assert pipedrive.delete(path).status_code == 200
    assert pipedrive.data("/v1/files") == []


def test_webhooks_are_registered_up_to_40(pipedrive):
    body = {
        "subscription_url": "https://example.com/hook",
        "event_action": "*",
        "event_object": "person",
        "name": "Hook",
    }
    assert pipedrive.post("/v1/webhooks", {**body, "event_object": "cat"}).status_code == 400
    assert (
        pipedrive.post("/v1/webhooks", {**body, "subscription_url": "http://x"}).status_code == 400
    )
    made = [pipedrive.post("/v1/webhooks", body) for _ in range(40)]
    assert {answer.status_code for answer in made} == {201}
    assert pipedrive.post("/v1/webhooks", body).status_code == 422
    assert len(pipedrive.data("/v1/webhooks")) == 40
    assert pipedrive.delete(f"/v1/webhooks/{made[0].json()['data']['id']}").status_code == 200


def test_small_catalogues_are_given_whole(pipedrive):
    assert [row["code"] for row in pipedrive.data("/v1/currencies", term="eur")] == ["EUR"]
    assert {"name": "API"} in pipedrive.data("/v1/leadSources")
    label = pipedrive.make("/v1/leadLabels", name="New", color="blue")
    assert pipedrive.post("/v1/leadLabels", {"name": "New", "color": "teal"}).status_code == 400
    assert pipedrive.delete(f"/v1/leadLabels/{label['id']}").json()["data"] == {"id": label["id"]}
    assert [one["type"] for one in pipedrive.data("/v1/permissionSets")] == ["admin", "regular"]
