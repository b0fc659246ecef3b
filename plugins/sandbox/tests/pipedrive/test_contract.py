from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from sync_sandbox.pipedrive.routes import ENDPOINTS

pytest.importorskip("yaml", reason="PyYAML reads the OpenAPI files")
_spec = importlib.util.spec_from_file_location("openapi", Path(__file__).with_name("openapi.py"))
openapi = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(openapi)

every = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")


@pytest.fixture(scope="module")
def operations():
    found = openapi.operations()
    if found is None:
        pytest.skip("no OpenAPI files: set SANDBOX_OPENAPI_DIR to the folder that holds them")
    return found


@every
def test_an_endpoint_costs_what_the_vendor_says(operations, endpoint):
    operation, _, _ = operations[endpoint.method, endpoint.path]
    assert endpoint.cost == operation["x-token-cost"]


@every
def test_an_endpoint_opens_to_the_scopes_that_the_vendor_names(operations, endpoint):
    operation, _, _ = operations[endpoint.method, endpoint.path]
    named = {scope for way in operation["security"] for scopes in way.values() for scope in scopes}
    assert set(endpoint.scopes) == named


@every
def test_an_endpoint_takes_the_parameters_of_the_file_and_no_other(operations, endpoint):
    operation, shared, document = operations[endpoint.method, endpoint.path]
    named = (*shared, *operation.get("parameters", ()))
    query = [one for one in (openapi.resolved(p, document) for p in named) if one["in"] == "query"]
    assert set(endpoint.params) == {one["name"] for one in query}
    required = {name for name, param in endpoint.params.items() if param.required}
    assert required == {one["name"] for one in query if one.get("required")}


@every
def test_a_success_has_a_status_that_the_file_declares(operations, endpoint):
    operation, _, _ = operations[endpoint.method, endpoint.path]
    assert str(endpoint.status) in operation["responses"]


PAGING = ("start", "limit", "more_items_in_collection")
DEAL_TIMES = (
    "+creator_user_id",
    "+archive_time",
    "+local_won_date",
    "+local_lost_date",
    "+local_close_date",
)
# Where a list leaves the shape of the file on purpose, and why.
ON_REQUEST = "only with include_fields"
CONTACT_SYNC = "only with Contact Sync"
IN_EXAMPLE = "in the file's examples, not in its schema"
NOT_ALWAYS = "only on options that have it"
AT_THE_END = "only while there are more"
FORGOTTEN = "every other pin is in the schema"
FLAGS = (
    "+is_subfield",
    "+details_visible_flag",
    "+index_visible_flag",
    "+created_by_user_id",
)
NOTE_FIELD_EXTRAS = (
    *FLAGS,
    "+order_nr",
    "+add_time",
    "+update_time",
    "+last_updated_by_user_id",
    "+add_visible_flag",
    "+important_flag",
    "+searchable_flag",
    "+filtering_allowed",
    "+sortable_flag",
)
IN_OTHERS = "in the schema of the other four"
NESTED = "nested as in the file's example, where the schema has it flat"
OPTIONS = dict.fromkeys(("-options.color", "-options.add_time", "-options.update_time"), NOT_ALWAYS)
FIELDS = {
    **OPTIONS,
    **dict.fromkeys(("-ui_visibility", "-important_fields", "-required_fields"), ON_REQUEST),
    "+description": IN_EXAMPLE,
}
V1_FIELDS = {
    "-subfields": "the sandbox tells the parts of a field in v2 only",
    "-options_deleted": "the sandbox does not keep deleted options",
    **dict.fromkeys(FLAGS, IN_OTHERS),
    "+additional_data.pagination": NESTED,
    **{f"-additional_data.{name}": NESTED for name in PAGING},
}
DEVIATIONS = {
    "/api/v2/persons": dict.fromkeys(
        ("-postal_address", "-notes", "-im", "-birthday", "-job_title"), CONTACT_SYNC
    ),
    "/api/v2/deals": dict.fromkeys(DEAL_TIMES, IN_EXAMPLE),
    "/api/v2/activities": {"-attendees": ON_REQUEST, "+outcome": "in the vendor's newer SDK"},
    "/api/v2/personFields": FIELDS,
    "/api/v2/organizationFields": FIELDS,
    "/api/v2/dealFields": FIELDS,
    "/api/v2/productFields": FIELDS,
    "/api/v2/activityFields": FIELDS,
    "/v1/personFields": V1_FIELDS,
    "/v1/organizationFields": V1_FIELDS,
    "/v1/dealFields": V1_FIELDS,
    "/v1/productFields": V1_FIELDS,
    "/v1/activityFields": V1_FIELDS,
    "/v1/notes": {
        "+pinned_to_lead_flag": FORGOTTEN,
        "-additional_data.pagination.next_start": AT_THE_END,
    },
    "/v1/noteFields": dict.fromkeys(NOTE_FIELD_EXTRAS, IN_OTHERS),
    "/v1/files": {"-additional_data.pagination.next_start": AT_THE_END},
}
LISTS = [one.path for one in ENDPOINTS if one.method == "GET" and "{}" not in one.path]
NEED_PARAMETERS = ("deals/products", "recents", "search", "itemSearch", "find", "field")
JSON_TYPES = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def differences(value, schema, document, path=""):
    """Where a value is not what the schema says: +key unknown, -key missing, !key of another type.

    Null is taken everywhere: the files hardly mark anything as nullable.
    """
    schema = openapi.flattened(schema, document)
    if value is None or schema["choices"]:
        return
    kind = JSON_TYPES.get(schema.get("type"))
    if kind and (not isinstance(value, kind) or (isinstance(value, bool) and bool not in kind)):
        yield f"!{path}"
    elif isinstance(value, list) and "items" in schema:
        for item in value:
            yield from differences(item, schema["items"], document, path)
    elif isinstance(value, dict) and schema["properties"]:
        yield from members(value, schema, document, path)


def members(value, schema, document, path):
    known = schema["properties"]
    yield from (f"+{path}{key}" for key in value if key not in known)
    yield from (f"-{path}{key}" for key in known if key not in value)
    for key in value:
        if key in known:
            below = "" if not path and key == "data" else f"{path}{key}."
            yield from differences(value[key], known[key], document, below)


@pytest.fixture
def furnished(pipedrive):
    """A company with at least one record of each kind."""
    person = pipedrive.person(emails=[{"value": "a@example.com"}], phones=[{"value": "1"}])
    pipedrive.make("/api/v2/activities", subject="Call", participants=[{"person_id": person["id"]}])
    hook = {"subscription_url": "https://example.com", "event_action": "*", "event_object": "*"}
    pipedrive.make("/v1/webhooks", name="Hook", **hook)
    pipedrive.call("POST", "/v1/files", files={"file": ("a.txt", b"hello")})
    groups = [{"glue": glue, "conditions": []} for glue in ("and", "or")]
    conditions = {"glue": "and", "conditions": groups}
    pipedrive.make("/v1/filters", name="All", type="people", conditions=conditions)
    pipedrive.make("/v1/notes", content="Hello", person_id=person["id"])
    pipedrive.make("/v1/leads", title="Lead", person_id=person["id"])
    return pipedrive


@pytest.mark.parametrize("path", [p for p in LISTS if not p.endswith(NEED_PARAMETERS)])
def test_a_list_has_the_shape_of_the_file(operations, furnished, path):
    operation, _, document = operations["GET", path]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    answer = furnished.get(path)
    assert answer.status_code == 200
    found = {name.rstrip(".") for name in differences(answer.json(), schema, document)}
    assert sorted(found - DEVIATIONS.get(path, {}).keys()) == []
