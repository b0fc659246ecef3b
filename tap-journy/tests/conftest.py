"""A sandbox for the whole session, and the tap's command line as a function."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sync_sandbox import Sandbox
from sync_tests.taps import Tap, TapRun
from tap_journy.tap import TapJourny

SMALL = {"seed": 7, "persons": 5, "organizations": 3, "users": 60, "accounts": 12}


class Run(TapRun):
    """What one run of the command line did."""

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


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(**SMALL) as sandbox:
        yield sandbox


@pytest.fixture
def tap(sandbox, tmp_path, capfd) -> Tap[Run]:
    """Run the command line in this process."""
    settings = {"api_url": sandbox.journy_url, "api_key": "sandbox-key"}
    return Tap(TapJourny, Run, settings, tmp_path, capfd)
