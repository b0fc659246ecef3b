from __future__ import annotations

import pytest
import requests

KEY = {"X-Api-Key": "sandbox-key"}


@pytest.fixture
def ask(sandbox):
    """A question to the control interface, by its path and parameters."""

    def question(path, **params):
        return requests.get(f"{sandbox.url}/_sandbox/{path}", params=params, timeout=30)

    return question


@pytest.fixture
def pairs(ask):
    """The rows of one page."""

    def rows(**params):
        answer = ask("pairs", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["rows"]

    return rows


@pytest.fixture
def cell(ask):
    """A field of the only pair that a search finds: what Pipedrive holds, journy, and agreement."""

    def read(label, **params):
        page = ask("pairs", **params).json()
        (row,) = page["rows"]
        found = row["cells"][page["columns"].index(label)]
        return found["pipedrive"], found["journy"], found["same"]

    return read


@pytest.fixture
def upsert(sandbox):
    """Create or update a user or an account in journy."""

    def write(kind, properties=None, **identification):
        body = {"identification": identification, "properties": properties or {}}
        url = f"{sandbox.journy_url}/{kind}/upsert"
        answer = requests.post(url, json=body, headers=KEY, timeout=30)
        assert answer.status_code < 300, answer.text

    return write
