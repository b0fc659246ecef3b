"""A run that somebody ends: at once, with whole lines, and not as if it had read everything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from sync_singer.writer import BlockWriter

PATIENCE = 30


@pytest.fixture
def started(sandbox, tmp_path):
    """The command line in a process of its own, which waits for a page that doesn't come."""
    action = {"hang_before": 3 * PATIENCE}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", times=None, action=action)
    config = tmp_path / "config.json"
    settings = {"api_url": sandbox.pipedrive_url, "api_token": "sandbox-token"}
    config.write_text(json.dumps({**settings, "streams": ["organizations", "persons"]}))
    process = subprocess.Popen(
        [sys.executable, "-m", "tap_pipedrive", "--config", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MELTANO_SYS_DIR_ROOT": str(tmp_path)},
    )
    yield process
    process.kill()
    process.communicate()


def reaches(process, words: str) -> None:
    assert any(words in line for line in process.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_at_once_with_whole_lines_and_code_1(started, number):
    reaches(started, "Starting incremental sync of 'persons'")
    started.send_signal(number)
    out, log = started.communicate(timeout=PATIENCE)
    assert started.returncode == 1
    assert f"Ended by {number.name}" in log
    assert "This run: " in log
    assert "Traceback" not in log
    messages = [json.loads(line) for line in out.splitlines()]
    assert messages[-1]["type"] == "STATE"
    assert "replication_key_value" in messages[-1]["value"]["bookmarks"]["organizations"]


class Pipe:
    """Standard output, where a signal comes in the middle of each write."""

    def __init__(self, signals) -> None:
        self.buffer = self
        self.lines: list[bytes] = []
        self._signals = signals

    def write(self, lines: bytes) -> None:
        for each in self._signals:
            each()
        self.lines.append(lines)


def test_a_message_that_is_being_written_leaves_before_a_signal_ends_the_run(monkeypatch):
    writer, seen = BlockWriter(), []
    pipe = Pipe([lambda: writer.between_messages(lambda: seen.append(len(pipe.lines)))])
    monkeypatch.setattr("sync_singer.writer.sys", SimpleNamespace(stdout=pipe))
    writer.write_block([{"type": "RECORD"}])
    assert seen == [1]


def test_a_second_signal_doesn_t_wait_for_a_target_that_reads_no_more(monkeypatch):
    writer, seen = BlockWriter(), []
    pipe = Pipe([lambda: writer.between_messages(lambda: seen.append(len(pipe.lines)))] * 2)
    monkeypatch.setattr("sync_singer.writer.sys", SimpleNamespace(stdout=pipe))
    writer.write_block([{"type": "RECORD"}])
    assert seen[0] == 0
