"""An empty Pipedrive for each test, and the target's command line as a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from sync_core.pipedrive.endpoints import ENTITIES
from sync_sandbox import Sandbox
from sync_tests.command import invoke
from sync_tests.targets import (
    LedgerFolder,
    Message,
    TargetRun,
    as_text,
    state_message,
    stream_messages,
)
from target_pipedrive.target import TargetPipedrive

NOTHING = {"persons": 0, "organizations": 0, "users": 0, "accounts": 0}
SEGMENTS = ["Power users", "Product qualified leads", "Trial"]
TEXT, NUMBER, FLAG, TEXTS = ({"type": [kind, "null"]} for kind in
                             ("string", "number", "boolean", "array"))  # fmt: skip
#: What tap-journy says of its streams, as far as these tests go.
COLUMNS: dict[str, dict[str, Any]] = {
    "users": {
        **dict.fromkeys(("user_id", "email", "first_name", "last_name", "phone", "health"), TEXT),
        **dict.fromkeys(("last_seen_at", "updated_at", "lifecycle"), TEXT),
        **dict.fromkeys(("churn_score", "logins_30d"), NUMBER),
        "newsletter": FLAG,
        "interests": TEXTS,
        "accounts": TEXTS,
        "segments": {**TEXTS, "x-journy": {"segments": SEGMENTS, "ids": {"seg-1": SEGMENTS[0]}}},
    },
    "accounts": {
        **dict.fromkeys(("account_id", "name", "domain", "plan", "updated_at"), TEXT),
        "mrr": NUMBER,
        "segments": {**TEXTS, "x-journy": {"segments": SEGMENTS, "ids": {"seg-1": SEGMENTS[0]}}},
    },
    "firms": dict.fromkeys(("id", "number", "name", "phase"), TEXT),  # of a warehouse
}
KEYS = {"users": ["user_id"], "accounts": ["account_id"], "firms": ["id"]}


class Crm:
    """Pipedrive as a person with a browser sees it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def key(self, label: str, entity: str = "person") -> str:
        return self.sandbox.pipedrive.field(entity, label)["field_code"]

    def option(self, label: str, option: str, entity: str = "person") -> int:
        options = self.sandbox.pipedrive.field(entity, label)["options"]
        return next(one["id"] for one in options if one["label"] == option)

    def person(self, *emails: str, custom: dict[str, Any] | None = None, **values: Any) -> int:
        """Add a person; the first address is the primary one, custom fields go by label."""
        contacts = [{"value": one, "primary": at == 0} for at, one in enumerate(emails)]
        body = {"emails": contacts, **self._body(custom, "person"), **values}
        return self._send("POST", "persons", {"name": "Ann Lee", **body})["id"]

    def organization(self, name: str, custom: dict[str, Any] | None = None, **values: Any) -> int:
        body = {"name": name, **self._body(custom, "organization"), **values}
        return self._send("POST", "organizations", body)["id"]

    def deal(self, title: str, **values: Any) -> int:
        return self._send("POST", "deals", {"title": title, **values})["id"]

    def activity(self, token: str = "sandbox-token", **values: Any) -> int:
        return self._send("POST", "activities", values, token)["id"]

    def change(self, record_id: int, custom: dict[str, Any] | None = None, **values: Any) -> None:
        body = {**self._body(custom, "person"), **values}
        self._send("PATCH", f"persons/{record_id}", body)

    def delete(self, record_id: int, path: str = "persons") -> None:
        self._send("DELETE", f"{path}/{record_id}", None)

    def add_options(self, path: str, *labels: str) -> None:
        self._send("POST", path, [{"label": label} for label in labels])

    def stored(self, record_id: int, entity: str = "person") -> dict[str, Any]:
        """A stored row, with its custom fields by label."""
        row = self.sandbox.pipedrive.rows(entity)[record_id]
        fields = self.sandbox.pipedrive.state.fields[entity]
        custom = {fields.get(key)["field_name"]: v for key, v in row["custom_fields"].items()}
        return {**row, **custom}

    def persons(self) -> list[int]:
        return list(self.sandbox.pipedrive.rows("person"))

    def organizations(self) -> list[int]:
        return list(self.sandbox.pipedrive.rows("organization"))

    def activities(self) -> list[dict[str, Any]]:
        return list(self.sandbox.pipedrive.rows("activity").values())

    def calls(self, *methods: str) -> list[str]:
        """The requests since the last question, as `METHOD path`."""
        journal = self.sandbox.journal()
        self.sandbox.clear_journal()
        return [
            f"{each['method']} {each['path'].removeprefix('/pipedrive')}"
            for each in journal
            if not methods or each["method"] in methods
        ]

    def writes(self) -> list[str]:
        return self.calls("POST", "PATCH", "PUT", "DELETE")

    def _body(self, custom: dict[str, Any] | None, entity: str) -> dict[str, Any]:
        values = {self.key(label, entity): value for label, value in (custom or {}).items()}
        return {"custom_fields": values} if values else {}

    def _send(
        self, method: str, path: str, body: Any, token: str = "sandbox-token"
    ) -> dict[str, Any]:
        url = f"{self.sandbox.pipedrive_url}/api/v2/{path}"
        headers = {"x-api-token": token}
        answer = requests.request(method, url, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        self.sandbox.clear_journal()
        return answer.json()["data"]


class Target(LedgerFolder):
    """The command line, with Singer messages on the way in."""

    def __init__(self, sandbox: Sandbox, folder: Path, capfd: Any) -> None:
        super().__init__(folder)
        self.sandbox = sandbox
        self._capfd = capfd

    def settings(self, **settings: Any) -> dict[str, Any]:
        access = {"api_url": self.sandbox.pipedrive_url, "api_token": "sandbox-token"}
        return {**access, "ledger_url": self.ledger_url, **settings}

    def users(self, *records: Any, **users: Any) -> TargetRun:
        """A run with users and the settings of `users`."""
        return self.run(self.stream("users", *records), users=users)

    def accounts(self, *records: Any, **accounts: Any) -> TargetRun:
        return self.run(self.stream("accounts", *records), accounts=accounts)

    @staticmethod
    def stream(name: str, *records: Any) -> list[Message]:
        """A stream of tap-journy, with a state at its end."""
        messages = stream_messages(name, COLUMNS[name], KEYS[name], records)
        return [*messages, state_message(name, len(records))]

    @staticmethod
    def table(name: str, columns: dict[str, Any], *records: Any) -> list[Message]:
        """A stream of any other tap."""
        return stream_messages(name, columns, [next(iter(columns))], records)

    @staticmethod
    def write(messages: list[Message]) -> str:
        return as_text(messages)

    def run(self, messages: list[Message] | str, *more: str, **settings: Any) -> TargetRun:
        config, lines = self.folder / "config.json", self.folder / "messages.jsonl"
        config.write_text(json.dumps(self.settings(**settings)), encoding="utf-8")
        text = messages if isinstance(messages, str) else self.write(messages)
        lines.write_text(text, encoding="utf-8")
        line = ["--config", str(config), "--input", str(lines), *more]
        return TargetRun(*invoke(TargetPipedrive, line, self._capfd), *self.recorded())


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(**NOTHING) as sandbox:
        yield sandbox


@pytest.fixture
def crm(sandbox: Sandbox) -> Crm:
    return Crm(sandbox)


@pytest.fixture
def target(sandbox: Sandbox, tmp_path: Path, capfd: Any) -> Target:
    return Target(sandbox, tmp_path, capfd)


@pytest.fixture
def ann(crm: Crm, target: Target) -> int:
    """A person whom the ledger links by their e-mail address, ann@acme.example."""
    person = crm.person("ann@acme.example")
    target.users({"user_id": "u1", "email": "ann@acme.example"})
    crm.calls()
    return person


@pytest.fixture
def forget(target: Target) -> Callable[[], None]:
    """Loses the ledger, but for that person's link."""

    def lose() -> None:
        target.forget()
        target.users({"user_id": "u1", "email": "ann@acme.example"})

    return lose


@pytest.fixture
def by_hand(sandbox: Sandbox) -> Callable[..., None]:
    """Changes a record as a person would."""

    def send(method: str, path: str, body: Any = None) -> None:
        url, headers = f"{sandbox.pipedrive_url}/{path}", {"x-api-token": "sandbox-token"}
        answer = requests.request(method, url, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        sandbox.clear_journal()

    return send


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets requests seem dearer or cheaper, as beside an account of another size."""

    def change(**prices: int) -> None:
        for name, entity in list(ENTITIES.items()):
            other = replace(entity, prices=replace(entity.prices, **prices))
            monkeypatch.setitem(ENTITIES, name, other)

    return change
