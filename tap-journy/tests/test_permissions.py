"""The connection test, and what a key that may not do everything gets."""

from __future__ import annotations

import json

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
    assert run.exit_code == 1
    assert run.records("user_segments") == []
    for stream, name in (
        ("user_properties", "ReadProperties"),
        ("account_segments", "ReadSegments"),
        ("events", "ReadEvents"),
    ):
        assert f"{stream}: the key lacks the permission {name}" in run.log
    assert "Settings, API access" in run.log
    assert "Traceback" not in run.log


def test_the_connection_test_looks_at_the_selected_streams_only(tap, tmp_path):
    path = tmp_path / "chosen.json"
    path.write_text(json.dumps(catalog_of(tap, "events")))
    refused = tap("--catalog", str(path), "--test", api_key=WRITES)
    assert "events: the key lacks the permission ReadEvents" in refused.log
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
    assert run.exit_code == 1
    assert "journy publishes no endpoint that lists" in run.log


def test_a_catalogue_that_the_key_may_not_read_is_named_with_its_permission(tap):
    catalog = catalog_of(tap, "events")
    run = tap(catalog=catalog, api_key=WRITES)
    assert run.exit_code == 1
    assert "401 to GET /events: the key lacks the permission ReadEvents" in run.log


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
