"""The Singer SDK's standard tests. Blind spot: they look at one first run only."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from sync_sandbox import Sandbox
from tap_pipedrive.tap import TapPipedrive

AUTH = {"x-api-token": "sandbox-token"}


def call(sandbox: Any, method: str, path: str, **options: Any) -> Any:
    """One call to the sandbox's Pipedrive; gives the data of the answer."""
    url = sandbox.pipedrive_url + path
    answer = requests.request(method, url, headers=AUTH, timeout=10, **options)
    assert answer.ok, answer.text
    return answer.json()["data"]


def furnish(sandbox: Any) -> None:
    """One record of each kind at least."""
    call(sandbox, "POST", "/api/v2/activities", json={"subject": "Call back"})
    deal = call(sandbox, "POST", "/api/v2/deals", json={"title": "A deal"})["id"]
    call(sandbox, "PATCH", f"/api/v2/deals/{deal}", json={"is_archived": True})
    attached = {"product_id": 1, "quantity": 2, "item_price": 49}
    call(sandbox, "POST", "/api/v2/deals/1/products", json=attached)
    call(sandbox, "POST", "/v1/files", files={"file": ("a.txt", b"hello")}, data={"person_id": 1})
    conditions = {
        "glue": "and",
        "conditions": [
            {"glue": "and", "conditions": []},
            {"glue": "or", "conditions": []},
        ],
    }
    body = {"name": "All persons", "type": "people", "conditions": conditions}
    call(sandbox, "POST", "/v1/filters", json=body)


# The standard tests discover while this module is imported, so the sandbox has to be up by then.
SANDBOX = Sandbox(seed=3, persons=80, organizations=20, users=5, accounts=3).start()
furnish(SANDBOX)


@pytest.fixture(scope="module", autouse=True)
def stop_sandbox():
    yield
    SANDBOX.stop()


# Left out: the warnings for columns without a value in the sample. Pipedrive sends names, birthdays
# and addresses of persons only to companies with contact sync, and most custom fields are empty.
@pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")
class TestStandard(
    get_tap_test_class(
        TapPipedrive,
        config={"api_url": SANDBOX.pipedrive_url, "api_token": "sandbox-token"},
        suite_config=SuiteConfig(max_records_limit=150),
    )
):
    """All of the tap, stream and attribute tests; none is left out."""
