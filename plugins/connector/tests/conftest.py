"""A sandbox, the plugins' settings in a file, and the command line as a function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sync_connector.cli import main
from sync_sandbox import Sandbox

CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
TOKEN = {"api_token": "sandbox-token"}


@pytest.fixture(scope="session")
def _one_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7, persons=12, organizations=6, users=10, accounts=5) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_one_sandbox: Sandbox) -> Sandbox:
    """Both services, as they were seeded."""
    _one_sandbox.reset()
    return _one_sandbox


@dataclass
class Desk:
    """Somebody at a command line, with the settings of four plugins in a file."""

    folder: Path
    settings: dict[str, dict[str, Any]]
    variables: dict[str, str | None] = field(default_factory=dict)

    @property
    def env(self) -> Path:
        return self.folder / ".env"

    def run(self, *arguments: str, expect: int | None = 0, typed: str = "") -> Result:
        """Run one command; `typed` is what is written on the keyboard."""
        file = self.folder / "settings.json"
        file.write_text(json.dumps(self.settings))
        variables = {"CONNECTOR_SETTINGS": str(file), "COLUMNS": "200", **self.variables}
        done = CliRunner().invoke(main, arguments, env=variables, input=typed)
        if expect is not None:
            assert done.exit_code == expect, done.output
        return done


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Desk:
    """The plugins' settings as for the sandbox; a test changes them as it likes."""
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    pipedrive = {"api_url": sandbox.pipedrive_url, **TOKEN}
    journy = {"api_url": sandbox.journy_url, "api_key": "sandbox-key"}
    settings = {
        "tap-pipedrive": {**pipedrive, "streams": ["organizations", "persons"]},
        "target-pipedrive": {**pipedrive, "ledger_url": ledger},
        "tap-journy": dict(journy),
        "target-journy": {**journy, "ledger_url": ledger},
    }
    return Desk(tmp_path, settings, {"XDG_STATE_HOME": str(tmp_path / "state")})


@pytest.fixture
def oauth(desk: Desk, sandbox: Sandbox) -> Desk:
    """The same with an OAuth app in place of the API token; it isn't connected yet."""
    for role in ("tap-pipedrive", "target-pipedrive"):
        del desk.settings[role]["api_token"]
        desk.settings[role] |= {**CLIENT, "oauth_url": f"{sandbox.pipedrive_url}/oauth"}
    return desk
