from __future__ import annotations

import pytest
import requests
from sync_sandbox import Sandbox

SMALL = {"persons": 60, "organizations": 20, "users": 60, "accounts": 20}


class Client:
    """One caller of a sandbox's Pipedrive."""

    def __init__(self, sandbox, token="sandbox-token", headers=None):
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.headers.update(headers or {"x-api-token": token})

    def call(self, method, path, **options):
        return self.session.request(
            method, self.sandbox.pipedrive_url + path, timeout=30, **options
        )

    def get(self, path, **params):
        return self.call("GET", path, params=params)

    def post(self, path, body=None):
        return self.call("POST", path, json=body)

    def patch(self, path, body=None):
        return self.call("PATCH", path, json=body)

    def put(self, path, body=None):
        return self.call("PUT", path, json=body)

    def delete(self, path, body=None):
        return self.call("DELETE", path, json=body)

    def data(self, path, **params):
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def make(self, path, **body):
        answer = self.post(path, body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["data"]

    def pages(self, path, **params):
        while True:
            page = self.get(path, **params).json()
            yield page["data"]
            params["cursor"] = page["additional_data"]["next_cursor"]
            if params["cursor"] is None:
                return

    def person(self, **body):
        return self.make("/api/v2/persons", **{"name": "Ann Lee", **body})


@pytest.fixture(scope="session")
def session_sandbox():
    with Sandbox(**SMALL) as sandbox:
        yield sandbox


@pytest.fixture
def pipedrive(sandbox):
    client = Client(sandbox)
    yield client
    client.session.close()


@pytest.fixture
def client_of(sandbox):
    opened = []

    def make(**options):
        opened.append(Client(sandbox, **options))
        return opened[-1]

    yield make
    for client in opened:
        client.session.close()


@pytest.fixture
def code(sandbox):
    """The key of a field by its name."""
    return lambda name, entity="person": sandbox.pipedrive.field(entity, name)["field_code"]


@pytest.fixture
def option(sandbox):
    """The id of an option by its field's name and its label."""

    def find(name, label, entity="person"):
        options = sandbox.pipedrive.field(entity, name)["options"]
        return next(one["id"] for one in options if one["label"] == label)

    return find
