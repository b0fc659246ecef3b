"""An empty journy and an empty Pipedrive for each test, and all four command lines as functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sync_sandbox import Sandbox
from sync_tests.command import invoke
from sync_tests.targets import (
    LedgerFolder,
    TargetRun,
    as_text,
    state_message,
    stream_messages,
)
from sync_tests.two_way import Sync
from tap_journy.tap import TapJourny
from tap_pipedrive.tap import TapPipedrive
from target_journy.target import TargetJourny
from target_pipedrive.target import TargetPipedrive

NOTHING = {"persons": 0, "organizations": 0, "users": 0, "accounts": 0}
PLUGINS = {
    "tap-journy": TapJourny,
    "tap-pipedrive": TapPipedrive,
    "target-journy": TargetJourny,
    "target-pipedrive": TargetPipedrive,
}


def custom(label: str, kind: str) -> dict[str, Any]:
    """A column as tap-pipedrive announces a custom field."""
    about = {"key": label.replace(" ", "").lower().ljust(40, "0"), "label": label, "type": "?"}
    return {"type": [kind, "null"], "x-pipedrive": about}


TEXT, NUMBER, LIST = ({"type": [kind, "null"]} for kind in ("string", "number", "array"))
#: What tap-pipedrive says of its streams, as far as these tests go.
COLUMNS: dict[str, dict[str, Any]] = {
    "persons": {
        **dict.fromkeys(("id", "org_id"), NUMBER),
        **dict.fromkeys(("name", "first_name", "last_name", "update_time"), TEXT),
        **dict.fromkeys(("emails", "phones"), LIST),
        "is_deleted": {"type": ["boolean", "null"]},
        "churn_score": custom("Churn score", "number"),
        "lifecycle_stage": custom("Lifecycle stage", "string"),
        "interests": custom("Interests", "array"),
        "newsletter": custom("Newsletter", "boolean"),
        "contract_value": custom("Contract value", "object"),
    },
    "organizations": {
        "id": NUMBER,
        **dict.fromkeys(("name", "website", "update_time"), TEXT),
        "account_id": custom("Account ID", "string"),
        "mrr": custom("MRR", "number"),
    },
}


class Journy:
    """journy as it is behind its API."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def user(self, user_id: str) -> dict[str, Any]:
        record = self.sandbox.journy.world.users.by_external[user_id]
        accounts = self.sandbox.journy.world.accounts.records
        homes = [accounts[key].external for key in record.links]
        return {**record.properties, "email": record.contact, "accounts": homes}

    def account(self, account_id: str) -> dict[str, Any]:
        record = self.sandbox.journy.world.accounts.by_external[account_id]
        return {**record.properties, "domain": record.contact}

    def users(self) -> list[str]:
        return sorted(self.sandbox.journy.world.users.by_external)

    def put(self, entity: str, identification: dict[str, str], **properties: Any) -> None:
        """Write as somebody else would: `put("users", {"userId": "u1"}, phone="1")`."""
        body = {"identification": identification, "properties": properties}
        url = f"{self.sandbox.journy_url}/{entity}/upsert"
        answer = requests.post(url, json=body, headers={"X-Api-Key": "sandbox-key"}, timeout=10)
        assert answer.ok, answer.text
        self.sandbox.clear_journal()

    def writes(self) -> list[str]:
        """The writes since the last question, to either service."""
        journal = self.sandbox.journal()
        self.sandbox.clear_journal()
        return [f"{each['method']} {each['path']}" for each in journal if each["method"] != "GET"]


class Plugins(LedgerFolder):
    """The command lines, with a ledger that they share."""

    def __init__(self, sandbox: Sandbox, folder: Path, capfd: Any) -> None:
        super().__init__(folder)
        self.sandbox = sandbox
        self._capfd = capfd

    def settings(self, name: str, **settings: Any) -> dict[str, Any]:
        pipedrive = {"api_url": self.sandbox.pipedrive_url, "api_token": "sandbox-token"}
        journy = {"api_url": self.sandbox.journy_url, "api_key": "sandbox-key"}
        access = pipedrive if name.endswith("pipedrive") else journy
        ledger = {"ledger_url": self.ledger_url} if name.startswith("target") else {}
        return {**access, **ledger, **settings}

    def call(self, name: str, *arguments: str, **settings: Any) -> tuple[int, str, str]:
        config = self.folder / f"{name}.json"
        config.write_text(json.dumps(self.settings(name, **settings)), encoding="utf-8")
        return invoke(PLUGINS[name], ["--config", str(config), *arguments], self._capfd)

    def write(self, text: str, name: str = "target-journy", **settings: Any) -> TargetRun:
        lines = self.folder / "messages.jsonl"
        lines.write_text(text, encoding="utf-8")
        return TargetRun(*self.call(name, "--input", str(lines), **settings), *self.recorded())

    def persons(self, *records: Any, **persons: Any) -> TargetRun:
        """Write persons, with the settings of `persons`."""
        return self.write(self.stream("persons", *records), persons=persons)

    def organizations(self, *records: Any, **organizations: Any) -> TargetRun:
        return self.write(self.stream("organizations", *records), organizations=organizations)

    @staticmethod
    def stream(name: str, *records: Any) -> str:
        """A stream of tap-pipedrive as text, with a state at its end."""
        messages = stream_messages(name, COLUMNS[name], ["id"], records)
        return as_text([*messages, state_message(name, len(records))])


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(**NOTHING) as sandbox:
        yield sandbox


@pytest.fixture
def journy(sandbox: Sandbox) -> Journy:
    return Journy(sandbox)


@pytest.fixture
def plugins(sandbox: Sandbox, tmp_path: Path, capfd: Any) -> Plugins:
    return Plugins(sandbox, tmp_path, capfd)


@pytest.fixture
def sync(plugins: Plugins, sandbox: Sandbox, journy: Journy) -> Sync:
    """A user and a person who are in step."""
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"},
               first_name="Ann", last_name="Lee", lifecycle="Lead")  # fmt: skip
    job = Sync(plugins, sandbox, journy)
    job.rest()
    assert job.stages() == ("Lead", "Lead")
    return job
