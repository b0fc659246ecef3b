"""What bad settings and bad answers get: a sentence and a non-zero exit, without a traceback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest


def errors(run) -> list[str]:
    return [line for line in run.log.splitlines() if "| ERROR" in line]


def refused(run, *words: str) -> None:
    assert run.exit_code == 1
    assert run.of("RECORD") == []
    assert "Traceback" not in run.log
    (sentence,) = errors(run)
    for word in words:
        assert word in sentence


def test_a_wrong_token(tap):
    refused(tap(api_token="not-the-token"), "401", "check the credential")


def test_a_wrong_token_in_discovery(tap):
    run = tap("--discover", api_token="not-the-token")
    assert run.exit_code == 1
    assert run.out == ""
    assert "check the credential" in run.log
    assert "Traceback" not in run.log


def test_a_missing_token(tap):
    refused(tap(api_token=None), "api_token is missing")


def test_an_address_that_is_none(tap):
    refused(tap(api_url="pipedrive.example"), "api_url must begin with http")


def test_an_address_where_nothing_answers(tap, monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 2)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        run = tap(api_url=f"http://127.0.0.1:{closed.getsockname()[1]}")
    refused(run, "can't be reached at http://127.0.0.1:", "check api_url")


def test_a_company_domain_that_is_none(tap):
    refused(tap(api_url=None, company_domain="acme.com/x"), "company_domain")


def test_a_setting_that_is_not_there(tap):
    run = tap(start_dat="2026-01-01T00:00:00Z")
    refused(run, "start_dat: tap-pipedrive has no such setting", "did you mean 'start_date'")


def test_a_start_date_that_is_none(tap):
    refused(tap(start_date="last spring"), "start_date", "'last spring'")


def test_an_unknown_mode(tap):
    run = tap(custom_fields="rows")
    assert run.exit_code == 1
    assert "custom_fields: expected one of 'columns', 'object', 'raw', got 'rows'" in run.log
    assert "Traceback" not in run.log


def test_switched_off_it_ends_at_once_with_success(tap, sandbox):
    state = {"bookmarks": {"persons": {"replication_key_value": "2026-01-01T00:00:00Z"}}}
    run = tap(enabled=False, api_token=None, state=state)
    assert run.exit_code == 0
    assert run.out == ""
    assert "is switched off (enabled: false): nothing is read" in run.log
    assert sandbox.journal() == []


@pytest.mark.parametrize("token", ["sandbox-token", "another-secret-token"])
def test_no_secret_and_no_personal_data_stands_in_the_debug_log(sandbox, tmp_path, token):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"api_url": sandbox.pipedrive_url, "api_token": token}))
    done = subprocess.run(
        [sys.executable, "-m", "tap_pipedrive", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LOGLEVEL": "DEBUG"},
    )
    assert done.returncode == (0 if token == "sandbox-token" else 1)
    assert "DEBUG" in done.stderr
    assert token not in done.stderr + done.stdout
    person = sandbox.pipedrive.rows("person")[1]
    assert person["name"] not in done.stderr
    assert "@" not in done.stderr


@pytest.mark.parametrize("name", ["api_token", "client_secret", "refresh_token"])
@pytest.mark.parametrize("value", [731_846_295, ["s3cret"], {"is": "s3cret"}])
def test_a_secret_of_another_type_is_named_and_not_shown(tap, name, value):
    run = tap(**{name: value})
    assert run.exit_code == 1
    assert f"{name}: expected a text" in run.log
    assert "s3cret" not in run.log
    assert "731846295" not in run.log
