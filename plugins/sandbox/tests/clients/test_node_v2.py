"""Pipedrive's own Node client, unmodified, against v2."""

from __future__ import annotations

import pytest

# What each class is called with: records, one of them, what to send at first and then.
KINDS = {
    "Person": ({"name": "Ann Lee"}, {"name": "Ann Lind"}),
    "Organization": ({"name": "Acme"}, {"name": "Acme Ltd"}),
    "Deal": ({"title": "Ten seats"}, {"title": "Twelve seats", "value": 12.5}),
    "Activity": ({"subject": "Ring", "type": "call"}, {"done": True}),
    "Product": ({"name": "Seat"}, {"code": "S-1"}),
    "Pipeline": ({"name": "Partners"}, {"name": "Resellers"}),
    "Stage": ({"name": "Signed", "pipeline_id": 1}, {"name": "Paid"}),
}
MANY = {"Activity": "Activities"}


def class_of(kind):
    return MANY.get(kind, f"{kind}s")


@pytest.mark.parametrize("kind", KINDS)
def test_it_creates_reads_changes_and_deletes(node, kind):
    api, (new, changed) = class_of(kind), KINDS[kind]
    made = node.v2(api, f"add{kind}", **{f"Add{kind}Request": new})["data"]
    assert new.items() <= made.items()
    body = "AddActivityRequest" if kind == "Activity" else f"Update{kind}Request"
    updated = node.v2(api, f"update{kind}", **{"id": made["id"], body: changed})["data"]
    assert changed.items() <= updated.items()
    assert changed.items() <= node.v2(api, f"get{kind}", id=made["id"])["data"].items()
    assert node.v2(api, f"delete{kind}", id=made["id"])["data"] == {"id": made["id"]}
    assert node.v2(api, f"get{kind}", id=made["id"])["data"]["is_deleted"] is True


@pytest.mark.parametrize("kind", KINDS)
def test_it_pages_through_each_list(node, sandbox, kind):
    api, found, cursor = class_of(kind), [], {}
    while cursor is not None:
        page = node.v2(api, f"get{api}", limit=7, **cursor)
        found += [row["id"] for row in page["data"]]
        following = page["additional_data"]["next_cursor"]
        cursor = {"cursor": following} if following else None
    stored = sandbox.pipedrive.rows(kind.lower()).values()
    shown = [row["id"] for row in stored if not (row["is_deleted"] or row.get("is_archived"))]
    assert found == sorted(shown)


def test_it_narrows_sorts_and_shapes_a_list(node):
    old = node.v2("Persons", "getPersons", sort_by="update_time", sort_direction="asc", limit=3)
    since = old["data"][-1]["update_time"]
    rows = node.v2(
        "Persons",
        "getPersons",
        updated_since=since,
        sort_by="update_time",
        sort_direction="desc",
        include_fields="activities_count",
        include_option_labels=True,
        include_labels=True,
    )["data"]
    times = [row["update_time"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert min(times) >= since
    assert all("activities_count" in row and "labels" in row for row in rows)


def test_it_reads_some_records_by_their_ids(node):
    rows = node.v2("Persons", "getPersons", ids="3,1,2")["data"]
    assert [row["id"] for row in rows] == [1, 2, 3]


def test_it_makes_a_field_with_options_and_fills_it(node):
    fields = "PersonFields"
    request = {
        "field_name": "Region",
        "field_type": "enum",
        "options": [{"label": "North"}, {"label": "South"}],
    }
    field = node.v2(fields, "addPersonField", AddPersonFieldRequest=request)["data"]
    code, south = field["field_code"], field["options"][1]["id"]
    person = {"name": "Ann Lee", "custom_fields": {code: south}}
    made = node.v2("Persons", "addPerson", AddPersonRequest=person)["data"]
    assert made["custom_fields"][code] == south
    listed = node.v2(fields, "getPersonFields", limit=500)["data"]
    assert code in [one["field_code"] for one in listed]
    assert node.v2(fields, "getPersonField", field_code=code)["data"]["field_name"] == "Region"
    node.v2(fields, "deletePersonField", field_code=code)
    assert code not in node.v2("Persons", "getPerson", id=made["id"])["data"]["custom_fields"]


def test_it_searches(node, sandbox):
    code = sandbox.pipedrive.field("person", "Product ID")["field_code"]
    person = {
        "name": "Zoltan Kodaly",
        "emails": [{"value": "zoltan@kodaly.example"}],
        "custom_fields": {code: "Z-77"},
    }
    made = node.v2("Persons", "addPerson", AddPersonRequest=person)["data"]
    hits = node.v2(
        "Persons", "searchPersons", term="ZOLTAN@kodaly.example", fields="email", exact_match=True
    )
    assert [hit["item"]["id"] for hit in hits["data"]["items"]] == [made["id"]]
    mixed = node.v2("ItemSearch", "searchItem", term="Kodaly", item_types="person")
    assert mixed["data"]["items"][0]["item"]["name"] == "Zoltan Kodaly"
    by_field = node.v2(
        "ItemSearch", "searchItemByField", term="Z-77", entity_type="person", field=code
    )
    assert [hit["id"] for hit in by_field["data"]] == [made["id"]]


def test_a_bad_body_is_a_400_that_names_the_field(node, refused):
    body = {"name": "Ann", "custom_fields": {"f" * 40: "x"}}
    error = refused(lambda: node.v2("Persons", "addPerson", AddPersonRequest=body))
    assert (error["success"], error["code"]) == (False, "ERR_SCHEMA_VALIDATION_FAILED")
    assert error["field_code"] == "f" * 40


def test_a_wrong_token_is_a_401(node, refused):
    error = refused(lambda: node.v2("Persons", "getPersons", token="wrong"))
    assert (error["error"], error["errorCode"]) == ("unauthorized access", 401)


def test_a_missing_record_is_a_404(node, refused, sandbox):
    error = refused(lambda: node.v2("Persons", "getPerson", id=999_999))
    assert (error["success"], error["data"]) == (False, None)
    assert sandbox.journal()[-1]["status"] == 404


def test_what_a_regular_user_may_not_do_is_a_403(node, refused, sandbox):
    field = {"field_name": "Mine", "field_type": "varchar"}
    refused(
        lambda: node.v2(
            "PersonFields", "addPersonField", token="sandbox-token-bob", AddPersonFieldRequest=field
        )
    )
    assert sandbox.journal()[-1]["status"] == 403


def test_too_many_requests_are_a_429_and_in_the_end_a_page(node, refused, sandbox):
    sandbox.reset(plan="lite")
    sandbox.clock.freeze(True)
    sandbox.switches.set("pipedrive.block_after_429", 2)
    for _ in range(20):
        node.v2("Persons", "getPersons", limit=1)
    assert refused(lambda: node.v2("Persons", "getPersons", limit=1))["success"] is False
    assert sandbox.journal()[-1]["status"] == 429
    refused(lambda: node.v2("Persons", "getPersons", limit=1))
    assert "<html" in refused(lambda: node.v2("Persons", "getPersons", limit=1))
    assert sandbox.journal()[-1]["status"] == 403
