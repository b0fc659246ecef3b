"""Pipedrive's own Node client, unmodified, against what only v1 serves."""

from __future__ import annotations

import pytest


def test_it_asks_who_is_calling(node):
    me = node.v1("Users", "getCurrentUser")["data"]
    assert (me["name"], me["company_domain"], me["is_you"]) == ("Jane Miller", "acme", True)
    users = node.v1("Users", "getUsers")["data"]
    assert [user["active_flag"] for user in users] == [True, True, False]


def test_it_writes_pages_and_deletes_notes(node):
    made = [
        node.v1("Notes", "addNote", AddNoteRequest={"content": f"Note {n}", "person_id": 1})["data"]
        for n in range(5)
    ]
    found, start = [], 0
    while start is not None:
        page = node.v1("Notes", "getNotes", person_id=1, start=start, limit=2, sort="id DESC")
        found += [note["id"] for note in page["data"]]
        start = page["additional_data"]["pagination"].get("next_start")
    assert found == sorted(found, reverse=True)
    assert {note["id"] for note in made} <= set(found)
    first = made[0]["id"]
    changed = node.v1("Notes", "updateNote", id=first, NoteRequest={"content": "Changed"})
    assert changed["data"]["content"] == "Changed"
    assert node.v1("Notes", "deleteNote", id=first)["data"] is True


def test_it_keeps_leads_with_labels(node):
    label = {"name": "Hot", "color": "red"}
    label_id = node.v1("LeadLabels", "addLeadLabel", AddLeadLabelRequest=label)["data"]["id"]
    lead = {"title": "Trial", "person_id": 1, "label_ids": [label_id]}
    made = node.v1("Leads", "addLead", AddLeadRequest=lead)["data"]
    value = {"value": {"amount": 100, "currency": "EUR"}}
    changed = node.v1("Leads", "updateLead", id=made["id"], UpdateLeadRequest=value)["data"]
    assert (changed["value"], changed["label_ids"]) == (value["value"], [label_id])
    page = node.v1("Leads", "getLeads", person_id=1, limit=500)
    assert made["id"] in [one["id"] for one in page["data"]]
    node.v1("Leads", "deleteLead", id=made["id"])
    page = node.v1("Leads", "getLeads", person_id=1, limit=500)
    assert made["id"] not in [one["id"] for one in page["data"]]


def test_it_saves_a_filter_and_lists_by_it(node):
    fields = node.v1("PersonFields", "getPersonFields", limit=500)["data"]
    name = next(field["id"] for field in fields if field["key"] == "name")
    condition = {"object": "person", "field_id": str(name), "operator": "=", "value": "Ann Filter"}
    empty = {"glue": "or", "conditions": []}
    groups = [{"glue": "and", "conditions": [condition]}, empty]
    request = {
        "name": "Anns",
        "type": "people",
        "conditions": {"glue": "and", "conditions": groups},
    }
    made = node.v1("Filters", "addFilter", AddFilterRequest=request)["data"]
    person = node.v2("Persons", "addPerson", AddPersonRequest={"name": "Ann Filter"})["data"]
    rows = node.v2("Persons", "getPersons", filter_id=made["id"])["data"]
    assert [row["id"] for row in rows] == [person["id"]]
    node.v1("Filters", "deleteFilter", id=made["id"])
    assert made["id"] not in [one["id"] for one in node.v1("Filters", "getFilters")["data"]]


def test_it_uploads_a_file(node):
    text = {"name": "offer.txt", "content": "Ten seats"}
    made = node.v1("Files", "addFile", file=text, person_id=1)["data"]
    assert (made["file_name"], made["file_size"], made["person_id"]) == ("offer.txt", 9, 1)
    assert bytes(node.v1("Files", "downloadFile", id=made["id"])["data"]) == b"Ten seats"
    renamed = node.v1("Files", "updateFile", id=made["id"], name="Offer", description="First")
    assert renamed["data"]["name"] == "Offer"


def test_it_registers_a_webhook(node):
    hook = {
        "subscription_url": "https://hooks.acme.example/pipedrive",
        "event_action": "change",
        "event_object": "person",
        "name": "Persons",
    }
    made = node.v1("Webhooks", "addWebhook", AddWebhookRequest=hook)["data"]
    assert [one["id"] for one in node.v1("Webhooks", "getWebhooks")["data"]] == [made["id"]]
    node.v1("Webhooks", "deleteWebhook", id=made["id"])
    assert node.v1("Webhooks", "getWebhooks")["data"] == []


def test_it_changes_activity_types(node):
    request = {"name": "Demo call", "icon_key": "call"}
    made = node.v1("ActivityTypes", "addActivityType", AddActivityTypeRequest=request)["data"]
    assert made["key_string"] == "demo_call"
    update = {"id": made["id"], "UpdateActivityTypeRequest": {"name": "Demo"}}
    assert node.v1("ActivityTypes", "updateActivityType", **update)["data"]["name"] == "Demo"
    gone = node.v1("ActivityTypes", "deleteActivityType", id=made["id"])["data"]
    assert gone["active_flag"] is False


def test_it_merges_two_persons(node):
    first = node.v2("Persons", "addPerson", AddPersonRequest={"name": "Ann"})["data"]["id"]
    other = {"name": "Ann L", "emails": [{"value": "ann@lee.example"}]}
    second = node.v2("Persons", "addPerson", AddPersonRequest=other)["data"]["id"]
    node.v1("Persons", "mergePersons", id=second, MergePersonsRequest={"merge_with_id": first})
    left = node.v2("Persons", "getPerson", id=first)["data"]
    assert (left["name"], left["emails"][0]["value"]) == ("Ann", "ann@lee.example")
    assert node.v2("Persons", "getPerson", id=second)["data"]["is_deleted"] is True


REFUSALS = [
    ("Notes", "addNote", {"AddNoteRequest": {"content": "hangs on nothing"}}, 400),
    ("Notes", "getNote", {"id": 999_999}, 404),
    ("Leads", "getLead", {"id": "00000000-0000-4000-8000-00000000ffff"}, 404),
    ("Users", "getCurrentUser", {"token": "wrong"}, 401),
    ("Webhooks", "getWebhooks", {"token": "sandbox-token-bob"}, 403),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: f"{one[1]}-{one[3]}")
def test_it_is_told_what_is_wrong(node, refused, sandbox, refusal):
    api, method, values, status = refusal
    error = refused(lambda: node.v1(api, method, **values))
    assert error["success"] is False
    assert error["error"]
    assert sandbox.journal()[-1]["status"] == status
