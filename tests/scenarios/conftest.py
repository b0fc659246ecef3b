"""An empty Pipedrive and an empty journy, and a function that plays a scenario in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sync_sandbox import Sandbox
from sync_tests.scenarios.running import Runner
from sync_tests.scenarios.steps import Scenario
from sync_tests.scenarios.teller import Teller
from tap_journy.tap import TapJourny
from tap_pipedrive.tap import TapPipedrive
from target_journy.target import TargetJourny
from target_pipedrive.target import TargetPipedrive

PLUGINS = {
    "tap-journy": TapJourny,
    "tap-pipedrive": TapPipedrive,
    "target-journy": TargetJourny,
    "target-pipedrive": TargetPipedrive,
}


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with Sandbox(persons=0, organizations=0, users=0, accounts=0) as sandbox:
        yield sandbox


@pytest.fixture
def tell(sandbox: Sandbox, tmp_path: Path, capfd: Any) -> Callable[[Scenario], None]:
    """Play a scenario; it fails where anything isn't as it should be."""
    runner = Runner(sandbox, tmp_path, capfd, PLUGINS)

    def play(scenario: Scenario) -> None:
        Teller(sandbox, runner, scenario).tell()

    return play
