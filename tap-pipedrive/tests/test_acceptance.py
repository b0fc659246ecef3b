"""Behaviours that the makers and users of other readers wrote down, each under its own name."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

#: The API's times: of version 2 to the second with a Z, and nothing else.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
STREAMS = ["organizations", "persons", "deals", "archived_deals", "pipelines", "stages", "leads"]


@pytest.fixture
def asked(monkeypatch) -> list[requests.PreparedRequest]:
    """Every request, as it left."""
    seen: list[requests.PreparedRequest] = []
    send = requests.Session.send

    def watch(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        seen.append(request)
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watch)
    return seen


def question(request: requests.PreparedRequest) -> dict[str, str]:
    return dict(
        part.split("=", 1) for part in (request.path_url.partition("?")[2] or "a=").split("&")
    )


def test_lists_are_asked_of_version_2_at_500_a_page_and_never_of_recents(tap, sandbox, asked):
    sandbox.reset(persons=501, organizations=1)
    run = tap(streams=STREAMS)
    assert run.exit_code == 0
    lists = [
        each for each in asked if re.search(r"/api/v2/(persons|organizations|deals)\?", each.url)
    ]
    assert {question(each)["limit"] for each in lists} == {"500"}
    assert not [each.url for each in asked if "recents" in each.url or "/api/v1/" in each.url]
    assert len(run.records("persons")) == 501


def test_changes_are_asked_for_to_the_second_and_the_row_on_the_mark_comes_again(tap, asked):
    first = tap(streams=["persons"])
    asked.clear()
    second = tap(streams=["persons"], state=first.state, lookback_seconds=0)
    (since,) = {question(each)["updated_since"] for each in asked if "/persons?" in each.url}
    assert MOMENT.fullmatch(since.replace("%3A", ":"))
    newest = max(record["update_time"] or "" for record in first.records("persons"))
    assert newest in [record["update_time"] for record in second.records("persons")]


def test_pipelines_and_stages_which_refuse_that_are_read_in_full_each_time(tap, asked):
    first = tap(streams=["pipelines", "stages"])
    asked.clear()
    second = tap(streams=["pipelines", "stages"], state=first.state)
    assert not [each.url for each in asked if "updated_since" in each.url]
    assert second.exit_code == 0
    assert second.records("stages") == first.records("stages")


def test_a_new_custom_field_changes_nothing_else_in_the_output(tap, call):
    before = tap(streams=["persons"])
    call("POST", "/api/v2/personFields", field_name="Shoe size", field_type="double")
    after = tap(streams=["persons"])
    assert after.schema("persons").keys() - before.schema("persons").keys() == {"shoe_size"}
    rows = [{k: v for k, v in r.items() if k != "shoe_size"} for r in after.records("persons")]
    assert rows == before.records("persons")


def test_dates_and_times_are_typed_as_they_are(tap):
    run = tap(streams=["persons", "leads"])
    persons, leads = run.schema("persons"), run.schema("leads")
    assert persons["update_time"]["format"] == "date-time"
    assert persons["last_seen"]["format"] == "date"
    times = [record["update_time"] for record in run.records("persons")]
    times += [record["add_time"] for record in run.records("leads")]
    assert leads["add_time"]["format"] == "date-time"
    assert [time for time in times if time and not MOMENT.match(time[:19] + "Z")] == []


def test_the_token_travels_in_a_header_and_never_in_an_address_or_a_log_line(tap, asked):
    run = tap(streams=STREAMS)
    assert {each.headers["x-api-token"] for each in asked} == {"sandbox-token"}
    assert not [each.url for each in asked if "token" in each.url.partition("?")[2]]
    assert "sandbox-token" not in run.log + run.out


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
    offered = {
        label: (columns[label]["type"][0], columns[label].get("format")) for label in OFFERED
    }
    assert offered == OFFERED
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
