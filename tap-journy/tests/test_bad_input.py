"""What bad settings and bad answers get: a sentence and a non-zero exit, without a traceback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest


def refused(run, *words: str) -> None:
    assert run.exit_code == 1
    assert run.of("RECORD") == []
    assert "Traceback" not in run.log
    (sentence,) = [line for line in run.log.splitlines() if "| ERROR" in line]
    for word in words:
        assert word in sentence


def test_a_wrong_key(tap):
    refused(tap(api_key="not-the-key"), "401", "check the credential")


def test_a_missing_key(tap):
    refused(tap(api_key=None), "api_key is missing")


def test_a_setting_that_is_not_there(tap):
    run = tap(start_dat="2026-01-01T00:00:00Z")
    refused(run, "start_dat: tap-journy has no such setting", "did you mean 'start_date'")


def test_a_start_date_that_is_none(tap):
    refused(tap(start_date="last spring"), "start_date", "'last spring'")


def test_an_address_where_nothing_answers(tap, monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 2)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        run = tap(api_url=f"http://127.0.0.1:{closed.getsockname()[1]}")
    refused(run, "can't be reached at http://127.0.0.1:", "check api_url")


CATALOGUE = "/journy/events"
LIST = "/journy/users*"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 1)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CATALOGUE, []),
        (CATALOGUE, {"data": "none"}),
        (CATALOGUE, {"data": [1, 2]}),
        (LIST, []),
        (LIST, {"data": {"users": []}}),
    ],
)
def test_a_malformed_page_ends_the_run_with_a_sentence(tap, sandbox, impatient, path, body):
    sandbox.fault(path, "GET", times=None, action={"status": 200, "body": body})
    run = tap()
    assert run.exit_code == 1
    assert path.removeprefix("/journy").rstrip("*") in run.log
    assert "Traceback" not in run.log
    assert len(run.records("accounts")) == 12


@pytest.mark.parametrize("action", [{"malformed": True}, {"truncate": True}, {"drop_before": True}])
@pytest.mark.parametrize("path", [CATALOGUE, LIST])
def test_an_answer_that_is_cut_off_is_asked_for_again(tap, sandbox, monkeypatch, path, action):
    monkeypatch.setattr("sync_core.http.TRIES", 2)
    sandbox.fault(path, "GET", action=action)
    run = tap()
    assert run.exit_code == 0
    assert len(run.records("users")) == 60
    assert "Traceback" not in run.log


def test_definitions_of_another_type_or_without_a_key_stop_no_others(tap, sandbox):
    rows = [
        {"id": 7, "name": ["a"], "group": "none"},
        {"name": "nobody"},
        {"id": "", "name": "nothing"},
        {"id": "e1", "name": "Paid", "group": {"id": "g", "name": None}},
    ]
    sandbox.fault(CATALOGUE, "GET", action={"status": 200, "body": {"data": rows}})
    run = tap()
    assert run.exit_code == 0
    assert run.fits
    assert [(e["id"], e["name"], e["group_id"]) for e in run.records("events")] == [
        ("7", '["a"]', None),
        ("e1", "Paid", "g"),
    ]
    assert "events: 2 rows without id left out" in run.log


def test_a_definition_whose_mark_is_no_truth_is_told_from_one_that_is(tap, sandbox):
    rows = [{"name": "plan", "label": 5, "isComputed": "yes"}, {"label": "nameless"}]
    body = {"data": rows}
    sandbox.fault(
        "/journy/properties/users", "GET", times=None, action={"status": 200, "body": body}
    )
    run = tap()
    assert run.exit_code == 0
    assert run.fits
    (row,) = run.records("user_properties")
    assert (row["name"], row["label"], row["is_computed"]) == ("plan", "5", None)


def test_switched_off_it_ends_at_once_with_success(tap, sandbox):
    state = {"bookmarks": {"users": {"replication_key_value": "2026-01-01T00:00:00.000Z"}}}
    run = tap(enabled=False, api_key=None, record_source={"nonsense": 1}, state=state)
    assert run.exit_code == 0
    assert run.out == ""
    assert "is switched off (enabled: false): nothing is read" in run.log
    assert sandbox.journal() == []


@pytest.mark.parametrize("key", ["sandbox-key", "another-secret-key"])
def test_no_secret_and_no_personal_data_stands_in_the_debug_log(sandbox, tmp_path, key):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"api_url": sandbox.journy_url, "api_key": key}))
    done = subprocess.run(
        [sys.executable, "-m", "tap_journy", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LOGLEVEL": "DEBUG"},
    )
    assert done.returncode == (0 if key == "sandbox-key" else 1)
    assert "DEBUG" in done.stderr
    assert key not in done.stderr + done.stdout
    assert "@" not in done.stderr
