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
    assert "notes: 1 values of add_time weren't of its type" in run.log


def test_a_field_catalogue_with_an_entry_that_has_no_key_ends_the_run_with_a_sentence(tap, sandbox):
    body = {"success": True, "data": [{"field_name": "?"}], "additional_data": {}}
    sandbox.fault("/pipedrive/api/v2/personFields", "GET", action={"status": 200, "body": body})
    run = tap(streams=["persons"])
    assert run.exit_code == 1
    assert "without a field_code" in run.log
