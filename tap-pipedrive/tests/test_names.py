"""Column names that outlast the labels of their fields."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def field(call):
    """Make a person field; gives its key."""

    def make(label: str, kind: str = "varchar") -> str:
        return call("POST", "/api/v2/personFields", field_name=label, field_type=kind)["field_code"]

    return make


@pytest.fixture
def rename(call):
    def change(key: str, label: str) -> None:
        call("PATCH", f"/api/v2/personFields/{key}", field_name=label)

    return change


def column(run, key: str) -> str:
    properties = run.schema("persons")
    (name,) = [n for n, s in properties.items() if s.get("x-pipedrive", {}).get("key") == key]
    return name


def test_a_column_keeps_its_first_name_when_the_label_changes(tap, call, field, rename):
    key = field("Region")
    first = tap()
    rename(key, "Sales area")
    call("PATCH", "/api/v2/persons/5", custom_fields={key: "north"})
    second = tap(state=first.state)
    assert column(second, key) == "region"
    assert next(r for r in second.records("persons") if r["id"] == 5)["region"] == "north"
    assert second.schema("persons")["region"]["title"] == "Sales area"


def test_a_renaming_is_reported_once(tap, field, rename):
    key = field("Region")
    first = tap()
    rename(key, "Sales area")
    second = tap(state=first.state)
    third = tap(state=second.state)
    said = "persons: region keeps its name, though its field is now called 'Sales area'"
    assert (first.log + second.log).count(said) == 1
    assert said not in third.log


def test_without_a_state_names_follow_today_s_labels(tap, field, rename):
    key = field("Region")
    tap()
    rename(key, "Sales area")
    assert column(tap(), key) == "sales_area"


def test_a_new_field_never_takes_the_name_of_a_renamed_one(tap, field, rename):
    old = field("Region")
    first = tap()
    rename(old, "Sales area")
    new = field("Region")
    second = tap(state=first.state)
    assert column(second, old) == "region"
    assert column(second, new) == f"region_{new[:6]}"


def test_a_new_field_never_takes_the_name_of_one_that_is_gone(tap, call, field):
    old = field("Region")
    first = tap()
    call("DELETE", f"/api/v2/personFields/{old}")
    second = tap(state=first.state)
    assert "region" not in second.schema("persons")
    new = field("Region!")
    third = tap(state=second.state)
    assert column(third, new) == f"region_{new[:6]}"
    assert second.log.count("the field of region is gone, and its column") == 1
    assert "region is gone" not in third.log


def test_a_field_that_comes_back_gets_its_column_back(tap, sandbox, field):
    key = field("Region")
    first = tap()
    catalogue = sandbox.pipedrive.state.fields["person"]
    definition = catalogue.remove(key)
    second = tap(state=first.state)
    catalogue.add(definition)  # as a colleague does who undoes the deletion
    third = tap(state=second.state)
    assert column(third, key) == "region"
    assert third.log.count("the field of region is back") == 1


def test_a_new_field_is_reported_once(tap, field):
    first = tap()
    field("Region")
    second = tap(state=first.state)
    third = tap(state=second.state)
    assert second.log.count("persons: region is new") == 1
    assert "region is new" not in first.log + third.log


def test_a_catalog_made_without_the_state_is_read_by_the_remembered_names(tap, call, field, rename):
    key, other = field("Region"), field("Area")
    first = tap()
    rename(key, "Sales area")
    rename(other, "Region")
    call("PATCH", "/api/v2/persons/5", custom_fields={key: "north", other: "far"})
    catalog = json.loads(tap("--discover").out)
    second = tap(state=first.state, catalog=catalog)
    record = next(r for r in second.records("persons") if r["id"] == 5)
    assert (record["region"], record["area"]) == ("north", "far")
    assert (column(second, key), column(second, other)) == ("region", "area")
    assert "sales_area of the catalog is read as region" in second.log
    assert "run discovery again" not in second.log


def test_a_catalog_s_names_hold_in_the_first_run_too(tap, call, field, rename):
    key, other = field("Region"), field("Area")
    catalog = json.loads(tap("--discover").out)
    rename(key, "Area")
    rename(other, "Region")
    call("PATCH", "/api/v2/persons/5", custom_fields={key: "north", other: "far"})
    first = tap(catalog=catalog)
    record = next(r for r in first.records("persons") if r["id"] == 5)
    assert (record["region"], record["area"]) == ("north", "far")
    again = tap(state=first.state)
    assert (column(again, key), column(again, other)) == ("region", "area")


@pytest.mark.parametrize("mode", ["columns", "object"])
def test_no_field_fills_the_column_that_a_catalog_has_for_another(tap, call, field, mode):
    old = field("Region")
    catalog = json.loads(tap("--discover", custom_fields=mode).out)
    call("DELETE", f"/api/v2/personFields/{old}")
    new = field("Region", "double")
    call("PATCH", "/api/v2/persons/5", custom_fields={new: 5})
    run = tap(catalog=catalog, custom_fields=mode)
    record = next(r for r in run.records("persons") if r["id"] == 5)
    assert "region" not in (record["custom_fields"] if mode == "object" else record)
    if mode == "columns":
        text = f"columns that the catalog doesn't have are left out: region_{new[:6]}"
        assert run.log.count(text) == 1


@pytest.mark.parametrize(
    ("method", "deselected"), [("PATCH", False), ("DELETE", False), ("DELETE", True)]
)
def test_a_new_field_that_has_the_label_of_another_gets_its_own_column_in_the_catalog(
    tap, call, field, method, deselected
):
    old = field("Region")
    first = tap()
    changes = {"field_name": "Sales area"} if method == "PATCH" else {}
    call(method, f"/api/v2/personFields/{old}", **changes)
    new = field("Region")
    call("PATCH", "/api/v2/persons/5", custom_fields={new: "north"})
    catalog = json.loads(tap("--discover").out)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if deselected and entry["breadcrumb"][-1:] == ["region"]:
                entry["metadata"]["selected"] = False
    second = tap(state=first.state, catalog=catalog)
    record = next(r for r in second.records("persons") if r["id"] == 5)
    assert record.get(f"region_{new[:6]}") == (None if deselected else "north")
    assert ("region" in second.schema("persons")) is (method == "PATCH")
    assert "run discovery again" not in second.log


def test_a_column_that_is_deselected_under_its_new_name_stays_deselected(tap, field, rename):
    key = field("Region")
    first = tap()
    rename(key, "Sales area")
    catalog = json.loads(tap("--discover").out)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"][-1:] == ["sales_area"]:
                entry["metadata"]["selected"] = False
    second = tap(state=first.state, catalog=catalog)
    assert not {"region", "sales_area"} & second.schema("persons").keys()


@pytest.mark.usual("pipedrive.unset_custom_fields")
def test_a_field_that_comes_up_during_the_run_is_named_once_and_ends_nothing(tap, sandbox):
    sandbox.reset(persons=600, organizations=1)
    change = {"pipedrive": {"add_field": {"entity": "person", "name": "Late", "type": "varchar"}}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"apply": change})
    run = tap()
    assert run.exit_code == 0
    assert len(run.records("persons")) == 600
    assert run.log.count("fields that came up during the run get columns in the next") == 1


def test_a_field_that_is_renamed_during_the_run_keeps_its_column_and_is_reported_by_the_next(
    tap, sandbox
):
    sandbox.reset(persons=600, organizations=1)
    new = {"entity": "person", "name": "Churn score", "to": "Risk of leaving"}
    change = {"pipedrive": {"rename_field": new}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"apply": change})
    first = tap()
    assert first.exit_code == 0
    assert all("churn_score" in record for record in first.records("persons"))
    second = tap(state=first.state)
    assert "churn_score keeps its name, though its field is now called 'Risk" in second.log
    assert "churn_score" in second.schema("persons")


def test_a_field_that_vanishes_during_the_run_leaves_its_column_empty(tap, sandbox):
    sandbox.reset(persons=600, organizations=1)
    change = {"pipedrive": {"remove_field": {"entity": "person", "name": "Churn score"}}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"apply": change})
    run = tap()
    assert run.exit_code == 0
    assert {record["churn_score"] for record in run.records("persons")[-50:]} == {None}


@pytest.mark.parametrize("count", [101, 500])
def test_every_one_of_many_custom_fields_is_a_column(tap, sandbox, count):
    for number in range(count):
        add = {"entity": "person", "name": f"Field number {number}", "type": "varchar"}
        sandbox.apply(pipedrive={"add_field": add})
    first = tap()
    names = {f"field_number_{number}" for number in range(count)}
    assert names <= first.schema("persons").keys()
    assert names <= first.records("persons")[0].keys()
    assert tap(state=first.state).state == first.state
