"""Answers that aren't what they should be: a sentence, or the rest is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tap_pipedrive.table import STREAMS
from tap_pipedrive.walks import ByOffset

LISTS = {
    "persons": "/pipedrive/api/v2/persons",
    "notes": "/pipedrive/v1/notes",
    "users": "/pipedrive/v1/users",
    "person_fields": "/pipedrive/api/v2/personFields",
}
BODIES = {
    "no object": [],
    "no data": {"success": True},
    "data of another kind": {"success": True, "data": "none", "additional_data": {}},
    "rows of another kind": {"success": True, "data": [1, 2], "additional_data": {}},
    "a failure under a success": {"success": False, "data": None},
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 1)


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize("what", BODIES)
def test_a_malformed_page_ends_the_run_with_a_sentence(tap, sandbox, stream, what):
    action = {"status": 200, "body": BODIES[what]}
    sandbox.fault(LISTS[stream], "GET", action=action)
    run = tap(streams=[stream])
    assert run.exit_code == 1
    assert f"answered {LISTS[stream].removeprefix('/pipedrive')}" in run.log
    assert "Traceback" not in run.log
    assert run.records(stream) == []


@pytest.mark.parametrize("action", [{"malformed": True}, {"truncate": True}])
def test_a_body_that_is_cut_off_is_asked_for_again(tap, sandbox, action, monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 2)
    sandbox.fault("/pipedrive/v1/notes", "GET", action=action)
    run = tap(streams=["notes"])
    assert run.exit_code == 0
    assert len(run.records("notes")) == len(sandbox.pipedrive.rows("note"))


def test_half_of_a_character_costs_no_row(tap, sandbox):
    body = r'{"success": true, "data": [{"id": 1, "name": "Ada \ud83d"}, {"id": 2}]}'
    answer = {"status": 200, "body": body, "headers": {"Content-Type": "application/json"}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action=answer)
    run = tap(streams=["persons"])
    assert [record["name"] for record in run.records("persons")] == ["Ada \ufffd", None]


def test_a_list_of_v1_that_doesn_t_say_whether_it_goes_on_is_no_end(tap, sandbox):
    action = {"status": 200, "body": {"success": True, "data": [{"id": 1}]}}
    sandbox.fault("/pipedrive/v1/notes", "GET", action=action)
    run = tap(streams=["notes"])
    assert run.exit_code == 1
    assert "without saying whether more items follow" in run.log


def test_a_page_of_v1_that_has_its_rows_twice_hides_none_behind_it(tap, sandbox, call, monkeypatch):
    monkeypatch.setattr("tap_pipedrive.walks.OVERLAP", 2)
    monkeypatch.setitem(STREAMS, "notes", replace(STREAMS["notes"], page_size=5))
    for number in range(20):
        call("POST", "/v1/notes", content=f"Note {number}", person_id=5)
    sandbox.fault("/pipedrive/v1/notes", "GET", action={"duplicate_rows": True})
    run = tap(streams=["notes"])
    assert {record["id"] for record in run.records("notes")} == set(sandbox.pipedrive.rows("note"))


@pytest.mark.parametrize("count", [1, 3, 6, 14])
def test_rows_of_v1_that_go_between_two_pages_hide_no_other(tap, sandbox, call, monkeypatch, count):
    monkeypatch.setattr("tap_pipedrive.walks.OVERLAP", 2)
    monkeypatch.setitem(STREAMS, "notes", replace(STREAMS["notes"], page_size=5))
    for number in range(20):
        call("POST", "/v1/notes", content=f"Note {number}", person_id=5)
    gone = sorted(sandbox.pipedrive.rows("note"))[:count]
    took, left = ByOffset.took, list(gone)

    def took_then_deleted(walk, page):
        more = took(walk, page)
        while left:
            call("DELETE", f"/v1/notes/{left.pop()}")
        return more

    monkeypatch.setattr(ByOffset, "took", took_then_deleted)
    run = tap(streams=["notes"])
    assert run.exit_code == 0
    assert {record["id"] for record in run.records("notes")} >= set(sandbox.pipedrive.rows("note"))


def test_a_list_of_v1_that_goes_on_for_ever_ends_the_run(tap, sandbox):
    paging = {"pagination": {"more_items_in_collection": True}}
    body = {"success": True, "data": [{"id": 1}], "additional_data": paging}
    sandbox.fault("/pipedrive/v1/notes", "GET", times=None, action={"status": 200, "body": body})
    run = tap(streams=["notes"])
    assert run.exit_code == 1
    assert "no end in sight" in run.log


def test_nothing_as_v1_says_it_is_no_failure(tap, sandbox):
    body = {"success": True, "data": None}
    sandbox.fault("/pipedrive/v1/filters", "GET", action={"status": 200, "body": body})
    run = tap(streams=["filters"])
    assert run.exit_code == 0
    assert run.records("filters") == []


def test_a_row_without_its_key_is_left_out_and_counted(tap, sandbox):
    rows = [{"id": 1, "name": "a"}, {"name": "b"}, {"id": None}, {"id": 2}]
    body = {"success": True, "data": rows, "additional_data": {}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"status": 200, "body": body})
    run = tap(streams=["persons"])
    assert run.exit_code == 0
    assert [record["id"] for record in run.records("persons")] == [1, 2]
    assert "persons: 2 rows without id left out" in run.log


def test_values_of_another_type_are_left_empty_and_counted(tap, sandbox):
    row = {"id": 1, "active_flag": "perhaps", "add_time": "yesterday", "update_time": 7}
    paging = {"pagination": {"more_items_in_collection": False}}
    body = {"success": True, "data": [row], "additional_data": paging}
    sandbox.fault("/pipedrive/v1/notes", "GET", action={"status": 200, "body": body})
    run = tap(streams=["notes"])
    (record,) = run.records("notes")
    assert (record["active_flag"], record["add_time"], record["update_time"]) == (None,) * 3
    assert "notes: 1 value of add_time wasn't of its type" in run.log


@pytest.mark.parametrize("stream", ["persons", "notes"])
@pytest.mark.parametrize(
    "time", ["2026-02-30T00:00:00Z", "9999-99-99T99:99:99Z", "not-known-but-long-Z"]
)
def test_a_change_at_a_time_that_does_not_exist_ends_no_run_and_moves_no_bookmark(
    tap, sandbox, stream, time
):
    first = tap(streams=[stream])
    row = {"id": 1, "update_time": time}
    paging = {"pagination": {"more_items_in_collection": False}}
    body = {"success": True, "data": [row], "additional_data": paging}
    sandbox.fault(f"/pipedrive/*/{stream}", "GET", action={"status": 200, "body": body})
    run = tap(streams=[stream], state=first.state, detect_deletes=False)
    assert run.exit_code == 0, run.log
    assert [record["id"] for record in run.records(stream)] == [1]
    assert run.bookmark(stream) == first.bookmark(stream)


def serve(sandbox, *pages):
    """Pages of persons that come in place of the account's."""
    for rest, rows in enumerate(pages, 1 - len(pages)):
        about = {"next_cursor": f"{rest}"} if rest else {}
        body = {"success": True, "data": rows, "additional_data": about}
        sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"status": 200, "body": body})


@pytest.fixture(params=["columns", "object"])
def persons(tap, sandbox, request):
    """Read pages of persons, straight into types or row by row; gives the run."""

    def read(*pages):
        serve(sandbox, *pages)
        run = tap(streams=["persons"], concurrency=1, custom_fields=request.param)
        assert run.exit_code == 0, run.log
        return run

    return read


@pytest.mark.parametrize("key", [{}, [1], "seven", "", 1.5, True])
def test_a_row_whose_key_is_none_is_left_out_and_takes_no_other_with_it(persons, key):
    run = persons([{"id": key, "name": "a"}, {"id": 2}])
    assert [record["id"] for record in run.records("persons")] == [2]
    assert "persons: 1 row without id left out" in run.log


def test_a_key_below_zero_ends_nothing(persons):
    run = persons([{"id": -3}, {"id": 2}])
    assert [record["id"] for record in run.records("persons")] == [-3, 2]


@pytest.mark.parametrize("value", [[1], {}, True])
@pytest.mark.parametrize("name", ["update_time", "custom_fields"])
def test_a_row_with_something_else_in_the_place_of_a_part_is_read_without_it(persons, name, value):
    if (name, value) in (("update_time", True), ("custom_fields", {})):
        value = [[]]
    run = persons([{"id": 1, "name": "a", name: value}, {"id": 2}])
    assert [record["name"] for record in run.records("persons")] == ["a", None]
    assert f"persons: 1 value of {name} wasn't of its type and was left empty" in run.log


def test_names_that_no_program_would_give_cost_no_row(persons):
    odd = {"new-thing": 1, "class": 2, "x.y": 3, "": 4, "get": 5}
    pages = [[{"id": n, **odd, "custom_fields": {"a key": 1, **odd}}] for n in (1, 2, 3)]
    run = persons(*pages)
    assert [record["id"] for record in run.records("persons")] == [1, 2, 3]
    assert "names unknown to this version left out: , class, get, new-thing, x.y" in run.log


FIELD = {"field_code": "f" * 40, "field_type": "enum", "is_custom_field": True}


def define(sandbox, *entries):
    body = {"success": True, "data": [{**FIELD, **each} for each in entries]}
    sandbox.fault("/pipedrive/api/v2/personFields", "GET", action={"status": 200, "body": body})


@pytest.mark.parametrize("key", [None, "", 5, ["f"]])
def test_a_field_catalogue_with_an_entry_that_has_no_key_ends_the_run_with_a_sentence(
    tap, sandbox, key
):
    define(sandbox, {"field_code": key})
    run = tap(streams=["persons"])
    assert run.exit_code == 1
    assert "without a field_code" in run.log


@pytest.mark.parametrize(
    "odd",
    [
        {"field_name": 5},
        {"field_name": ["Plan"]},
        {"field_type": ["enum"]},
        {"options": {"1": "One"}},
        {"options": [1, 2]},
        {"options": "One"},
        {"subfields": [1]},
        {"subfields": {"field_code": 1}},
    ],
)
def test_a_field_that_is_described_oddly_still_has_a_column(tap, sandbox, odd):
    define(sandbox, odd)
    serve(sandbox, [{"id": 1, "custom_fields": {FIELD["field_code"]: 7}}])
    run = tap(streams=["persons"])
    assert run.exit_code == 0, run.log
    columns = {about["x-pipedrive"]["key"]: name for name, about in run.schema("persons").items()}
    (record,) = run.records("persons")
    assert record[columns[FIELD["field_code"]]] in (7, "7")


def test_a_field_that_the_catalogue_has_twice_is_one_column(tap, sandbox):
    define(sandbox, {"field_name": "Plan"}, {"field_name": "Plan"})
    first = tap(streams=["persons"])
    names = [name for name in first.schema("persons") if name.startswith("plan")]
    assert names == ["plan"]
    assert first.state["bookmarks"]["persons"]["columns"] == {FIELD["field_code"]: "plan"}
