"""A run that somebody ends: behind what it writes, with no state that is ahead of it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys

import pytest
from sync_core.engine.ending import Ending
from sync_core.errors import InterruptedRunError

COMMAND = [sys.executable, "-m", "target_pipedrive"]
PATIENCE = 60
COUNT = 40


@pytest.fixture
def started(target, crm, sandbox):
    """The command line in a process of its own, with some users, beside a service with a fault."""
    people = [{"user_id": f"u{n}", "email": f"p{n}@acme.example", "first_name": "Ann"}
              for n in range(COUNT)]  # fmt: skip
    stream = target.stream("users", *people)
    early = {"type": "STATE", "value": {"bookmarks": {"early": 1}}}
    messages = [stream[0], *stream[1 : COUNT // 2], early, *stream[COUNT // 2 :]]
    config, lines = target.folder / "config.json", target.folder / "messages.jsonl"
    config.write_text(json.dumps(target.settings(users={"create": True})), encoding="utf-8")
    lines.write_text(target.write(messages), encoding="utf-8")

    def start(method="POST", **fault):
        sandbox.fault("/pipedrive/api/v2/persons", method, **fault)
        return subprocess.Popen(
            [*COMMAND, "--config", config, "--input", lines],
            cwd=target.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def until(sandbox, process, method: str, path: str) -> None:
    """Wait for a request, as the service sees it."""
    while not any(r["method"] == method and r["path"].endswith(path) for r in sandbox.journal()):
        assert process.poll() is None, process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_amid_the_writes_ends_the_run_behind_those_under_way(
    started, target, crm, sandbox, number
):
    process = started(times=None, after=3, action={"hang_after": 1.0})
    until(sandbox, process, "POST", "/persons")
    process.send_signal(number)
    out, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 75
    assert f"Ended by {number.name}" in log
    assert "Traceback" not in log
    assert out == ""
    lines, *_ = target.recorded()
    assert len(lines) == len(crm.persons()) < COUNT
    sandbox.clear_faults()
    again = target.run((target.folder / "messages.jsonl").read_text(), users={"create": True})
    assert again.exit_code == 0
    assert len(crm.persons()) == COUNT


def test_a_signal_before_anything_is_written_ends_the_run_at_once(started, crm, sandbox):
    process = started(method="GET", action={"hang_before": 600})
    until(sandbox, process, "GET", "/users/me")
    process.send_signal(signal.SIGTERM)
    out, log = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, crm.persons()) == (75, "", [])
    assert "Ended by SIGTERM" in log


def test_who_asks_again_waits_no_longer():
    ending, wish = Ending(), InterruptedRunError("now")
    with pytest.raises(InterruptedRunError), ending.held():  # noqa: PT012 - it is the second one
        ending.ask(wish)
        ending.ask(wish)


class Shell:
    """Takes lines of the log, and sends a signal while it is given one of them."""

    def __init__(self):
        self.asked = False

    def write(self, line):
        if "expected to find" in line and not self.asked:
            self.asked = True
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_that_comes_while_a_line_is_logged_is_heeded_all_the_same(target, crm):
    handler = logging.StreamHandler(Shell())
    logging.getLogger("sync_core").addHandler(handler)
    try:
        run = target.users({"user_id": "u1", "email": "ann@acme.example"}, create=True)
    finally:
        logging.getLogger("sync_core").removeHandler(handler)
    assert (run.exit_code, run.out, crm.persons()) == (75, "", [])


def test_where_nobody_takes_the_state_any_more_the_run_ends_behind_what_it_has_written(
    target, crm, monkeypatch
):
    people = [{"user_id": f"u{n}", "email": f"p{n}@acme.example", "first_name": "Ann"}
              for n in range(2)]  # fmt: skip
    messages = [each for one in people for each in target.stream("users", one)]
    reading, writing = os.pipe()
    os.close(reading)
    with monkeypatch.context() as patch, os.fdopen(writing, "w") as unread:
        patch.setattr(sys, "stdout", unread)
        run = target.run(messages, users={"create": True}, batch_size_rows=1)
    assert run.exit_code == 75
    assert run.errors[0].endswith("The state has no reader any more; what was written is recorded")
    assert len(crm.persons()) == 1
    assert target.run(messages, users={"create": True}).counts["users"] == {
        "created": 1, "unchanged": 1,
    }  # fmt: skip
