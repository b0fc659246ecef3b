"""What arrives, through the command line against the sandbox over HTTP.

Blind spot: the sandbox answers as the documentation says; what is undocumented it assumes.
"""

from __future__ import annotations

import json

import pytest
import requests

AUTH = {"x-api-token": "sandbox-token"}


def paths(sandbox) -> list[str]:
    return [entry["path"] for entry in sandbox.journal()]


def lists(sandbox, stream: str) -> list[str]:
    return [path for path in paths(sandbox) if f"/api/v2/{stream}?" in path]


def add_field(sandbox, label: str, kind: str = "varchar", **extra) -> str:
    body = {"field_name": label, "field_type": kind, **extra}
    url = f"{sandbox.pipedrive_url}/api/v2/personFields"
    answer = requests.post(url, json=body, headers=AUTH, timeout=10)
    answer.raise_for_status()
    return answer.json()["data"]["field_code"]


def person_ids(sandbox) -> set[int]:
    return set(sandbox.pipedrive.rows("person"))


def test_the_first_run_reads_everything_by_id(tap, sandbox):
    run = tap()
    assert run.exit_code == 0
    assert {record["id"] for record in run.records("persons")} == person_ids(sandbox)
    assert len(run.records("organizations")) == len(sandbox.pipedrive.rows("organization"))
    (listed,) = lists(sandbox, "persons")
    assert "sort_by=id" in listed
    assert "updated_since" not in listed


def test_organizations_come_before_the_persons_that_refer_to_them(tap):
    run = tap()
    for kind in ("SCHEMA", "RECORD"):
        streams = dict.fromkeys(message["stream"] for message in run.of(kind))
        assert list(streams) == ["organizations", "persons"]


@pytest.mark.usual("pipedrive.milliseconds")
def test_the_second_run_reads_only_what_lies_in_the_overlap(tap, sandbox):
    first = tap()
    sandbox.clear_journal()
    second = tap(state=first.state)
    newest = max(r["update_time"] for r in first.records("persons"))
    assert first.bookmark("persons") == newest
    assert [r["update_time"] for r in second.records("persons")] == [newest]
    (listed,) = lists(sandbox, "persons")
    assert "sort_by=update_time&sort_direction=asc" in listed
    assert second.state == first.state


def test_the_overlap_is_as_long_as_configured(tap, sandbox):
    state = {
        "bookmarks": {
            "persons": {
                "replication_key": "update_time",
                "replication_key_value": "2026-05-01T12:00:00Z",
            }
        }
    }
    tap(state=state, lookback_seconds=3600, detect_deletes=False)
    (listed,) = lists(sandbox, "persons")
    assert "updated_since=2026-05-01T11%3A00%3A00Z" in listed


def test_rows_of_the_overlap_that_are_older_than_the_bookmark_end_neither_run_nor_move_it_back(
    tap, sandbox
):
    ordered = sorted(row["update_time"] for row in sandbox.pipedrive.rows("person").values())
    state = {
        "bookmarks": {
            "persons": {"replication_key": "update_time", "replication_key_value": ordered[-1]}
        }
    }
    run = tap(state=state, lookback_seconds=100 * 24 * 3600)
    assert run.exit_code == 0
    assert len(run.records("persons")) > 1
    assert run.bookmark("persons") == ordered[-1]


def test_a_start_date_limits_the_first_run(tap, sandbox):
    run = tap(start_date="2026-06-01", lookback_seconds=0)
    expected = {
        row["id"]
        for row in sandbox.pipedrive.rows("person").values()
        if row["update_time"] >= "2026-06-01T00:00:00Z"
    }
    assert {record["id"] for record in run.records("persons")} == expected
    assert expected < person_ids(sandbox)


@pytest.mark.parametrize("stream", ["persons", "notes"])
def test_a_start_date_behind_the_bookmark_leaves_out_no_change_between_the_two(
    tap, sandbox, call, stream
):
    first = tap(streams=[stream])
    sandbox.clock.advance(3600)
    call("PATCH", "/api/v2/persons/5", name="Changed before the new start date")
    call("POST", "/v1/notes", content="Made before the new start date", person_id=5)
    sandbox.clock.advance(3600)
    later = sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    second = tap(streams=[stream], state=first.state, start_date=later)
    assert "before the new start date" in json.dumps(second.records(stream))


def test_a_changed_row_comes_again_and_moves_the_bookmark(tap, sandbox):
    first = tap()
    url = f"{sandbox.pipedrive_url}/api/v2/persons/5"
    requests.patch(url, json={"name": "Ada Byron"}, headers=AUTH, timeout=10).raise_for_status()
    second = tap(state=first.state)
    assert [r["name"] for r in second.records("persons") if r["id"] == 5] == ["Ada Byron"]
    assert second.bookmark("persons") > first.bookmark("persons")


def test_rows_without_an_update_time_are_read_in_the_first_run(tap, sandbox):
    table = sandbox.pipedrive.state.tables["person"]
    for row_id in (1, 2, 3):
        table.update(table.rows[row_id], {"update_time": None})
    run = tap()
    assert {1, 2, 3} <= {record["id"] for record in run.records("persons")}
    assert run.bookmark("persons")


def test_an_account_without_rows_is_no_failure(tap, sandbox):
    sandbox.reset(persons=0, organizations=0)
    run = tap()
    assert run.exit_code == 0
    assert run.records("persons") == []
    assert {message["stream"] for message in run.of("SCHEMA")} == {"organizations", "persons"}


@pytest.mark.parametrize(("persons", "pages"), [(499, 1), (500, 1), (501, 2), (1000, 2)])
def test_pages_end_where_the_rows_end(tap, sandbox, persons, pages):
    sandbox.reset(persons=persons, organizations=1)
    run = tap()
    ids = [record["id"] for record in run.records("persons")]
    assert len(ids) == len(set(ids)) == persons
    assert len(lists(sandbox, "persons")) == pages


def test_a_row_that_a_page_repeats_is_passed_on_once(tap, sandbox):
    sandbox.fault("/pipedrive/api/v2/persons", "GET", action={"duplicate_rows": True})
    ids = [record["id"] for record in tap().records("persons")]
    assert len(ids) == len(set(ids)) == len(person_ids(sandbox))


def test_an_outage_in_the_middle_is_waited_out(tap, sandbox):
    sandbox.reset(persons=501, organizations=1)
    sandbox.fault("/pipedrive/api/v2/persons", "GET", after=1, action={"status": 503})
    assert len(tap().records("persons")) == 501


def test_the_bookmark_never_passes_the_run_s_start(tap, sandbox):
    sandbox.clock.advance(86_400)
    url = f"{sandbox.pipedrive_url}/api/v2/persons/5"
    requests.patch(url, json={"name": "Tomorrow"}, headers=AUTH, timeout=10).raise_for_status()
    run = tap()
    newest = max(record["update_time"] for record in run.records("persons"))
    assert run.bookmark("persons") < newest


def test_state_is_offered_often_enough_for_a_target_to_save_it(tap, sandbox):
    sandbox.reset(persons=1600, organizations=1)
    run = tap(start_date="2000-01-01")
    marks = [
        message["value"]["bookmarks"].get("persons", {}).get("replication_key_value")
        for message in run.of("STATE")
    ]
    marks = [mark for mark in marks if mark]
    assert len(marks) >= 3
    assert marks == sorted(marks)


def test_an_interrupted_incremental_run_goes_on_where_it_ended(tap, sandbox):
    sandbox.reset(persons=1600, organizations=1)
    sandbox.fault("/pipedrive/api/v2/persons", "GET", after=3, times=None, action={"status": 400})
    broken = tap(start_date="2000-01-01")
    assert broken.exit_code == 1
    sandbox.clear_faults()
    again = tap(state=broken.state, start_date="2000-01-01")
    assert 0 < len(again.records("persons")) < 1600
    both = broken.records("persons") + again.records("persons")
    assert {record["id"] for record in both} == person_ids(sandbox)


@pytest.mark.usual("pipedrive.person_without_email")
def test_unicode_null_and_empty_values_arrive_as_they_are(tap, sandbox):
    table = sandbox.pipedrive.state.tables["person"]
    table.update(table.rows[1], {"name": "Åsa 🦊 \u202eçelik", "emails": [], "org_id": None})
    table.update(table.rows[2], {"name": '"; DROP\n<b>', "last_name": ""})
    records = {record["id"]: record for record in tap().records("persons")}
    assert records[1]["name"] == "Åsa 🦊 \u202eçelik"
    assert records[1]["emails"] == []
    assert records[1]["org_id"] is None
    assert records[2]["name"] == '"; DROP\n<b>'
    assert records[2]["last_name"] == ""


def test_what_is_not_selected_is_neither_asked_for_nor_sent(tap, sandbox):
    catalog = _discovered(tap)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"] == []:
                entry["metadata"]["selected"] = stream["stream"] == "persons"
            elif entry["breadcrumb"][-1] in ("churn_score", "owner_id"):
                entry["metadata"]["selected"] = False
    sandbox.clear_journal()
    run = tap(catalog=catalog)
    assert not [path for path in paths(sandbox) if "organization" in path]
    assert {"churn_score", "owner_id"}.isdisjoint(run.schema("persons"))
    assert all({"churn_score", "owner_id"}.isdisjoint(r) for r in run.records("persons"))


def _discovered(tap):
    return json.loads(tap("--discover").out)


def test_a_field_made_after_discovery_is_named_in_the_log_and_left_out(tap, sandbox):
    catalog = _discovered(tap)
    add_field(sandbox, "Brand new")
    run = tap(catalog=catalog)
    assert "brand_new (run discovery again)" in run.log
    assert all("brand_new" not in record for record in run.records("persons"))


def test_a_run_says_what_it_took(tap):
    run = tap()
    assert "persons: 60 records, 1 call, 10 tokens" in run.log
