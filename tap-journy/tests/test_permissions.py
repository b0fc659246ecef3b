"""The connection test, and what a key that may not do everything gets."""

from __future__ import annotations

import json

import pytest

DOCUMENTED = "sandbox-key-documented"  # everything but listing users and accounts
WRITES = "sandbox-key-write"  # nothing that reads


def catalog_of(tap, *names: str) -> dict:
    catalog = json.loads(tap("--discover").out)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"] == []:
                entry["metadata"]["selected"] = stream["stream"] in names
    return catalog


def test_the_connection_test_reads_one_record_of_each_stream(tap, sandbox):
    run = tap("--test")
    assert run.exit_code == 0
    assert len(run.records("users")) == 1
    assert "/journy/validate" in [each["path"] for each in sandbox.journal()]


def test_the_connection_test_names_each_stream_whose_permission_is_missing(tap, sandbox):
    run = tap("--test", api_key=WRITES)
    assert run.exit_code == 3
    assert run.records("user_segments") == []
    for stream, name in (
        ("user_properties", "ReadProperties"),
        ("account_segments", "ReadSegments"),
        ("events", "ReadEvents"),
    ):
        assert f"{stream} is left out: the key lacks the permission {name}" in run.log
    assert "Settings, API access" in run.log
    assert "Traceback" not in run.log


def test_the_connection_test_looks_at_the_selected_streams_only(tap, tmp_path):
    path = tmp_path / "chosen.json"
    path.write_text(json.dumps(catalog_of(tap, "events")))
    refused = tap("--catalog", str(path), "--test", api_key=WRITES)
    assert "events is left out: the key lacks the permission ReadEvents" in refused.log
    assert "ReadSegments" not in refused.log
    run = tap("--catalog", str(path), "--test")
    assert run.exit_code == 0
    assert {each["stream"] for each in run.of("RECORD")} == {"events"}


def test_a_wrong_key_fails_the_connection_test_with_a_sentence(tap):
    run = tap("--test", api_key="not-the-key")
    assert run.exit_code == 1
    assert "401" in run.log
    assert "Traceback" not in run.log


def test_a_key_that_lists_no_records_is_told_what_to_describe(tap):
    run = tap("--test", api_key=DOCUMENTED)
    assert run.exit_code == 3
    assert "journy publishes no endpoint that lists" in run.log


def test_a_catalogue_that_the_key_may_not_read_is_named_with_its_permission(tap):
    catalog = catalog_of(tap, "events", "user_segments")
    run = tap(catalog=catalog, api_key=WRITES)
    assert run.exit_code == 3
    assert "events is left out: journy answered 401 to GET /events" in run.log
    assert "it lacks the permission ReadEvents; allow it in journy" in run.log
    assert "it lacks the permission ReadSegments; allow it in journy" in run.log
    assert "Finished without all of these streams: events, user_segments" in run.log


def test_without_the_permission_for_records_the_catalogues_are_read_all_the_same(tap):
    run = tap(api_key=DOCUMENTED)
    assert run.exit_code == 3
    assert run.records("users") == run.records("accounts") == run.records("memberships") == []
    everything = tap()
    for stream in ("user_properties", "account_properties", "user_segments", "events"):
        assert run.records(stream) == everything.records(stream) != []
    assert "Finished without all of these streams: accounts, memberships, users" in run.log
    assert "Traceback" not in run.log


def test_a_catalogue_whose_columns_were_done_without_is_left_out_as_a_stream(tap, sandbox):
    body = {"meta": {}, "message": "not for this key"}
    sandbox.fault(
        "/journy/properties/users", "GET", times=None, action={"status": 401, "body": body}
    )
    run = tap()
    assert run.exit_code == 3
    assert len(run.records("users")) == 60
    assert "user_properties is left out: journy answered 401" in run.log
    assert "Finished without all of these streams: user_properties" in run.log
    assert [e["status"] for e in sandbox.journal() if "properties/users" in e["path"]] == [401]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_one_list_is_told_from_a_wrong_key(tap, sandbox, status):
    action = {"status": status, "body": {"meta": {}, "message": "no"}}
    sandbox.fault("/journy/accounts*", "GET", times=None, action=action)
    run = tap()
    assert run.exit_code == 3
    assert len(run.records("users")) == 60
    assert f"accounts is left out: journy answered {status} to GET /accounts" in run.log
    assert "which permission it needs isn't published" in run.log


def test_a_stream_that_was_left_out_is_read_by_the_next_run(tap, sandbox):
    action = {"status": 404, "body": {"message": "no"}}
    sandbox.fault("/journy/users*", "GET", times=None, action=action)
    first = tap()
    assert first.exit_code == 3
    assert len(first.records("accounts")) == 12
    assert first.of("SCHEMA", "users") == []
    sandbox.clear_faults()
    second = tap(state=first.state)
    assert second.exit_code == 0
    assert len(second.records("users")) == 60
    assert second.records("memberships")
    assert second.schema("users")["logins_30d"]["type"] == ["number", "null"]


def test_a_wrong_key_ends_the_run_at_once(tap, sandbox):
    run = tap(api_key="not-the-key")
    assert run.exit_code == 1
    assert run.of("RECORD") == []
    assert "is left out" not in run.log


def test_columns_come_from_values_where_the_key_may_not_read_the_definitions(
    tap, sandbox, tmp_path
):
    path = tmp_path / "users.jsonl"
    path.write_text(json.dumps({"userId": "u1", "properties": {"phone": "+32"}}) + "\n")
    catalog = catalog_of(tap, "users")
    run = tap(
        api_key=WRITES,
        record_source={"type": "files", "users": str(path)},
        catalog={"streams": [each for each in catalog["streams"] if each["stream"] == "users"]},
    )
    assert run.exit_code == 0
    assert [each["phone"] for each in run.records("users")] == ["+32"]
    assert "Going on without: journy answered 401 to GET /properties/users" in run.log


def test_the_log_says_that_journy_publishes_no_such_endpoint(tap):
    assert "journy publishes no endpoint that lists users or accounts" in tap().log
