"""Behaviours that the makers and users of other readers wrote down, each under its own name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sync_tests.asked import lists, question
from tap_pipedrive.table import STREAMS as TABLE
from tap_pipedrive.table import Since

#: The API's times: of version 2 to the second with a Z, and nothing else.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TIME = "update_time"
#: The lists that API v2 doesn't have (vendor documentation); each of them is one of v1.
V1_ALONE = {
    "/v1/" + each
    for each in (
        "activityTypes", "currencies", "files", "filters", "leadLabels", "leadSources", "leads",
        "notes", "users",
    )
}  # fmt: skip
#: Streams of API v2 that tell what changed.
CHANGING = ["activities", "archived_deals", "deals", "organizations", "persons", "products"]


def test_lists_are_asked_of_version_2_at_500_a_page_and_never_of_recents(tap, sandbox, asked):
    sandbox.reset(persons=501, organizations=1)
    run = tap(streams=None)
    assert run.exit_code == 0
    ends = [each.url.partition("?")[0].removeprefix(sandbox.pipedrive_url) for each in asked]
    assert {end for end in ends if not end.startswith("/api/v2/")} == V1_ALONE
    paged = lists(asked, "persons", "organizations", "deals", "archived", "activities", "products")
    paged += lists(asked, "notes", "leads", "pipelines", "stages", "personFields")
    assert {each["limit"] for each in paged} == {"500"}
    assert len(run.records("persons")) == 501


def test_changes_come_in_the_order_of_their_time(tap, asked):
    tap(streams=CHANGING, start_date="2026-01-01T00:00:00Z", detect_deletes=False)
    ends = ("activities", "archived", "deals", "organizations", "persons", "products")
    for end in ends:
        order = {(each["sort_by"], each["sort_direction"]) for each in lists(asked, end)}
        assert order == {("update_time", "asc")}, end


def page(*ids: int, **about: Any) -> dict[str, Any]:
    """An answer with persons, as it is given for any question."""
    rows = [{"id": each, "name": str(each)} for each in ids]
    return {"status": 200, "body": {"success": True, "data": rows, **about}}


@pytest.mark.parametrize(
    "end",
    [{}, {"additional_data": None}, {"additional_data": {}}]
    + [{"additional_data": {"next_cursor": none}} for none in (None, "")],
    ids=str,
)
@pytest.mark.parametrize("form", ["columns", "object"])
def test_the_cursor_is_followed_until_it_is_absent_or_null_over_empty_pages_too(
    tap, sandbox, asked, end, form
):
    more = {"additional_data": {"next_cursor": "c1"}}
    again = {"additional_data": {"next_cursor": "c2"}}
    for answer in (page(1, **more), page(**again), page(2, **end)):
        sandbox.fault("/pipedrive/api/v2/persons", "GET", action=answer)
    run = tap(streams=["persons"], concurrency=1, custom_fields=form)
    assert [record["id"] for record in run.records("persons")] == [1, 2]
    assert [each.get("cursor") for each in lists(asked, "persons")] == [None, "c1", "c2"]


def test_archived_deals_are_read_of_a_list_and_into_a_stream_of_their_own(tap, call, asked):
    old = call("POST", "/api/v2/deals", title="old")["id"]
    call("PATCH", f"/api/v2/deals/{old}", is_archived=True)
    asked.clear()
    run = tap(streams=["deals", "archived_deals"])
    assert [record["id"] for record in run.records("archived_deals")] == [old]
    assert old not in [record["id"] for record in run.records("deals")]
    assert len(lists(asked, "deals/archived")) == 1


def test_changes_are_asked_for_to_the_second_and_the_row_on_the_mark_comes_again(tap, asked):
    first = tap(streams=["persons"])
    asked.clear()
    second = tap(streams=["persons"], state=first.state, lookback_seconds=0)
    (since,) = {question(each)["updated_since"] for each in asked if "/persons?" in each.url}
    assert MOMENT.fullmatch(since)
    newest = max(record["update_time"] or "" for record in first.records("persons"))
    assert newest in [record["update_time"] for record in second.records("persons")]


def test_a_row_that_comes_again_within_a_run_is_passed_on_once(tap, sandbox):
    pages = (page(1, 2, additional_data={"next_cursor": "c1"}), page(2, 3))
    for answer in pages:
        sandbox.fault("/pipedrive/api/v2/persons", "GET", action=answer)
    run = tap(streams=["persons"], concurrency=1)
    assert [record["id"] for record in run.records("persons")] == [1, 2, 3]


def test_pipelines_and_stages_which_refuse_that_are_read_in_full_each_time(tap, asked):
    first = tap(streams=["pipelines", "stages"])
    asked.clear()
    second = tap(streams=["pipelines", "stages"], state=first.state)
    assert not [each.url for each in asked if "updated_since" in each.url]
    assert second.exit_code == 0
    assert second.records("stages") == first.records("stages")


@pytest.mark.usual("pipedrive.patch_custom_fields")
@pytest.mark.parametrize("form", ["columns", "object", "raw"])
@pytest.mark.parametrize("path", ["persons", "organizations", "deals"])
def test_a_new_custom_field_changes_nothing_else_in_the_output(tap, call, path, form):
    before = tap(streams=[path], custom_fields=form)
    new = {"field_name": "Shoe size", "field_type": "double"}
    key = call("POST", f"/api/v2/{path.removesuffix('s')}Fields", **new)["field_code"]
    changed = before.records(path)[0]["id"]
    call("PATCH", f"/api/v2/{path}/{changed}", custom_fields={key: 42})
    after = tap(streams=[path], custom_fields=form)
    name = key if form == "raw" else "shoe_size"
    (found,) = [row for row in after.records(path) if row["id"] == changed]
    own = found if form == "columns" else found["custom_fields"]
    assert own[name] == 42

    def rest(run: Any) -> list[dict[str, Any]]:
        rows = [{k: v for k, v in r.items() if k not in {name, TIME}} for r in run.records(path)]
        for row in rows:
            if isinstance(row.get("custom_fields"), dict):
                row["custom_fields"] = {k: v for k, v in row["custom_fields"].items() if k != name}
        return rows

    assert rest(after) == rest(before)
    columns = {k: v for k, v in after.schema(path).items() if k != name}
    if form == "object":
        columns["custom_fields"]["properties"].pop(name)
    assert columns == before.schema(path)


def test_a_value_under_a_key_that_no_catalogue_has_costs_nothing_else(tap, sandbox):
    before = tap(streams=["persons"])
    for row in sandbox.pipedrive.rows("person").values():
        row["custom_fields"] = {**row["custom_fields"], "f" * 40: {"of": ["another", "day"]}}
    after = tap(streams=["persons"])
    assert after.exit_code == 0
    assert after.records("persons") == before.records("persons")


#: What API v1 called it, and what v2 calls it.
RENAMED = {"user_id": "owner_id", "label": "label_ids", "active_flag": "is_deleted"}


@pytest.mark.parametrize("path", ["persons", "organizations", "deals"])
def test_the_names_of_version_2_replace_those_of_version_1(tap, call, path):
    first = call("GET", f"/api/v2/{path}?limit=1")[0]
    run = tap(streams=[path])
    assert set(RENAMED.values()) <= run.schema(path).keys()
    assert not RENAMED.keys() & run.schema(path).keys()
    (row,) = [record for record in run.records(path) if record["id"] == first["id"]]
    assert {name: row[name] for name in RENAMED.values()} == {
        name: first[name] for name in RENAMED.values()
    }
    assert row["owner_id"] is not None


def test_a_column_of_lead_values_is_named_like_the_deal_field_that_it_is(tap):
    run = tap(streams=["deals", "leads"])
    custom = {
        name: about["x-pipedrive"]["key"]
        for name, about in run.schema("deals").items()
        if len(about.get("x-pipedrive", {}).get("key", "")) == 40
    }
    assert custom
    leads = run.schema("leads")
    assert {name: leads[name]["x-pipedrive"]["key"] for name in custom} == custom


@pytest.mark.usual("pipedrive.delete_touches")
def test_one_run_keeps_deals_that_were_deleted_marked_by_their_status(tap, call):
    gone = call("GET", "/api/v2/deals?limit=1")[0]["id"]
    call("DELETE", f"/api/v2/deals/{gone}")
    run = tap(streams=["deals"])
    (deal,) = [record for record in run.records("deals") if record["id"] == gone]
    assert deal["is_deleted"] is True


#: A custom field's label -> the JSON type that its column has, and its format.
OFFERED = {
    "Lifecycle stage": ("string", None),
    "Notes on fit": ("string", None),
    "Support line": ("string", None),
    "Churn score": ("number", None),
    "Contract value": ("object", None),
    "Customer health": ("string", None),
    "Interests": ("array", None),
    "Last seen": ("string", "date"),
    "Contract period": ("object", None),
    "Preferred call time": ("object", None),
    "Postal address": ("object", None),
    "Account manager": ("integer", None),
}


def test_every_custom_field_is_offered_with_its_type_and_options_by_label(tap, sandbox):
    run = tap(streams=["persons"])
    columns = {each["x-pipedrive"].get("label"): each for each in run.schema("persons").values()}
    offered = {label: (columns[label]["type"], columns[label].get("format")) for label in OFFERED}
    assert offered == {label: ([kind, "null"], form) for label, (kind, form) in OFFERED.items()}
    dates = columns["Contract period"]["properties"]
    assert [dates[end]["format"] for end in ("value", "until")] == ["date", "date"]
    health = {record["customer_health"] for record in run.records("persons")} - {None}
    assert health
    options = sandbox.pipedrive.field("person", "Customer health")["options"]
    assert health <= {each["label"] for each in options}


def test_a_row_without_custom_fields_and_an_answer_without_additional_data_are_read(tap, sandbox):
    row = {"id": 1, "name": "Ann Lee", "custom_fields": None, "update_time": "2026-01-01T00:00:00Z"}
    body = {"success": True, "data": [row]}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"status": 200, "body": body})
    run = tap(streams=["persons"], concurrency=1)
    assert run.exit_code == 0, run.log
    (person,) = run.records("persons")
    assert (person["name"], person["churn_score"]) == ("Ann Lee", None)


@pytest.mark.parametrize("path", ["persons", "organizations"])
def test_a_person_or_organization_that_was_deleted_arrives_marked(tap, call, path):
    first = tap(streams=[path], delete_sweep_hours=0)
    gone = first.records(path)[0]["id"]
    call("DELETE", f"/api/v2/{path}/{gone}")
    second = tap(streams=[path], state=first.state, delete_sweep_hours=0)
    (marked,) = [record for record in second.records(path) if record["id"] == gone]
    assert marked["is_deleted"] is True


def test_the_readme_says_of_which_streams_deletions_are_not_noticed():
    changing = [spec for spec in TABLE.values() if spec.since is not Since.NEVER]
    silent = {spec.name for spec in changing if not spec.swept and "status" not in spec.params}
    assert silent == {"notes", "leads", "products"}
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    assert "Deleted notes, leads, products and files vanish without a trace" in readme
