"""What the README shows of the commands is what they say, but for times and numbers of runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
SHOWN = re.findall(r"```text\n\$ connector ([^\n]+)\n(.*?)```", README, re.DOTALL)
_VOLATILE = ((r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "<time>"), (r"\b[0-9a-f]{8}\b", "<run>"))


def masked(text):
    for pattern, name in _VOLATILE:
        text = re.sub(pattern, name, text)
    return [line.rstrip() for line in text.strip().splitlines()]


def test_the_readme_shows_some():
    assert len(SHOWN) >= 3


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_an_output_is_as_it_is_shown(history, command, output):
    done = history.run(*shlex.split(command), expect=2 if command.startswith("alert") else 0)
    said, shown = masked(done.output), masked(output)
    if shown[-1] == "...":
        shown, said = shown[:-1], said[: len(shown) - 1]
    assert said == shown


@pytest.mark.usefixtures("history")
def test_the_summary_of_a_run_is_as_it_is_shown(first_log):
    (shown,) = re.findall(r"```text\n(Summary of .*?)```", README, re.DOTALL)
    block = first_log[first_log.index("Summary of") :]
    assert measured(block) == measured(shown)


def measured(text):
    """The lines without what was measured: tokens of the day, seconds."""
    lines = [re.sub(r"\d+ s;", "<s> s;", line) for line in masked(text)]
    return [re.sub(r"[\d,]{2,}", "<n>", line) if "tokens" in line else line for line in lines]
