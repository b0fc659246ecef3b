"""Each operation's answer against the schema that the vendor's OpenAPI file gives for it."""

from __future__ import annotations

import re

import pytest
from sync_sandbox.pipedrive.routes import ENDPOINTS

pytest.importorskip("jsonschema", reason="jsonschema validates the answers")

OPERATIONS = [(one.method, one.path) for one in ENDPOINTS]
STATUS = {(one.method, one.path): one.status for one in ENDPOINTS}
DOWNLOAD = ("GET", "/v1/files/{}/download")


@pytest.fixture(scope="session")
def explained(beside):
    return beside("deviations").DEVIATIONS


@pytest.fixture(scope="session")
def found(vendor, answers, beside):
    """The deviations of each operation, with the rows of a list and one record named alike."""
    schemas, by_operation = beside("schema"), {}
    for key, answer in answers.items():
        operation, _, document = vendor[key]
        content = operation["responses"][str(answer.status_code)]["content"]
        if "application/json" in content:
            schema = schemas.json_schema(content["application/json"]["schema"], document)
            names = schemas.deviations(answer.json(), schema)
            by_operation[key] = {re.sub(r" (data(\[\])?\.)+", " ", name) for name in names}
    return by_operation


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_it_is_a_success_with_the_documented_status(answers, key):
    assert answers[key].status_code == STATUS[key], answers[key].text


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_it_leaves_the_schema_only_where_a_reason_is_given(found, explained, key):
    assert sorted(found.get(key, set()) - explained.keys()) == []


def test_only_the_download_has_no_schema(found):
    assert set(OPERATIONS) - found.keys() == {DOWNLOAD}


def test_no_reason_is_given_for_what_does_not_occur(found, explained):
    occurring = {name for names in found.values() for name in names}
    assert sorted(explained.keys() - occurring) == []


def test_a_list_is_never_compared_empty(answers):
    lists = [answer for (method, path), answer in answers.items() if method == "GET"]
    lists = [answer.json()["data"] for answer in lists if "json" in answer.headers["content-type"]]
    assert [data for data in lists if data in ([], {"items": []})] == []
