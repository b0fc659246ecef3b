"""What the tests of all packages share: the modules in tests/shared, and a few fixtures."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sync_core import times
from sync_sandbox import Sandbox

sys.path.insert(0, str(Path(__file__).parent / "tests/shared"))
pytest.register_assert_rewrite("sync_tests")


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    from sync_tests.ledgers import compile_once  # noqa: PLC0415  # known from here on

    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Move the sandbox's switches for this run, where the variable asks for it."""
    from sync_tests import unknowns  # noqa: PLC0415  # known from here on

    config.addinivalue_line("markers", "usual(*names): needs the usual position of these switches")
    unknowns.move(unknowns.positions(os.environ.get(unknowns.VARIABLE, "")))


@pytest.fixture
def sandbox(session_sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """The folder's own sandbox, as it was seeded, with the switches as the test needs them."""
    from sync_tests import unknowns  # noqa: PLC0415  # known from here on

    names = [name for mark in request.node.iter_markers("usual") for name in mark.args]
    world, seeded = session_sandbox.world, session_sandbox.world.settings
    # In the settings, so that a test's own reset keeps them.
    world.settings = seeded.override({"switches": seeded.switches | unknowns.usual(*names)})
    session_sandbox.reset()
    yield session_sandbox
    world.settings = seeded


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What is sent to be written from now on, as (method, decoded body) at the wire."""
    sent: list[tuple[str, Any]] = []
    send = requests.Session.send

    def watch(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        if request.method in {"POST", "PATCH", "PUT"} and request.body:
            sent.append((request.method, json.loads(request.body)))
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watch)
    return sent


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[requests.PreparedRequest]:
    """Every request from now on, as it leaves."""
    seen: list[requests.PreparedRequest] = []
    send = requests.Session.send

    def watch(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        seen.append(request)
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watch)
    return seen


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits before another try take no time."""
    monkeypatch.setattr("sync_core.http.LONGEST_WAIT_SECONDS", 0.0)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets this machine's clock so many hours off; the services' stay right."""
    right = times.now

    def move(hours: float) -> None:
        span = timedelta(hours=hours)
        monkeypatch.setattr(times, "now", lambda: times.later(right(), span))

    return move


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser's driver; without a browser the test is skipped."""
    from sync_tests.chromium import started  # noqa: PLC0415  # known from here on

    with started(tmp_path_factory.mktemp("profile")) as driver:
        yield driver
