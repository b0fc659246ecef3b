"""`make demo`, in a copy of the project that shares nothing with the one around it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

BIN = Path(sys.executable).parent
TABLES = (
    "Initial import, Pipedrive → journy.io",
    "First sync, journy.io → Pipedrive",
    "First sync, Pipedrive → journy.io",
    "Second sync, journy.io → Pipedrive",
    "Second sync, Pipedrive → journy.io",
)


def start(project: Path) -> subprocess.Popen[str]:
    """Start the demo as make does, with credentials and addresses set that must not be used."""
    return subprocess.Popen(
        [BIN / "sandbox", "demo"],
        cwd=project,
        env={
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "PIPEDRIVE_API_TOKEN": "the company's own",
            "TARGET_PIPEDRIVE_API_TOKEN": "the company's own",
            "TARGET_PIPEDRIVE_API_URL": "http://127.0.0.1:1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def cwd(process: psutil.Process) -> str:
    """The folder that a process works in; empty for one that has ended or is somebody else's."""
    try:
        return process.cwd()
    except psutil.Error:
        return ""


@pytest.fixture
def project(copy_project) -> Iterator[Path]:
    project = copy_project()
    yield project
    left = [process for process in psutil.process_iter() if str(project) in cwd(process)]
    for process in left:  # one failure must not spoil the tests after it
        process.kill()
    assert left == []


def test_the_demo_syncs_both_ways_comes_to_rest_and_shows_what_it_did(project):
    system = project / ".meltano"
    system.mkdir()
    (system / "sandbox.json").write_text("left by an earlier demo")
    (system / "ledger-sandbox.db").write_text("left by an earlier demo")
    (system / "ledger-prod.db").write_text("the company's own")

    running = start(project)
    shown, _ = running.communicate(timeout=300)
    assert running.returncode == 0, shown
    positions = [shown.index(title) for title in TABLES]
    assert positions == sorted(positions)
    assert max(map(len, shown.splitlines())) <= 100

    tables = dict(zip(TABLES, re.split("|".join(TABLES), shown)[1:], strict=True))
    assert row(tables[TABLES[0]], "persons")["created"] > 900
    assert row(tables[TABLES[1]], "users")["updated"] > 500
    for title in TABLES[3:]:
        for line in re.findall(r"^(\w+)(?: +[\d,]+){7}$", tables[title], re.MULTILINE):
            figures = row(tables[title], line)
            assert (figures["created"], figures["updated"]) == (0, 0)
    for title in TABLES:
        assert re.search(r"[\d,]+ calls, [\d,]+ Pipedrive tokens", tables[title])
    assert "Where to look next" in shown
    assert (system / "ledger-prod.db").read_text() == "the company's own"
    assert (system / "sandbox.json").read_text().startswith("{"), "`make sandbox` goes on from it"


def row(table: str, entity: str) -> dict[str, int]:
    """The figures of one line of a table."""
    heads = re.findall(r"[a-z]+", table.strip().splitlines()[0])
    line = re.search(rf"^{entity} .*$", table, re.MULTILINE)
    assert line, table
    figures = [int(word.replace(",", "")) for word in line[0].split()[1:]]
    return dict(zip(heads, figures, strict=True))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_running(project, number):
    running = start(project)
    assert running.stdout
    for line in running.stdout:
        if re.search(r"Initial import.* \d+ s, ", line):  # it tells of a command that is running
            break
    children = psutil.Process(running.pid).children(recursive=True)
    assert len(children) >= 2, "the sandbox and Meltano"
    running.send_signal(number)
    running.communicate(timeout=60)
    assert running.returncode not in {0, None}
    _, alive = psutil.wait_procs(children, timeout=30)  # what was killed is reaped by the system
    assert alive == []


def test_a_demo_whose_step_fails_shows_the_end_of_the_log_and_its_place(project):
    text = (project / "meltano.yml").read_text()
    (project / "meltano.yml").write_text(text.replace("jobs:", "jobs: {"))
    running = start(project)
    shown, _ = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "Initial import: meltano run --full-refresh initial-import failed" in shown
    assert ".meltano/demo.log" in shown


def test_a_demo_outside_of_a_project_says_so(tmp_path):
    running = start(tmp_path)
    shown, _ = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "no meltano.yml in" in shown
