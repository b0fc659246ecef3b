"""Published plugins that nobody here wrote, each in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sync_sandbox import Sandbox

TAPS = {"tap-pipedrive": "tap_pipedrive", "tap-journy": "tap_journy"}


@pytest.fixture(scope="session")
def published(uv, tmp_path_factory) -> Callable[..., Path]:
    """Install pinned packages once a session; gives the folder with their commands."""
    installed: dict[tuple[str, ...], Path] = {}

    def install(*requirements: str) -> Path:
        if requirements not in installed:
            folder = tmp_path_factory.mktemp("published") / "venv"
            quiet = {**os.environ, "VIRTUAL_ENV": str(folder)}
            subprocess.run([uv, "venv", "-q", "-p", sys.executable, folder], check=True)
            subprocess.run([uv, "pip", "install", "-q", *requirements], check=True, env=quiet)
            installed[requirements] = folder / "bin"
        return installed[requirements]

    return install


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=11, persons=120, organizations=30, users=140, accounts=25) as sandbox:
        yield sandbox


@pytest.fixture
def settings(sandbox) -> dict[str, dict[str, Any]]:
    return {
        "tap-pipedrive": {"api_url": sandbox.pipedrive_url, "api_token": "sandbox-token"},
        "tap-journy": {"api_url": sandbox.journy_url, "api_key": "sandbox-key"},
    }


@pytest.fixture
def load(settings, tmp_path) -> Callable[..., str | None]:
    """Pipe one of our taps into a published target, as a shell would; gives the state to save."""

    def run(tap: str, target: list[str], state: str | None = None) -> str | None:
        config, saved = tmp_path / f"{tap}.json", tmp_path / "state.json"
        config.write_text(json.dumps(settings[tap]), encoding="utf-8")
        source = [sys.executable, "-m", TAPS[tap], "--config", str(config)]
        if state is not None:
            saved.write_text(state, encoding="utf-8")
            source += ["--state", str(saved)]
        read = subprocess.run(source, capture_output=True, check=False)
        assert read.returncode == 0, read.stderr.decode()
        written = subprocess.run(target, input=read.stdout, capture_output=True, check=False)
        assert written.returncode == 0, written.stderr.decode()
        states = written.stdout.decode().strip().split("\n")
        return states[-1] or None

    return run
