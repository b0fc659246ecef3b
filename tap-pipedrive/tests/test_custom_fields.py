"""Custom fields as columns, through the command line."""

from __future__ import annotations

import json

import pytest
import requests

AUTH = {"x-api-token": "sandbox-token"}


def add_field(sandbox, label: str, kind: str = "varchar", **extra) -> str:
    body = {"field_name": label, "field_type": kind, **extra}
    url = f"{sandbox.pipedrive_url}/api/v2/personFields"
    answer = requests.post(url, json=body, headers=AUTH, timeout=10)
    answer.raise_for_status()
    return answer.json()["data"]["field_code"]


def set_value(sandbox, code: str, value: object, person: int = 1) -> None:
    url = f"{sandbox.pipedrive_url}/api/v2/persons/{person}"
    body = {"custom_fields": {code: value}}
    requests.patch(url, json=body, headers=AUTH, timeout=10).raise_for_status()


def record(run, person: int = 1) -> dict:
    return next(each for each in run.records("persons") if each["id"] == person)


def code(sandbox, name: str) -> str:
    return sandbox.pipedrive.field("person", name)["field_code"]


def option(sandbox, name: str, label: str) -> int:
    options = sandbox.pipedrive.field("person", name)["options"]
    return next(each["id"] for each in options if each["label"] == label)


def test_a_column_tells_the_key_label_and_type_of_its_field(tap, sandbox):
    column = tap().schema("persons")["churn_score"]
    key = code(sandbox, "Churn score")
    assert column["x-pipedrive"] == {"key": key, "label": "Churn score", "type": "double"}
    assert column["title"] == "Churn score"
    assert column["type"] == ["number", "null"]


def test_built_in_columns_tell_their_own_key(tap):
    assert tap().schema("organizations")["website"]["x-pipedrive"] == {"key": "website"}


def test_the_catalog_tells_keys_too(tap):
    catalog = json.loads(tap("--discover").out)
    persons = catalog["streams"][1]["schema"]["properties"]
    assert persons["customer_health"]["x-pipedrive"]["label"] == "Customer health"


VALUES = {
    "churn_score": ("Churn score", 0.25),
    "last_seen": ("Last seen", "2026-03-01"),
    "lifecycle_stage": ("Lifecycle stage", "Müller & Söhne"),
    "account_manager": ("Account manager", 1),
    "contract_value": ("Contract value", {"value": 12.5, "currency": "EUR"}),
    "contract_period": ("Contract period", {"value": "2026-01-01", "until": "2026-02-01"}),
}


@pytest.mark.parametrize("column", VALUES)
def test_values_arrive_in_the_type_of_their_field(tap, sandbox, column):
    label, value = VALUES[column]
    set_value(sandbox, code(sandbox, label), value)
    assert record(tap())[column] == value


def test_a_whole_number_stays_one(tap, sandbox):
    set_value(sandbox, code(sandbox, "Churn score"), 9007199254740993)
    assert record(tap())["churn_score"] == 9007199254740993


def test_an_address_has_all_of_its_parts(tap, sandbox):
    set_value(sandbox, code(sandbox, "Postal address"), {"value": "Rue Haute 1, Brussels"})
    address = record(tap())[f"postal_address_{code(sandbox, 'Postal address')[:6]}"]
    assert address["value"] == "Rue Haute 1, Brussels"
    assert {"country", "locality", "postal_code"} <= address.keys()


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_options_arrive_as_labels(tap, sandbox):
    set_value(sandbox, code(sandbox, "Customer health"), option(sandbox, "Customer health", "Bad"))
    interests = [option(sandbox, "Interests", each) for each in ("Billing", "Reporting")]
    set_value(sandbox, code(sandbox, "Interests"), interests)
    run = tap()
    assert record(run)["customer_health"] == "Bad"
    assert sorted(record(run)["interests"]) == ["Billing", "Reporting"]
    assert run.schema("persons")["interests"]["items"] == {"type": "string"}


def test_options_arrive_as_ids_on_request(tap, sandbox):
    bad = option(sandbox, "Customer health", "Bad")
    set_value(sandbox, code(sandbox, "Customer health"), bad)
    run = tap(option_labels=False)
    assert record(run)["customer_health"] == bad
    assert run.schema("persons")["customer_health"]["type"] == ["integer", "null"]
    assert run.schema("persons")["interests"]["items"] == {"type": "integer"}


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_ids_of_options_stand_beside_their_labels_on_request(tap, sandbox):
    bad = option(sandbox, "Customer health", "Bad")
    chosen = [option(sandbox, "Interests", each) for each in ("Billing", "Reporting")]
    set_value(sandbox, code(sandbox, "Customer health"), bad)
    set_value(sandbox, code(sandbox, "Interests"), chosen)
    run = tap(option_ids=True)
    found, schema = record(run), run.schema("persons")
    assert (found["customer_health"], found["customer_health_id"]) == ("Bad", bad)
    assert dict(zip(found["interests_ids"], found["interests"], strict=True)) == dict(
        zip(chosen, ("Billing", "Reporting"), strict=True)
    )
    assert schema["customer_health_id"]["type"] == ["integer", "null"]
    assert schema["interests_ids"]["items"] == {"type": "integer"}
    assert schema["customer_health_id"]["x-pipedrive"]["type"] == "enum"
    assert schema["customer_health_id"]["x-pipedrive"]["key"] not in {
        about["x-pipedrive"]["key"] for name, about in schema.items() if not name.endswith("_id")
    }
    assert "came up during the run" not in run.log


def test_ids_of_options_stand_in_the_object_too_and_where_ids_are_the_values_nothing_is_doubled(
    tap, sandbox
):
    bad = option(sandbox, "Customer health", "Bad")
    set_value(sandbox, code(sandbox, "Customer health"), bad)
    nested = record(tap(option_ids=True, custom_fields="object"))["custom_fields"]
    assert (nested["customer_health"], nested["customer_health_id"]) == ("Bad", bad)
    assert "customer_health_id" not in record(tap(option_ids=True, option_labels=False))


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_the_column_of_ids_keeps_its_name_whatever_is_made_or_renamed_later(tap, sandbox, call):
    key = code(sandbox, "Customer health")
    first = tap(option_ids=True)
    call("PATCH", f"/api/v2/personFields/{key}", field_name="Wellness")
    other = add_field(sandbox, "Customer health id")
    bad = option(sandbox, "Wellness", "Bad")
    set_value(sandbox, key, bad)
    set_value(sandbox, other, "mine")
    found = record(tap(option_ids=True, state=first.state))
    assert (found["customer_health"], found["customer_health_id"]) == ("Bad", bad)
    assert found[f"customer_health_id_{other[:6]}"] == "mine"


def test_a_field_called_like_a_column_of_ids_keeps_its_name(tap, sandbox):
    add_field(sandbox, "Customer health id")
    schema = tap(option_ids=True).schema("persons")
    assert schema["customer_health_id"]["x-pipedrive"]["type"] == "varchar"
    key = code(sandbox, "Customer health")
    assert schema[f"customer_health_id_{key[:6]}"]["x-pipedrive"]["type"] == "enum"


def test_a_deleted_option_arrives_as_its_id(tap, sandbox):
    stored = sandbox.pipedrive.rows("person")[1]["custom_fields"]
    stored[code(sandbox, "Customer health")] = 999_999
    assert record(tap())["customer_health"] == "999999"


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_two_fields_with_one_label_get_columns_of_their_own(tap, sandbox):
    first = add_field(sandbox, "Region")
    second = add_field(sandbox, " region!")
    set_value(sandbox, first, "north")
    set_value(sandbox, second, "south")
    run = tap()
    assert record(run)["region"] == "north"
    assert record(run)[f"region_{second[:6]}"] == "south"


def test_a_label_like_a_built_in_name_leaves_that_column_alone(tap, sandbox):
    key = add_field(sandbox, "Owner ID")
    set_value(sandbox, key, "custom")
    found = record(tap())
    assert found[f"owner_id_{key[:6]}"] == "custom"
    assert found["owner_id"] != "custom"


def test_a_label_without_letters_gets_a_name_from_its_key(tap, sandbox):
    key = add_field(sandbox, "???")
    assert f"field_{key[:6]}" in tap().schema("persons")


def test_a_type_that_nobody_knows_is_kept_as_any_json_and_reported_once(tap, sandbox):
    sandbox.pipedrive.field("person", "Notes on fit")["field_type"] = "sparkle"
    value = {"shine": [1, None, "x"]}
    sandbox.pipedrive.rows("person")[1]["custom_fields"][code(sandbox, "Notes on fit")] = value
    run = tap()
    assert record(run)["notes_on_fit"] == value
    assert "object" in run.schema("persons")["notes_on_fit"]["type"]
    assert run.log.count("notes_on_fit (sparkle)") == 1


def test_a_value_of_the_wrong_type_is_left_empty_and_counted_without_being_shown(tap, sandbox):
    stored = sandbox.pipedrive.rows("person")
    for person in (1, 2):
        stored[person]["custom_fields"][code(sandbox, "Churn score")] = "secret words"
    run = tap()
    assert run.exit_code == 0
    assert record(run)["churn_score"] is None
    assert record(run)["name"]
    assert "persons: 2 values of churn_score weren't of its type and were left empty" in run.log
    assert "secret words" not in run.log


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Customer health", {"id": 1}),
        ("Customer health", [1]),
        ("Interests", [{"id": 1, "label": "Billing"}]),
        ("Interests", [None]),
        ("Churn score", True),
        ("Churn score", "nan"),
        ("Churn score", "1e999"),
        ("Account manager", True),
        ("Contract value", {"value": True, "currency": "EUR"}),
    ],
)
def test_what_only_looks_like_a_value_of_the_type_is_left_empty_too(tap, sandbox, label, value):
    sandbox.pipedrive.rows("person")[1]["custom_fields"][code(sandbox, label)] = value
    run = tap()
    column = label.lower().replace(" ", "_")
    assert record(run)[column] is None
    assert f"persons: 1 value of {column} wasn't of its type and was left empty" in run.log


def test_an_option_without_a_label_arrives_as_its_id(tap, sandbox):
    bad = option(sandbox, "Customer health", "Bad")
    set_value(sandbox, code(sandbox, "Customer health"), bad)
    for each in sandbox.pipedrive.field("person", "Customer health")["options"]:
        each["label"] = None
    assert record(tap())["customer_health"] == str(bad)


def test_custom_fields_can_arrive_in_one_object_by_name(tap, sandbox):
    set_value(sandbox, code(sandbox, "Lifecycle stage"), "Trial")
    run = tap(custom_fields="object")
    assert record(run)["custom_fields"]["lifecycle_stage"] == "Trial"
    assert "lifecycle_stage" not in record(run)
    declared = run.schema("persons")["custom_fields"]["properties"]["lifecycle_stage"]
    assert declared["x-pipedrive"]["label"] == "Lifecycle stage"


@pytest.mark.usual("pipedrive.unset_custom_fields")
def test_custom_fields_can_arrive_as_pipedrive_sends_them(tap, sandbox):
    bad = option(sandbox, "Customer health", "Bad")
    set_value(sandbox, code(sandbox, "Customer health"), bad)
    raw = record(tap(custom_fields="raw"))["custom_fields"]
    assert raw[code(sandbox, "Customer health")] == bad
    assert code(sandbox, "Churn score") in raw
