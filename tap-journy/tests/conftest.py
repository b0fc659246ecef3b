"""A sandbox for the whole session, and the tap's command line as a function."""

from __future__ import annotations

import json
import logging
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sync_sandbox import Sandbox
from tap_journy.tap import TapJourny

SMALL = {"seed": 7, "persons": 5, "organizations": 3, "users": 60, "accounts": 12}


@dataclass
class Run:
    """What one run of the command line did."""

    exit_code: int
    out: str
    log: str

    @property
    def messages(self) -> list[dict[str, Any]]:
        # Not splitlines: a text in JSON may hold a line separator of Unicode.
        return [json.loads(line) for line in self.out.split("\n") if line]

    def of(self, kind: str, stream: str | None = None) -> list[dict[str, Any]]:
        return [
            message
            for message in self.messages
            if message["type"] == kind and stream in (None, message.get("stream"))
        ]

    @property
    def fits(self) -> bool:
        """Whether each record fits the latest schema of its stream, and there was one."""
        schemas: dict[str, Draft202012Validator] = {}
        for message in self.messages:
            if message["type"] == "SCHEMA":
                schema = {**message["schema"], "additionalProperties": False}
                formats = FormatChecker(["date"])
                formats.checks("date-time")(lambda value: value is None or value.endswith("Z"))
                schemas[message["stream"]] = Draft202012Validator(schema, format_checker=formats)
            elif message["type"] == "RECORD":
                schemas[message["stream"]].validate(message["record"])
        return bool(schemas)

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [message["record"] for message in self.of("RECORD", stream)]

    def schema(self, stream: str) -> dict[str, Any]:
        return self.of("SCHEMA", stream)[0]["schema"]["properties"]

    @property
    def state(self) -> dict[str, Any]:
        return self.of("STATE")[-1]["value"]

    def bookmark(self, stream: str) -> str:
        return self.state["bookmarks"][stream]["replication_key_value"]


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(**SMALL) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(session_sandbox: Sandbox) -> Sandbox:
    session_sandbox.reset()
    return session_sandbox


@pytest.fixture
def tap(sandbox, tmp_path, capfd, monkeypatch) -> Callable[..., Run]:
    """Run the command line in this process, and leave no trace in the process's own settings."""

    def run(*arguments: str, state: Any = None, catalog: Any = None, **config: Any) -> Run:
        settings = {"api_url": sandbox.journy_url, "api_key": "sandbox-key", **config}
        files = {"config": settings, "state": state, "catalog": catalog}
        line = list(arguments)
        for name, content in files.items():
            if content is not None:
                path = tmp_path / f"{name}.json"
                path.write_text(json.dumps(content), encoding="utf-8")
                line += [f"--{name}", str(path)]
        return _invoke(line, capfd)

    return run


def _invoke(line: list[str], capfd: Any) -> Run:
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    signals = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    capfd.readouterr()
    try:
        with warnings.catch_warnings():
            TapJourny.cli(line)
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
    return Run(code or 0, *capfd.readouterr())
