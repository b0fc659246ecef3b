"""The Singer SDK's standard tests. Blind spot: they look at one first run only."""

from __future__ import annotations

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from sync_sandbox import Sandbox
from tap_journy.tap import TapJourny

# The standard tests discover while this module is imported, so the sandbox has to be up by then.
SANDBOX = Sandbox(seed=3, persons=5, organizations=3, users=80, accounts=20).start()


@pytest.fixture(scope="module", autouse=True)
def stop_sandbox():
    yield
    SANDBOX.stop()


# Left out: the warnings for columns without a value in the sample, which an account may well have.
@pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")
class TestStandard(
    get_tap_test_class(
        TapJourny,
        config={"api_url": SANDBOX.journy_url, "api_key": "sandbox-key"},
        suite_config=SuiteConfig(max_records_limit=150),
    )
):
    """All of the tap, stream and attribute tests; none is left out."""
