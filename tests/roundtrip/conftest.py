"""`meltano run` against the sandbox, with the project's own definitions and nothing else shared.

Blind spot: the plugins run from the environments that the set-up made; installing them is proved
by the packaging tests.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sync_sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = ROOT / ".meltano"
BIN = Path(sys.executable).parent


class Project:
    """The project with a system database, a ledger and a sandbox of its own."""

    def __init__(self, home: Path, sandbox: Sandbox) -> None:
        self.home = home
        self.sandbox = sandbox
        self.started: list[subprocess.Popen[str]] = []
        self.ledger = f"sqlite:///{home / 'led ger.db'}"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TAP_", "TARGET_"))},
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "TAP_PIPEDRIVE_API_URL": sandbox.pipedrive_url,
            "TARGET_PIPEDRIVE_API_URL": sandbox.pipedrive_url,
            "TAP_JOURNY_API_URL": sandbox.journy_url,
            "TARGET_JOURNY_API_URL": sandbox.journy_url,
            "MELTANO_DATABASE_URI": f"sqlite:///{home / 'meltano.db'}",
            "MELTANO_PROJECT_READONLY": "1",
            "TARGET_PIPEDRIVE_LEDGER_URL": self.ledger,
            "TARGET_JOURNY_LEDGER_URL": self.ledger,
            "CONNECTOR_LEDGER_URL": self.ledger,
        }

    def start(self, *command: str, **env: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        running = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**self.environment, **env},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.append(running)
        return running

    def meltano(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        return self.start("meltano", *arguments, **env)

    def run(self, *blocks: str, **env: str) -> str:
        """`meltano run` to its successful end; returns what it said."""
        running = self.meltano("run", "--no-install", *blocks, **env)
        said, _ = running.communicate(timeout=240)
        assert running.returncode == 0, said[-4000:]
        return said

    @staticmethod
    def kill(running: subprocess.Popen[str]) -> None:
        """`kill -9` on a command and everything that it started."""
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()

    def end(self) -> None:
        """Leave nothing running, also where a test failed half-way."""
        for running in self.started:
            if running.poll() is None:
                self.kill(running)

    def runs(self) -> list[dict[str, Any]]:
        """What the ledger says of the runs, oldest first."""
        shown = self.start("connector", "runs", "--json")
        said, _ = shown.communicate(timeout=60)
        assert shown.returncode == 0, said
        return json.loads(said)

    def writes(self) -> list[str]:
        """The writes that the services saw, and forget all requests so far."""
        journal = self.sandbox.journal()
        self.sandbox.clear_journal()
        return [f"{each['method']} {each['path']}" for each in journal if each["method"] != "GET"]


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with Sandbox(seed=3, persons=600, organizations=60, users=400, accounts=60) as sandbox:
        yield sandbox


@pytest.fixture
def project(served: Sandbox, tmp_path: Path) -> Iterator[Project]:
    """A world before its first sync."""
    assert (SYSTEM / "extractors").is_dir(), "`make setup` installs the plugins for Meltano"
    assert shutil.which("meltano", path=str(BIN)), "`make setup` installs Meltano"
    served.clear_faults()
    served.reset()
    served.clear_journal()
    project = Project(tmp_path, served)
    yield project
    project.end()


@pytest.fixture(scope="module")
def first_sync(served: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an import and a sync left: databases and world, for tests to go on from."""
    home = tmp_path_factory.mktemp("first sync")
    served.clear_faults()
    served.reset()
    Project(home, served).run("initial-import", "sync")
    served.world.save(home / "world")
    return home


@pytest.fixture
def synced(served: Sandbox, first_sync: Path, tmp_path: Path) -> Iterator[Project]:
    """A world after the import and one sync, as if it had just happened."""
    for file in first_sync.glob("*.db*"):
        shutil.copy(file, tmp_path)
    served.clear_faults()
    served.world.open(first_sync / "world")
    served.clear_journal()
    project = Project(tmp_path, served)
    yield project
    project.end()
