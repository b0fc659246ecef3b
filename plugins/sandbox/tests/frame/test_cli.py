from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests
from click.testing import CliRunner
from sync_sandbox.cli import main

SMALL = ["--persons", "5", "--organizations", "3", "--users", "5", "--accounts", "3"]


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


@contextmanager
def serving(tmp_path, *arguments):
    ready = tmp_path / "ready"
    ready.write_text("http://127.0.0.1:1 of an earlier run")
    command = [sys.executable, "-m", "sync_sandbox", "serve", "--port", "0", *SMALL, *arguments]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        line = process.stdout.readline()
        yield ready.read_text().strip() if "Sandbox on" in line else "", line, process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_where_it_listens_and_ends_cleanly_on_a_signal(tmp_path, ending):
    with serving(tmp_path) as (url, line, process):
        assert url.startswith("http://127.0.0.1:")
        assert url in line
        assert "sandbox-token" in line
        assert "sandbox-key" in line
        assert requests.get(f"{url}/_sandbox/health", timeout=30).json() == {"status": "ok"}
        process.send_signal(ending)
        assert process.wait(timeout=30) == 0


def test_state_outlives_a_clean_stop(tmp_path):
    state = str(tmp_path / "state.json")
    headers = {"x-api-token": "sandbox-token"}
    with serving(tmp_path, "--state", state) as (url, _, process):
        body = {"name": "Ann Lee"}
        path = f"{url}/pipedrive/api/v2/persons"
        made = requests.post(path, json=body, headers=headers, timeout=30).json()["data"]
        process.terminate()
        assert process.wait(timeout=30) == 0
    with serving(tmp_path, "--state", state) as (url, _, process):
        path = f"{url}/pipedrive/api/v2/persons/{made['id']}"
        assert requests.get(path, headers=headers, timeout=30).json()["data"] == made


def test_the_journal_of_a_running_sandbox_is_printed(tmp_path):
    with serving(tmp_path, "--switch", "pipedrive.patch_lists=merge") as (url, _, _process):
        headers = {"x-api-token": "sandbox-token"}
        requests.get(f"{url}/pipedrive/v1/users/me", headers=headers, timeout=30)
        printed = run("journal", "--url", url)
        assert "/pipedrive/v1/users/me" in printed.output
        assert "1 request, 2 Pipedrive tokens" in printed.output
        line = run("journal", "--url", url, "--json", "--clear").output
        assert json.loads(line)["status"] == 200
        assert run("journal", "--url", url, "--json").output == ""
        switches = requests.get(f"{url}/_sandbox/switches", timeout=30).json()
        assert switches["pipedrive.patch_lists"] == "merge"


def test_every_switch_is_listed_with_what_it_takes():
    text = run("switches").output
    assert "pipedrive.lists_include_deleted = never  (never, with_updated_since, always)" in text
    rows = json.loads(run("switches", "--json").output)
    assert {"pipedrive.patch_lists", "journy.rate_limit"} <= {row["name"] for row in rows}
    assert all(row["about"].endswith((".", "!")) for row in rows)


def test_seed_writes_a_file_that_serve_can_load(tmp_path):
    state = tmp_path / "state.json"
    result = run("seed", *SMALL, "--state", str(state))
    assert result.exit_code == 0
    assert "persons" in result.output
    assert set(json.loads(state.read_bytes())) == {"format", "pipedrive", "journy"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--plan", "gold"],
        ["serve", "--seats", "0"],
        ["serve", "--persons", "-1"],
        ["serve", "--switch", "nope"],
        ["serve", "--switch", "nope=1"],
        ["serve", "--switch", "pipedrive.set_null=maybe"],
        ["serve", "--host", "192.0.2.1", *SMALL],
        ["seed"],
        ["journal", "--url", "ftp://x"],
        ["journal", "--url", "http://127.0.0.1:1"],
    ],
    ids=" ".join,
)
def test_a_bad_command_line_gets_a_sentence(arguments):
    result = run(*arguments)
    assert result.exit_code != 0
    assert "Error:" in result.output
    assert "Traceback" not in result.output


def test_a_state_file_that_is_none_is_refused(tmp_path):
    broken = tmp_path / "state.json"
    broken.write_text("{}")
    result = run("serve", "--state", str(broken), *SMALL)
    assert result.exit_code == 1
    assert "no saved sandbox" in result.output


@pytest.mark.parametrize("command", [[], ["serve"], ["seed"], ["switches"], ["journal"]], ids=str)
def test_every_command_has_help(command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert len(result.output) > 100
