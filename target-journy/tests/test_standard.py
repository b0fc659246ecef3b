"""The Singer SDK's standard tests, one by one. Blind spot: they look at one run without settings.

Left out: TargetMultipleStateMessages, which compares decoded states with text and can't pass; the
SDK leaves it out of its own suite. `test_*runs.py` and `test_users.py` prove what it means.
"""

from __future__ import annotations

import pytest
from singer_sdk.testing import get_target_test_class
from singer_sdk.testing.suites import SingerTestSuite
from singer_sdk.testing.target_tests import (
    TargetArrayData,
    TargetCamelcaseComplexSchema,
    TargetCamelcaseTest,
    TargetCliPrintsTest,
    TargetDuplicateRecords,
    TargetEncodedStringData,
    TargetInvalidSchemaTest,
    TargetNoPrimaryKeys,
    TargetOptionalAttributes,
    TargetPrimaryKeyUpdates,
    TargetRecordBeforeSchemaTest,
    TargetRecordMissingKeyProperty,
    TargetRecordMissingOptionalFields,
    TargetRecordMissingRequiredProperty,
    TargetSchemaNoProperties,
    TargetSchemaUpdates,
    TargetSpecialCharsInAttributes,
)
from sync_sandbox import Sandbox
from target_journy.target import TargetJourny

# The test class takes its settings while this module is imported, so the sandbox is up by then.
SANDBOX = Sandbox(persons=0, organizations=0, users=0, accounts=0).start()
TESTS = SingerTestSuite(
    kind="target",
    tests=[
        TargetArrayData,
        TargetCamelcaseComplexSchema,
        TargetCamelcaseTest,
        TargetCliPrintsTest,
        TargetDuplicateRecords,
        TargetEncodedStringData,
        TargetInvalidSchemaTest,
        TargetNoPrimaryKeys,
        TargetOptionalAttributes,
        TargetPrimaryKeyUpdates,
        TargetRecordBeforeSchemaTest,
        TargetRecordMissingKeyProperty,
        TargetRecordMissingOptionalFields,
        TargetRecordMissingRequiredProperty,
        TargetSchemaNoProperties,
        TargetSchemaUpdates,
        TargetSpecialCharsInAttributes,
    ],
)
SETTINGS = {
    "api_url": SANDBOX.journy_url,
    "api_key": "sandbox-key",
    "ledger_url": "sqlite://",
}


@pytest.fixture(scope="module", autouse=True)
def stop_sandbox():
    yield
    SANDBOX.stop()


class TestStandard(
    get_target_test_class(
        TargetJourny,
        config=SETTINGS,
        custom_suites=[TESTS],
        include_target_tests=False,
    )
):
    """Streams that no mapping knows: they are skipped, and the run succeeds."""
