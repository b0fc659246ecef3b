"""The sandbox against the vendor's OpenAPI description, where that is at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sync_sandbox.journy.routes import ENDPOINTS

NAME = "journy-openapi.json"


def description():
    """Where the description is: named by the environment, or lying beside the project."""
    if named := os.environ.get("SANDBOX_OPENAPI_DIR"):
        return Path(named) / NAME
    beside = [one.parent / "shared" / "reference" for one in Path(__file__).resolve().parents]
    return next((one / NAME for one in beside if (one / NAME).exists()), Path(NAME))


FILE = description()
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason=f"no {NAME}: set SANDBOX_OPENAPI_DIR to the folder that holds it"
)

ASSUMED = {("get", "/users"), ("get", "/accounts")}
USER, ACCOUNT = {"userId": "u-1"}, {"accountId": "a-1"}
MEMBERS = {"account": ACCOUNT, "users": [{"identification": USER}]}
EVENT = {"identification": {"user": USER, "account": ACCOUNT}, "name": "login"}
FACTS = {"title": "CEO", "logins_30d": "many"}
SAMPLES = {
    ("post", "/users/upsert"): {"identification": USER, "properties": FACTS},
    ("post", "/accounts/upsert"): {"identification": ACCOUNT, "properties": {"mrr": "much"}},
    ("delete", "/users"): {"identification": USER},
    ("delete", "/accounts"): {"identification": ACCOUNT},
    ("post", "/accounts/users/add"): MEMBERS,
    ("post", "/accounts/users/remove"): MEMBERS,
    ("post", "/track"): EVENT | {"metadata": {"a": 1}, "triggeredAt": "2026-10-01T08:00:00Z"},
    ("post", "/events"): EVENT,
    ("post", "/link"): {"identification": USER, "deviceId": "d-1"},
}
QUERIES = {("get", "/tracking/snippet"): {"domain": "acme.example"}}


def operations():
    if not FILE.exists():
        return {}
    paths = json.loads(FILE.read_text("utf-8"))["paths"]
    return {(verb, path): one for path, verbs in paths.items() for verb, one in verbs.items()}


def json_schema(schema):
    """OpenAPI 3.0 says `nullable` where JSON Schema lists the type null."""
    if isinstance(schema, list):
        return [json_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: json_schema(one) for name, one in schema.items() if name != "nullable"}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        made["type"] = [schema["type"], "null"]
    return made


def conforms(answer, operation):
    """Whether an answer is one of the operation's documented ones; a 204 never has a body."""
    jsonschema = pytest.importorskip("jsonschema")
    documented = operation["responses"][str(answer.status_code)]
    for header in documented.get("headers", {}):
        assert header in answer.headers
    if answer.status_code != 204:
        schema = documented["content"]["application/json"]["schema"]
        jsonschema.Draft7Validator(json_schema(schema)).validate(answer.json())


def test_every_documented_operation_is_served_and_only_the_lists_come_on_top():
    served = {(one.method.lower(), one.path) for one in ENDPOINTS}
    assert served == set(operations()) | ASSUMED


def test_every_operation_asks_for_the_documented_permission():
    for one in ENDPOINTS:
        operation = operations().get((one.method.lower(), one.path))
        if operation is not None:
            wanted = operation.get("x-key-permissions", [])
            assert wanted == ([one.permission] if one.permission else [])


@pytest.mark.parametrize("call", operations(), ids=" ".join)
def test_success_is_as_documented(nobody, call):
    verb, path = call
    answer = nobody.call(verb.upper(), path, SAMPLES.get(call), params=QUERIES.get(call))
    assert answer.status_code < 300
    conforms(answer, operations()[call])


@pytest.mark.parametrize("call", SAMPLES, ids=" ".join)
def test_a_refusal_of_the_body_is_as_documented(nobody, call):
    answer = nobody.call(call[0].upper(), call[1], {})
    assert answer.status_code == 400
    conforms(answer, operations()[call])


@pytest.mark.parametrize("call", operations(), ids=" ".join)
@pytest.mark.parametrize(("key", "status"), [("", 401), ("sandbox-key-disabled", 403)])
def test_a_refusal_of_the_key_is_as_documented(nobody, call, key, status):
    nobody.key = key
    answer = nobody.call(call[0].upper(), call[1], SAMPLES.get(call), params=QUERIES.get(call))
    assert answer.status_code == status
    # The description lists no 403 for adding and removing members; its other operations have one.
    if str(status) in operations()[call]["responses"]:
        conforms(answer, operations()[call])


@pytest.mark.parametrize("call", SAMPLES, ids=" ".join)
def test_the_body_rule_takes_and_refuses_what_the_documented_schema_does(nobody, call):
    jsonschema = pytest.importorskip("jsonschema")
    content = operations()[call]["requestBody"]["content"]["application/json"]
    schema = jsonschema.Draft7Validator(json_schema(content["schema"]))
    for body in (SAMPLES[call], {}, {"identification": {}}, {"identification": 5}, [], None):
        answer = nobody.call(
            call[0].upper(),
            call[1],
            data=json.dumps(body),
            headers={"Content-Type": "application/json"},
        )
        assert (answer.status_code < 300) == schema.is_valid(body)
