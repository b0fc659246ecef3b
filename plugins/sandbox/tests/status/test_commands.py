"""The commands that people type, through the command line. `serve` itself: frame/test_cli.py."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

import pytest
import requests
from click.testing import CliRunner
from sync_sandbox.cli import main

SMALL = ["--persons", "5", "--organizations", "3", "--users", "5", "--accounts", "3"]
PERSONS = "/api/v2/persons"
KEY = "0123456789abcdef0123456789abcdef01234567"


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "world.json"
    assert run("seed", *SMALL, "--state", path).exit_code == 0
    return path


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_journal_adds_up_calls_errors_and_tokens_by_path(sandbox, pipedrive):
    pipedrive.get(f"{PERSONS}/1")
    pipedrive.get(f"{PERSONS}/2")
    pipedrive.get(f"{PERSONS}/999999")
    pipedrive.get(PERSONS, limit=1)
    pipedrive.get(f"/api/v2/personFields/{KEY}")
    table = run("journal", "--url", sandbox.url).output.splitlines()
    rows = [line.split() for line in table[1:-1]]
    assert [(row[0], row[1], *row[4:]) for row in rows] == [
        ("1", "0", "GET", "/pipedrive/api/v2/persons"),
        ("3", "1", "GET", "/pipedrive/api/v2/persons/{id}"),
        ("1", "1", "GET", "/pipedrive/api/v2/personFields/{id}"),
    ]
    assert sum(int(row[2]) for row in rows) == sum(row["tokens"] for row in sandbox.journal())
    assert table[-1].startswith("5 requests, ")


def test_an_empty_journal_says_so(sandbox):
    assert run("journal", "--url", f"{sandbox.url}/").output == "0 requests, 0 Pipedrive tokens\n"


def test_each_request_has_a_line_also_one_without_an_answer(sandbox, pipedrive):
    sandbox.fault(action={"drop_before": True})
    with pytest.raises(requests.ConnectionError):
        pipedrive.get(PERSONS)
    printed = run("journal", "--url", sandbox.url, "--each").output
    assert printed.split()[0] == "cut"
    assert PERSONS in printed


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["lines", "json"])
def test_following_tells_what_was_and_what_comes_until_ctrl_c(sandbox, pipedrive, form):
    pipedrive.get(f"{PERSONS}/1")
    command = [sys.executable, "-m", "sync_sandbox", "journal", "--follow", "--url", sandbox.url]
    with subprocess.Popen(
        [*command, *form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert "/persons/1" in process.stdout.readline()
            pipedrive.get(f"{PERSONS}/2")
            assert "/persons/2" in process.stdout.readline()
            sandbox.clear_journal()
            pipedrive.get(f"{PERSONS}/3")
            assert "/persons/3" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()


def test_switches_show_and_move_those_of_a_running_sandbox(sandbox):
    moved = run("switches", "--url", sandbox.url, "pipedrive.patch_lists=merge")
    assert moved.output.startswith("pipedrive.patch_lists = merge  (replace, merge, default repl")
    assert sandbox.switches.get("pipedrive.patch_lists") == "merge"
    rows = json.loads(run("switches", "--url", sandbox.url, "--json").output)
    differing = [row["name"] for row in rows if row["position"] != row["default"]]
    assert differing == ["pipedrive.patch_lists"]


def test_an_export_holds_what_the_state_file_holds(state, tmp_path):
    users, accounts = tmp_path / "users.jsonl", tmp_path / "accounts.jsonl"
    result = run("export", "--state", state, "--users", users, "--accounts", accounts)
    assert result.exit_code == 0
    assert f"5 lines in {users}" in result.output
    assert all({"userId", "email", "properties"} <= set(line) for line in lines(users))
    assert len(lines(accounts)) == 3
    assert run("export", "--state", state, "--format", "segment", "--users", users).exit_code == 0
    assert {line["type"] for line in lines(users)} <= {"identify", "track"}
    result = run("export", "--state", state, "--format", "segment", "--accounts", accounts)
    assert {line["type"] for line in lines(accounts)} == {"group"}


def test_a_taken_port_gets_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--port", port, *SMALL)
    assert result.exit_code == 1
    assert f"port {port} on 127.0.0.1 is taken" in result.output
    assert "--port" in result.output


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no saved sandbox"),
        (b"\xff\xfe", "is no saved sandbox"),
        (b"[]", "is no saved sandbox"),
        (b"7", "is no saved sandbox"),
        (b'{"pipedrive": {}, "journy": {}}', "is no saved sandbox"),
        (b'{"format": 1, "pipedrive": {}, "journy": {}}', "is no saved sandbox"),
        (b'{"format": 1, "pipedrive": [], "journy": 3}', "is no saved sandbox"),
        (b'{"format": 99}', "is of format 99, and this sandbox reads"),
        (b'{"format": "new"}', "is of format new, and this sandbox reads"),
    ],
    ids=repr,
)
def test_a_state_file_that_can_not_be_read_gets_a_sentence_and_stays(tmp_path, content, sentence):
    path = tmp_path / "world.json"
    path.write_bytes(content)
    result = run("export", "--state", path, "--users", tmp_path / "users.jsonl")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert sentence in result.output
    assert "move the file away" in result.output
    assert path.read_bytes() == content
    assert not (tmp_path / "users.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--state", "nowhere/world.json"], "there is no folder nowhere"),
        (["serve", "--ready-file", "nowhere/ready"], "there is no folder nowhere"),
        (["serve", "--port", "70000"], "70000 is not in the range"),
        (["serve", "--latency-ms", "-1"], "-1.0 is not in the range"),
        (["serve", "--switch", "nope=1"], "there is no switch 'nope'"),
        (["seed", "--state", "nowhere/world.json"], "there is no folder nowhere"),
        (["seed", "--state", "."], "is a directory"),
        (["export", "--state", "nowhere.json"], "does not exist"),
        (["switches", "pipedrive.patch_lists=merge"], "say with --url"),
        (["switches", "--url", "http://127.0.0.1:1", "merge"], "'merge' is not NAME=VALUE"),
        (["switches", "--url", "127.0.0.1:8765"], "is no http URL"),
        (["journal", "--follow", "--clear"], "leave --clear out"),
        (["journal", "--url", "http://127.0.0.1:1"], "start one with `sandbox serve`"),
    ],
    ids=" ".join,
)
def test_a_bad_command_line_gets_a_sentence(arguments, sentence):
    result = run(*arguments)
    assert result.exit_code != 0
    assert isinstance(result.exception, SystemExit)
    assert sentence in " ".join(result.output.split())


def test_an_export_to_nowhere_is_refused(state):
    assert "--users FILE" in run("export", "--state", state).output
    result = run("export", "--state", state, "--users", "nowhere/users.jsonl")
    assert "there is no folder nowhere" in result.output


@pytest.mark.parametrize(
    ("moves", "sentence"),
    [("nope=1", "there is no switch 'nope'"), ("pipedrive.set_null=maybe", "accept, refuse")],
)
def test_a_switch_that_can_not_be_moved_gets_the_sandboxs_sentence(sandbox, moves, sentence):
    result = run("switches", "--url", sandbox.url, moves)
    assert result.exit_code == 1
    assert sentence in result.output


def test_something_else_than_a_sandbox_is_told_from_one(sandbox):
    result = run("journal", "--url", sandbox.journy_url)
    assert result.exit_code == 1
    assert "is no sandbox" in result.output


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself(command):
    text = run(command, "--help").output
    assert len(text) > 150
    if command != "demo":
        assert "Example" in text
