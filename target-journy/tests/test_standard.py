"""The Singer SDK's standard tests. Blind spot: they look at one run without settings."""

from __future__ import annotations

import pytest
from sync_sandbox import Sandbox
from sync_tests.standard import target_tests
from target_journy.target import TargetJourny

# The test class takes its settings while this module is imported, so the sandbox is up by then.
SANDBOX = Sandbox(persons=0, organizations=0, users=0, accounts=0).start()


@pytest.fixture(scope="module", autouse=True)
def stop_sandbox():
    yield
    SANDBOX.stop()


class TestStandard(target_tests(TargetJourny, api_url=SANDBOX.journy_url, api_key="sandbox-key")):
    """Streams that no mapping knows: they are skipped, and the run succeeds."""
