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


def test_a_start_date_that_is_none(tap):
    refused(tap(start_date="last spring"), "start_date", "'last spring'")


def test_an_address_where_nothing_answers(tap, monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 2)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        run = tap(api_url=f"http://127.0.0.1:{closed.getsockname()[1]}")
    refused(run, "can't be reached at http://127.0.0.1:", "check api_url")


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
