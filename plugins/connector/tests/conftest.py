"""A sandbox, the plugins' settings in a file, and the command line as a function."""

from __future__ import annotations

import io
import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result
from sync_connector.cli import main
from sync_sandbox import Sandbox
from sync_tests import prepared, unknowns
from sync_tests.command import undisturbed
from sync_tests.targets import as_text, stream_messages
from target_journy.target import TargetJourny
from target_pipedrive.target import TargetPipedrive

CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
TOKEN = {"api_token": "sandbox-token"}
TARGETS = ("target-pipedrive", "target-journy")


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7, persons=12, organizations=6, users=10, accounts=5) as sandbox:
        yield sandbox


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugins that have everything imported when they are started."""
    monkeypatch.setattr("sync_connector.meltano.call", prepared.call)


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


class History:
    """A ledger that both targets have filled, and the command line that reads it."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.url = f"sqlite:///{folder / 'led ger.db'}"
        self.log = ""

    def run(self, *arguments: str, expect: int | None = 0, typed: str = "") -> Result:
        """Run one command of the connector."""
        variables = {"CONNECTOR_LEDGER_URL": self.url, "COLUMNS": "200"}
        done = CliRunner().invoke(main, arguments, env=variables, input=typed)
        if expect is not None:
            assert done.exit_code == expect, done.output
        return done

    def users(self, *records: Any, fields: Any = None, expect: int = 0, **settings: Any) -> None:
        """A run of target-pipedrive, with users of journy."""
        lines = MAPPING if fields is None else fields
        config = {
            "api_url": self.sandbox.pipedrive_url,
            "api_token": "sandbox-token",
            "users": {"fields": lines},
            "actions": [ACTION],
            **settings,
        }
        self._feed(
            TargetPipedrive, config, stream_messages("users", USER, ["user_id"], records), expect
        )

    def persons(self, *records: Any, expect: int = 0, **settings: Any) -> None:
        """A run of target-journy, with persons of Pipedrive."""
        config = {
            "api_url": self.sandbox.journy_url,
            "api_key": "sandbox-key",
            "persons": {"create": True},
            **settings,
        }
        self._feed(
            TargetJourny, config, stream_messages("persons", PERSON, ["id"], records), expect
        )

    def _feed(self, target: Any, config: dict[str, Any], messages: Any, expect: int) -> None:
        file, lines = self.folder / "config.json", self.folder / "messages.jsonl"
        file.write_text(json.dumps({**config, "ledger_url": self.url}), "utf-8")
        lines.write_text(as_text(messages), "utf-8")
        with _heard() as heard:
            done = CliRunner().invoke(target.cli, ["--config", str(file), "--input", str(lines)])
        self.log = heard.getvalue()
        assert done.exit_code == expect, self.log + done.output


@contextmanager
def _heard() -> Iterator[io.StringIO]:
    """What plugins log."""
    stream = io.StringIO()
    listener = logging.StreamHandler(stream)
    loggers = [logging.getLogger(each) for each in ("sync_core", *TARGETS)]
    for logger in loggers:
        logger.addHandler(listener)
    try:
        with undisturbed():
            yield stream
    finally:
        for logger in loggers:
            logger.removeHandler(listener)


TEXT = {"type": ["string", "null"]}
TEXTS = {"type": ["array", "null"]}
SEGMENTS = ["Product qualified leads", "Trial"]
USER = {
    **dict.fromkeys(("user_id", "email", "first_name", "health", "stage", "updated_at"), TEXT),
    "segments": {**TEXTS, "x-journy": {"segments": SEGMENTS}},
    "accounts": TEXTS,
}
PERSON = {
    "id": {"type": ["integer", "null"]},
    "first_name": TEXT,
    "update_time": TEXT,
    "emails": TEXTS,
}
MAPPING = [
    {"from": "health", "to": "Customer health"},
    {"from": "stage", "to": "Lifecycle stage"},
]
ACTION = {
    "name": "call-new-pqls",
    "when": {"entity": "user", "segment_entered": "Product qualified leads"},
    "activity": {"type": "call", "subject": "Call {first_name}", "due_in_days": 1},
    "fire_on_first_run": True,
}


def user(number: int, name: str, **values: Any) -> dict[str, Any]:
    """A user of journy."""
    return {"user_id": f"u{number}", "email": f"{name}@acme.example", **values}


def _person(sandbox: Sandbox, *addresses: str, **values: Any) -> int:
    emails = [{"value": each, "primary": at == 0} for at, each in enumerate(addresses)]
    answer = requests.post(
        f"{sandbox.pipedrive_url}/api/v2/persons",
        json={"name": "Ann Lee", "emails": emails, **values},
        headers={"x-api-token": "sandbox-token"},
        timeout=30,
    )
    answer.raise_for_status()
    return int(answer.json()["data"]["id"])


def _live(history: History) -> None:
    """Some runs of both targets, with an example of nearly everything that can happen."""
    names = ("ann", "bob", "cat", "moves", "two", "two", "=cmd|<b>x", "dora")
    numbers = [_person(history.sandbox, f"{name}@acme.example") for name in names]
    entered = ["Product qualified leads"]
    history.users(
        user(1, "ann", health="Good", segments=entered, first_name="Ann"),
        user(2, "bob", stage="Trial"),
        user(3, "cat", health="Splendid"),
        user(4, "moves", health="Good"),
        user(5, "two", health="Good"),
        user(6, "unknown", health="Good", segments=entered),
        user(7, "=cmd|<b>x", health="Bad"),
    )
    (history.folder / "first.log").write_text(history.log, "utf-8")
    people = {numbers[0]: "ann", numbers[-1]: "dora"}
    history.persons(
        *(
            {
                "id": number,
                "first_name": f"New {name}",
                "emails": [{"value": f"{name}@acme.example", "primary": True}],
            }
            for number, name in people.items()
        )
    )
    for health in ("Bad", "Good", "Bad"):
        history.users(
            user(1, "ann", health=health, segments=entered, first_name="Ann"),
            user(4, "moved", health=health),
        )
    history.users(user(2, "bob", stage="Churned"), dry_run=True)


@pytest.fixture(scope="session")
def _lived(session_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived")
    told_left = unknowns.usual("pipedrive.daily_headers")
    session_sandbox.reset(persons=0, organizations=0, users=0, accounts=0, switches=told_left)
    _live(History(folder, session_sandbox))
    session_sandbox.world.save(folder / "world")
    return folder


@pytest.fixture
def first_log(_lived: Path) -> str:
    """What the first run logged."""
    return (_lived / "first.log").read_text("utf-8")


@pytest.fixture
def history(_lived: Path, sandbox: Sandbox, tmp_path: Path) -> History:
    """A ledger and a world after some runs, for a test to go on from."""
    for file in _lived.glob("led ger.db*"):
        shutil.copy(file, tmp_path)
    sandbox.world.open(_lived / "world")
    return History(tmp_path, sandbox)
