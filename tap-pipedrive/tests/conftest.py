"""A sandbox for the whole session, and the tap's command line as a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from sync_sandbox import Sandbox
from sync_tests.taps import Tap, TapRun
from tap_pipedrive.tap import TapPipedrive

SMALL = {"seed": 7, "persons": 60, "organizations": 12, "users": 5, "accounts": 3}


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(**SMALL) as sandbox:
        yield sandbox


@pytest.fixture
def tap(sandbox, tmp_path, capfd) -> Tap[TapRun]:
    """Run the command line in this process; two streams are chosen, unless a test says more."""
    settings = {
        "api_url": sandbox.pipedrive_url,
        "api_token": "sandbox-token",
        "streams": ["organizations", "persons"],
    }
    return Tap(TapPipedrive, TapRun, settings, tmp_path, capfd)


@pytest.fixture
def call(sandbox) -> Callable[..., Any]:
    """One call to the sandbox's Pipedrive, as a colleague would make it; gives the data."""

    def ask(method: str, path: str, **body: Any) -> Any:
        answer = requests.request(
            method,
            sandbox.pipedrive_url + path,
            headers={"x-api-token": "sandbox-token"},
            json=body or None,
            timeout=10,
        )
        assert answer.ok, answer.text
        return answer.json()["data"]

    return ask
