from __future__ import annotations

import base64
import json

import pytest

PERSONS = "/api/v2/persons"


def test_walking_the_pages_gives_every_row_once_in_the_order_of_ids(pipedrive):
    ids = [row["id"] for page in pipedrive.pages(PERSONS, limit=7) for row in page]
    assert ids == list(range(1, 61))


@pytest.mark.parametrize("field", ["id", "update_time", "add_time"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_follow_any_order_in_both_directions(pipedrive, field, direction):
    query = {"limit": 9, "sort_by": field, "sort_direction": direction}
    rows = [row for page in pipedrive.pages(PERSONS, **query) for row in page]
    places = [(row[field], row["id"]) for row in rows]
    assert places == sorted(places, reverse=direction == "desc")
    assert len(rows) == 60


def test_ties_in_the_sort_field_do_not_lose_rows_between_pages(sandbox, pipedrive):
    sandbox.clock.freeze(True)
    made = {pipedrive.person(name=f"Tie {n}")["id"] for n in range(5)}
    since = pipedrive.data(f"{PERSONS}/{min(made)}")["update_time"]
    query = {"limit": 2, "sort_by": "update_time", "updated_since": since}
    seen = [row["id"] for page in pipedrive.pages(PERSONS, **query) for row in page]
    assert seen == sorted(made)


def test_a_row_that_is_edited_during_an_ascending_walk_appears_again(sandbox, pipedrive):
    pages = pipedrive.pages(PERSONS, limit=30, sort_by="update_time")
    first = next(pages)
    pipedrive.patch(f"{PERSONS}/{first[0]['id']}", {"name": "Edited Row"})
    rest = [row["id"] for page in pages for row in page]
    assert rest[-1] == first[0]["id"]


def test_updated_since_is_inclusive_and_updated_until_is_not(pipedrive):
    rows = sorted(pipedrive.data(PERSONS, limit=500), key=lambda row: row["update_time"])
    low, high = rows[10]["update_time"], rows[20]["update_time"]
    found = pipedrive.data(PERSONS, updated_since=low, updated_until=high, limit=500)
    wanted = {row["id"] for row in rows if low <= row["update_time"] < high}
    assert {row["id"] for row in found} == wanted
    assert wanted


def test_filters_narrow_a_list(pipedrive):
    rows = pipedrive.data(PERSONS, limit=500)
    linked = next(row["org_id"] for row in rows if row["org_id"])
    assert {row["id"] for row in pipedrive.data(PERSONS, org_id=linked)} == {
        row["id"] for row in rows if row["org_id"] == linked
    }
    assert {row["owner_id"] for row in pipedrive.data(PERSONS, owner_id=2)} == {2}


def test_ids_fetches_the_named_rows_and_leaves_out_what_does_not_exist(pipedrive):
    assert [row["id"] for row in pipedrive.data(PERSONS, ids="3,999999,1")] == [1, 3]


def test_a_page_holds_100_rows_unless_told_otherwise(sandbox, pipedrive):
    sandbox.reset(persons=120)
    page = pipedrive.get(PERSONS).json()
    assert len(page["data"]) == 100
    assert page["additional_data"]["next_cursor"]


def test_the_cursor_is_a_keyset_marker_of_field_value_and_id(pipedrive):
    text = pipedrive.get(PERSONS, limit=7).json()["additional_data"]["next_cursor"]
    marker = json.loads(base64.urlsafe_b64decode(text + "=="))
    assert {**marker, "query": 0} == {
        "field": "id",
        "fieldValue": 7,
        "sortDirection": "asc",
        "id": 7,
        "query": 0,
    }


def test_a_cursor_is_bound_to_its_query(pipedrive):
    text = pipedrive.get(PERSONS, limit=7).json()["additional_data"]["next_cursor"]
    assert pipedrive.get(PERSONS, limit=9, cursor=text).status_code == 200
    assert pipedrive.get(PERSONS, limit=7, cursor=text, owner_id=1).status_code == 400
    assert pipedrive.get("/api/v2/organizations", cursor=text).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"unknown": "1"},
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "ten"},
        {"cursor": "nonsense"},
        {"cursor": "eyJhIjoxfQ"},
        {"owner_id": "jane"},
        {"sort_by": "name"},
        {"sort_direction": "up"},
        {"updated_since": "2025-01-01T00:00:00.000Z"},
        {"updated_since": "2025-01-01 00:00:00"},
        {"updated_since": "2025-01-01T00:00:00+02:00"},
        {"updated_since": "2025-13-01T00:00:00Z"},
        {"ids": ",".join(str(n) for n in range(101))},
        {"include_fields": "everything"},
        {"custom_fields": "nope"},
        {"custom_fields": ",".join("abcdefghijklmnop")},
        {"include_option_labels": "1"},
        {"start": "0"},
    ],
    ids=lambda query: "&".join(f"{name}={value[:24]}" for name, value in query.items()),
)
def test_a_wrong_parameter_is_refused(pipedrive, query):
    answer = pipedrive.get(PERSONS, **query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "ERR_SCHEMA_VALIDATION_FAILED"


def test_an_unknown_parameter_may_be_passed_over(sandbox, pipedrive):
    sandbox.switches.set("pipedrive.unknown_parameters", "ignore")
    assert len(pipedrive.data(PERSONS, unknown="1", limit=500)) == 60
    assert pipedrive.get(PERSONS, limit="ten").status_code == 400


def test_a_parameter_given_twice_is_refused(pipedrive):
    assert pipedrive.call("GET", f"{PERSONS}?limit=1&limit=2").status_code == 400


def test_a_limit_above_the_maximum_may_be_clamped_instead(sandbox, pipedrive):
    sandbox.switches.set("pipedrive.limit_over_maximum", "clamp")
    assert len(pipedrive.data(PERSONS, limit=501)) == 60


def test_every_custom_field_is_on_a_row_and_those_unset_are_null(sandbox, pipedrive):
    row = pipedrive.person()
    keys = [
        f["field_code"]
        for f in sandbox.pipedrive.state.fields["person"].all()
        if f["is_custom_field"]
    ]
    assert list(row["custom_fields"]) == keys
    assert set(row["custom_fields"].values()) == {None}


def test_custom_fields_narrows_the_keys(pipedrive, code):
    row = pipedrive.data(PERSONS, custom_fields=code("Churn score"), limit=1)[0]
    assert list(row["custom_fields"]) == [code("Churn score")]


def test_include_option_labels_turns_ids_into_objects(pipedrive, code, option):
    good, billing = option("Customer health", "Good"), option("Interests", "Billing")
    values = {code("Customer health"): good, code("Interests"): [billing]}
    person = pipedrive.person(custom_fields=values)
    shown = pipedrive.data(f"{PERSONS}/{person['id']}", include_option_labels="true")
    assert shown["custom_fields"][code("Customer health")] == {"id": good, "label": "Good"}
    assert shown["custom_fields"][code("Interests")] == [{"id": billing, "label": "Billing"}]


def test_include_labels_adds_the_names_of_labels(pipedrive, option):
    label = option("Labels", "Customer")
    person = pipedrive.person(label_ids=[label])
    shown = pipedrive.data(f"{PERSONS}/{person['id']}", include_labels="true")
    assert shown["label_ids"] == [label]
    assert shown["labels"] == [{"id": label, "label": "Customer"}]


def test_include_fields_adds_counters(pipedrive):
    person = pipedrive.person()
    pipedrive.make("/api/v2/activities", subject="Call", participants=[{"person_id": person["id"]}])
    fields = "undone_activities_count,done_activities_count,next_activity_id"
    shown = pipedrive.data(f"{PERSONS}/{person['id']}", include_fields=fields)
    assert (shown["undone_activities_count"], shown["done_activities_count"]) == (1, 0)
    assert shown["next_activity_id"]
    assert "next_activity_id" not in pipedrive.data(f"{PERSONS}/{person['id']}")


def test_a_write_stays_out_of_lists_by_time_until_the_lag_is_over(sandbox, pipedrive):
    sandbox.switches.set("pipedrive.list_lag_seconds", 5)
    sandbox.clock.freeze(True)
    person = pipedrive.person()
    query = {"updated_since": person["update_time"]}
    assert pipedrive.data(PERSONS, **query) == []
    assert person["id"] in {row["id"] for row in pipedrive.data(PERSONS, limit=500)}
    sandbox.clock.advance(6)
    assert [row["id"] for row in pipedrive.data(PERSONS, **query)] == [person["id"]]


@pytest.mark.parametrize(
    ("position", "plain", "since"),
    [("never", False, False), ("with_updated_since", False, True), ("always", True, True)],
)
def test_a_switch_says_whether_lists_hold_deleted_rows(sandbox, pipedrive, position, plain, since):
    sandbox.switches.set("pipedrive.lists_include_deleted", position)
    person = pipedrive.person()
    pipedrive.delete(f"{PERSONS}/{person['id']}")
    query = {"updated_since": person["update_time"], "limit": 500}
    assert (person["id"] in {row["id"] for row in pipedrive.data(PERSONS, limit=500)}) is plain
    assert (person["id"] in {row["id"] for row in pipedrive.data(PERSONS, **query)}) is since


@pytest.mark.parametrize("keeps", [False, True])
def test_rows_without_an_update_time_pass_a_filter_by_time_as_the_switch_says(
    pipedrive, sandbox, keeps
):
    sandbox.switches.update({"pipedrive.updated_since_keeps_null": keeps})
    table = sandbox.pipedrive.state.tables["person"]
    table.update(table.rows[2], {"update_time": None})
    query = {"updated_since": "2000-01-01T00:00:00Z", "sort_by": "update_time", "limit": 500}
    for bound in ({}, {"updated_until": "2100-01-01T00:00:00Z"}):
        rows = pipedrive.data(PERSONS, **query, **bound)
        assert (2 in {row["id"] for row in rows}) is keeps


def test_a_counter_tells_of_what_was_made_moved_and_deleted_since_it_was_last_asked(pipedrive):
    ann, bob = pipedrive.person(name="Ann"), pipedrive.person(name="Bob")

    def counts():
        rows = pipedrive.data(
            PERSONS, ids=f"{ann['id']},{bob['id']}", include_fields="open_deals_count"
        )
        return [row["open_deals_count"] for row in rows]

    assert counts() == [0, 0]
    made = pipedrive.post("/api/v2/deals", {"title": "One", "person_id": ann["id"]})
    deal = made.json()["data"]
    assert counts() == [1, 0]
    pipedrive.patch(f"/api/v2/deals/{deal['id']}", {"person_id": bob["id"]})
    assert counts() == [0, 1]
    pipedrive.delete(f"/api/v2/deals/{deal['id']}")
    assert counts() == [0, 0]


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("bounds", ["since", "until", "both"])
def test_a_span_of_time_is_walked_from_end_to_end(pipedrive, bounds, direction):
    rows = sorted(pipedrive.data(PERSONS, limit=500), key=lambda row: row["update_time"])
    low, high = rows[10]["update_time"], rows[40]["update_time"]
    query = {
        **({} if bounds == "until" else {"updated_since": low}),
        **({} if bounds == "since" else {"updated_until": high}),
    }
    wanted = [
        (row["update_time"], row["id"])
        for row in rows
        if (bounds == "until" or row["update_time"] >= low)
        and (bounds == "since" or row["update_time"] < high)
    ]
    order = {"sort_by": "update_time", "sort_direction": direction, "limit": 4}
    seen = [row for page in pipedrive.pages(PERSONS, **query, **order) for row in page]
    places = [(row["update_time"], row["id"]) for row in seen]
    assert places == sorted(wanted, reverse=direction == "desc")
