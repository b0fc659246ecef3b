"""An empty journy and an empty Pipedrive for each test, and all four command lines as functions."""

from __future__ import annotations

import json
import logging
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from sync_core.ledger import Ledger
from sync_core.ledger.log import LogLine, Question, find
from sync_sandbox import Sandbox
from tap_journy.tap import TapJourny
from tap_pipedrive.tap import TapPipedrive
from target_journy.target import TargetJourny
from target_pipedrive.target import TargetPipedrive

Message = dict[str, Any]
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


@dataclass
class Run:
    """What one run of the command line did."""

    exit_code: int
    out: str
    log: str
    lines: list[LogLine]
    counts: dict[str, dict[str, int]]
    reasons: Counter[str]

    @property
    def states(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def errors(self) -> list[str]:
        return [line for line in self.log.splitlines() if "| ERROR" in line]

    def text(self, reason: str) -> str:
        """The sentence of the one record with this reason."""
        (text,) = [line.text for line in self.lines if line.reason == reason]
        return text


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


class Plugins:
    """The command lines, with a ledger that they share."""

    def __init__(self, sandbox: Sandbox, folder: Path, capfd: Any) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.ledger = folder / "ledger.db"
        self._capfd = capfd

    @property
    def ledger_url(self) -> str:
        return f"sqlite:///{self.ledger}"

    def settings(self, name: str, **settings: Any) -> dict[str, Any]:
        pipedrive = {"api_url": self.sandbox.pipedrive_url, "api_token": "sandbox-token"}
        journy = {"api_url": self.sandbox.journy_url, "api_key": "sandbox-key"}
        access = pipedrive if name.endswith("pipedrive") else journy
        ledger = {"ledger_url": self.ledger_url} if name.startswith("target") else {}
        return {**access, **ledger, **settings}

    def call(self, name: str, *arguments: str, **settings: Any) -> tuple[int, str, str]:
        config = self.folder / f"{name}.json"
        config.write_text(json.dumps(self.settings(name, **settings)), encoding="utf-8")
        return _invoke(PLUGINS[name], ["--config", str(config), *arguments], self._capfd)

    def write(self, text: str, name: str = "target-journy", **settings: Any) -> Run:
        lines = self.folder / "messages.jsonl"
        lines.write_text(text, encoding="utf-8")
        return Run(*self.call(name, "--input", str(lines), **settings), *self._recorded())

    def persons(self, *records: Any, **persons: Any) -> Run:
        """Write persons, with the settings of `persons`."""
        return self.write(self.stream("persons", *records), persons=persons)

    def organizations(self, *records: Any, **organizations: Any) -> Run:
        return self.write(self.stream("organizations", *records), organizations=organizations)

    @staticmethod
    def stream(name: str, *records: Any) -> str:
        """A stream of tap-pipedrive as text, with a state at its end."""
        schema = {"type": "object", "properties": COLUMNS[name]}
        messages: list[Message] = [
            {"type": "SCHEMA", "stream": name, "schema": schema, "key_properties": ["id"]},
            *({"type": "RECORD", "stream": name, "record": record} for record in records),
            {"type": "STATE", "value": {"bookmarks": {name: len(records)}}},
        ]
        return "".join(json.dumps(message) + "\n" for message in messages)

    def forget(self) -> None:
        """Lose the ledger."""
        for path in self.folder.glob("ledger.db*"):
            path.unlink()

    def _recorded(self) -> tuple[list[LogLine], dict[str, dict[str, int]], Counter[str]]:
        if not self.ledger.exists():
            return [], {}, Counter()
        ledger = Ledger(self.ledger_url, "default")
        try:
            (*_, last) = ledger.runs() or [None]
            if last is None:
                return [], {}, Counter()
            reasons: Counter[str] = Counter()
            for each in last.reasons:
                reasons[each["reason"]] += each["count"]
            lines = find(ledger, Question(run=last.run, limit=5000))
            return lines, dict(last.counts), reasons
        finally:
            ledger.close()


def _invoke(plugin: Any, line: list[str], capfd: Any) -> tuple[int, str, str]:
    """Run the command line in this process, and leave no trace in the process's own settings."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    signals = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    capfd.readouterr()
    try:
        with warnings.catch_warnings():
            plugin.cli(line)
        code: Any = 0
    except SystemExit as end:
        code = end.code
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        sys.excepthook = hook
        logging.captureWarnings(capture=False)
        for one, handler in signals.items():
            signal.signal(one, handler)
    return code or 0, *capfd.readouterr()


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(**NOTHING) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(session_sandbox: Sandbox) -> Sandbox:
    session_sandbox.reset()
    return session_sandbox


@pytest.fixture
def journy(sandbox: Sandbox) -> Journy:
    return Journy(sandbox)


@pytest.fixture
def plugins(sandbox: Sandbox, tmp_path: Path, capfd: Any) -> Plugins:
    return Plugins(sandbox, tmp_path, capfd)


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the target sends from now on, as (method, decoded body) at the wire."""
    sent: list[tuple[str, Any]] = []
    send = requests.Session.send

    def watch(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        if request.method in {"POST", "PATCH"} and request.body:
            sent.append((request.method, json.loads(request.body)))
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watch)
    return sent


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits before another try take no time."""
    monkeypatch.setattr("sync_core.http.LONGEST_WAIT_SECONDS", 0.0)
