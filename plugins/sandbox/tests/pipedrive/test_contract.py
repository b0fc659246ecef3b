from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from sync_sandbox.pipedrive.routes import ENDPOINTS

yaml = pytest.importorskip("yaml", reason="PyYAML reads the OpenAPI files")

FILES = {"v1": "pipedrive-openapi-v1.yaml", "v2": "pipedrive-openapi-v2.yaml"}
PREFIX = {"v1": "/v1", "v2": "/api/v2"}


def directory():
    """Where the files are: named by the environment, or lying beside the project."""
    named = os.environ.get("SANDBOX_OPENAPI_DIR")
    if named:
        return Path(named)
    for folder in Path(__file__).resolve().parents:
        candidate = folder.parent / "shared" / "reference"
        if (candidate / FILES["v2"]).exists():
            return candidate
    return None


@pytest.fixture(scope="module")
def operations():
    folder = directory()
    if folder is None:
        pytest.skip("no OpenAPI files: set SANDBOX_OPENAPI_DIR to the folder that holds them")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = {}
    for version, name in FILES.items():
        document = yaml.load((folder / name).read_text(encoding="utf-8"), Loader=loader)
        for path, item in document["paths"].items():
            plain = PREFIX[version] + re.sub(r"\{[^}]*\}", "{}", path)
            for method, operation in item.items():
                if method in ("get", "post", "put", "patch", "delete"):
                    shared = item.get("parameters", [])
                    found[method.upper(), plain] = (operation, shared, document)
    return found


def resolved(node, document):
    while "$ref" in node:
        target = document
        for step in node["$ref"].split("/")[1:]:
            target = target[step]
        node = target
    return node


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_an_endpoint_costs_what_the_vendor_says(operations, endpoint):
    operation, _, _ = operations[endpoint.method, endpoint.path]
    assert endpoint.cost == operation["x-token-cost"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_an_endpoint_opens_to_the_scopes_that_the_vendor_names(operations, endpoint):
    operation, _, _ = operations[endpoint.method, endpoint.path]
    named = {scope for way in operation["security"] for scopes in way.values() for scope in scopes}
    assert set(endpoint.scopes) == named


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_an_endpoint_takes_the_parameters_of_the_file_and_no_other(operations, endpoint):
    operation, shared, document = operations[endpoint.method, endpoint.path]
    parameters = [resolved(one, document) for one in (*shared, *operation.get("parameters", ()))]
    query = {one["name"] for one in parameters if one["in"] == "query"}
    required = {one["name"] for one in parameters if one["in"] == "query" and one.get("required")}
    assert set(endpoint.params) == query
    assert {name for name, param in endpoint.params.items() if param.required} == required


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_a_success_has_a_status_that_the_file_declares(operations, endpoint):
    operation, _, _ = operations[endpoint.method, endpoint.path]
    assert str(endpoint.status) in operation["responses"]
