from __future__ import annotations

import pytest

PERSONS = "/api/v2/persons"
ZONE = {"timezone_name": "Europe/London"}
DAYS = {"value": "2025-01-01", "until": "2025-02-01"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Churn score", 0.25),
        ("Churn score", 3),
        ("Last seen", "2025-02-28"),
        ("Lifecycle stage", "trial"),
        ("Support line", "+1 202 555 0100"),
        ("Notes on fit", "long " * 200),
        ("Contract value", {"value": 500, "currency": "USD"}),
        ("Contract period", DAYS),
        ("Account manager", 2),
    ],
    ids=str,
)
def test_a_value_of_the_right_type_reads_back_as_it_was_written(pipedrive, code, name, value):
    person = pipedrive.person(custom_fields={code(name): value})
    assert person["custom_fields"][code(name)] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Churn score", "0.25"),
        ("Churn score", True),
        ("Last seen", "2025-02-30"),
        ("Last seen", "2025-02-28T00:00:00Z"),
        ("Lifecycle stage", 5),
        ("Lifecycle stage", "x" * 256),
        ("Customer health", "Good"),
        ("Customer health", 999),
        ("Interests", "Billing"),
        ("Interests", []),
        ("Interests", [999]),
        ("Contract value", 500),
        ("Contract value", {"value": "500", "currency": "USD"}),
        ("Contract value", {"value": 500, "currency": "XXX"}),
        ("Contract value", {"value": 500}),
        ("Contract period", "2025-01-01"),
        ("Contract period", {"value": "2025-01-01"}),
        ("Contract period", {"value": "2025-02-01", "until": "2025-01-01"}),
        ("Preferred call time", "09:00:00"),
        ("Preferred call time", {"value": "09:00"}),
        ("Preferred call time", {"value": "09:00:00", "timezone_name": "Mars/Base"}),
        ("Office hours", {"value": "09:00:00"}),
        ("Postal address", "Main St"),
        ("Postal address", {"country": "US"}),
        ("Account manager", "1"),
        ("Account manager", 99),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_of_another_type_is_refused_by_the_key_of_its_field(pipedrive, code, name, value):
    answer = pipedrive.post(PERSONS, {"name": "Ann", "custom_fields": {code(name): value}})
    assert answer.status_code == 400
    assert answer.json()["code"] == "ERR_SCHEMA_VALIDATION_FAILED"
    assert answer.json()["error"].startswith(f"Validation failed: custom_fields.{code(name)}")


def test_an_unknown_key_refuses_the_whole_request(sandbox, pipedrive, code):
    person = pipedrive.person()
    values = {code("Churn score"): 0.5, "0" * 40: 1}
    answer = pipedrive.patch(
        f"{PERSONS}/{person['id']}", {"name": "New Name", "custom_fields": values}
    )
    assert answer.status_code == 400
    assert "0" * 40 in answer.json()["error"]
    assert pipedrive.data(f"{PERSONS}/{person['id']}") == person


def test_options_are_written_by_id_and_read_back_as_ids(pipedrive, code, option):
    chosen = [option("Interests", "Reporting"), option("Interests", "Billing")]
    values = {code("Interests"): chosen, code("Customer health"): option("Customer health", "Bad")}
    assert (
        pipedrive.person(custom_fields=values)["custom_fields"] | values
        == (pipedrive.person(custom_fields=values)["custom_fields"])
    )


@pytest.mark.parametrize("name", ["Churn score", "Interests", "Customer health", "Contract value"])
def test_null_clears_a_field(pipedrive, code, option, name):
    examples = {
        "Churn score": 1,
        "Interests": [option("Interests", "Billing")],
        "Customer health": option("Customer health", "Good"),
        "Contract value": {"value": 1, "currency": "EUR"},
    }
    person = pipedrive.person(custom_fields={code(name): examples[name]})
    body = {"custom_fields": {code(name): None}}
    changed = pipedrive.patch(f"{PERSONS}/{person['id']}", body).json()["data"]
    assert changed["custom_fields"][code(name)] is None


def test_null_may_fail_to_clear_a_set_as_it_did_in_march_2026(sandbox, pipedrive, code):
    sandbox.switches.set("pipedrive.set_null", "refuse")
    answer = pipedrive.post(PERSONS, {"name": "Ann", "custom_fields": {code("Interests"): None}})
    assert answer.status_code == 400


def test_a_time_reads_back_with_its_zone_and_defaults_to_the_users(pipedrive, code):
    values = {
        code("Preferred call time"): {"value": "09:00:00"},
        code("Office hours"): {
            "value": "09:00:00",
            "until": "17:00:00",
            "timezone_name": "Asia/Tokyo",
        },
    }
    shown = pipedrive.person(custom_fields=values)["custom_fields"]
    assert shown[code("Preferred call time")]["timezone_name"] == "Europe/London"
    assert shown[code("Office hours")]["timezone_name"] == "Asia/Tokyo"


def test_parts_that_an_address_leaves_out_become_null(pipedrive, code):
    given = {"value": "Main St 1, Springfield", "locality": "Springfield"}
    shown = pipedrive.person(custom_fields={code("Postal address"): given})
    address = shown["custom_fields"][code("Postal address")]
    assert address["locality"] == "Springfield"
    assert address["country"] is None


@pytest.mark.parametrize(("position", "stored"), [("null", None), ("keep", "")])
def test_a_switch_says_what_an_empty_text_is(sandbox, pipedrive, code, position, stored):
    sandbox.switches.set("pipedrive.empty_string", position)
    shown = pipedrive.person(custom_fields={code("Lifecycle stage"): ""})
    assert shown["custom_fields"][code("Lifecycle stage")] == stored


def test_field_definitions_come_in_pages_with_options_and_parts(pipedrive, code):
    fields = [field for page in pipedrive.pages("/api/v2/personFields", limit=5) for field in page]
    by_name = {field["field_name"]: field for field in fields}
    assert by_name["Customer health"]["field_type"] == "enum"
    assert [one["label"] for one in by_name["Customer health"]["options"]] == [
        "Good",
        "Normal",
        "Bad",
    ]
    assert len(by_name["Churn score"]["field_code"]) == 40
    assert by_name["Churn score"]["options"] is None
    assert [part["field_code"] for part in by_name["Contract value"]["subfields"]] == [
        "value",
        "currency",
    ]
    assert by_name["Email"]["is_custom_field"] is False
    one = pipedrive.data(f"/api/v2/personFields/{code('Churn score')}")
    assert one == by_name["Churn score"]


def test_a_new_field_is_on_every_record_at_once(pipedrive):
    body = {"field_name": "Tier", "field_type": "enum", "options": [{"label": "A"}, {"label": "B"}]}
    field = pipedrive.post("/api/v2/personFields", body).json()["data"]
    assert len(field["field_code"]) == 40
    assert pipedrive.data(f"{PERSONS}/1")["custom_fields"][field["field_code"]] is None
    values = {field["field_code"]: field["options"][1]["id"]}
    assert (
        pipedrive.person(custom_fields=values)["custom_fields"][field["field_code"]]
        == values[field["field_code"]]
    )


@pytest.mark.parametrize(
    "body",
    [
        {"field_name": "X"},
        {"field_type": "varchar"},
        {"field_name": "", "field_type": "varchar"},
        {"field_name": "X", "field_type": "int"},
        {"field_name": "X", "field_type": "boolean"},
        {"field_name": "X", "field_type": "enum"},
        {"field_name": "X", "field_type": "set", "options": []},
        {"field_name": "X", "field_type": "varchar", "options": [{"label": "A"}]},
        {"field_name": "X", "field_type": "varchar", "name": "X"},
    ],
    ids=str,
)
def test_a_wrong_field_definition_is_refused(pipedrive, body):
    assert pipedrive.post("/api/v2/personFields", body).status_code == 400


def test_options_are_added_renamed_and_removed_all_or_none(pipedrive, code, option):
    path = f"/api/v2/personFields/{code('Interests')}/options"
    added = pipedrive.post(path, [{"label": "Search"}]).json()["data"]
    assert added[0]["label"] == "Search"
    person = pipedrive.person(
        custom_fields={code("Interests"): [added[0]["id"], option("Interests", "Billing")]}
    )
    renamed = [{"id": added[0]["id"], "label": "Find"}, {"id": 999, "label": "Nope"}]
    assert pipedrive.patch(path, renamed).status_code == 400
    assert option("Interests", "Search") == added[0]["id"]
    assert pipedrive.patch(path, renamed[:1]).json()["data"][0]["label"] == "Find"
    assert pipedrive.delete(path, [{"id": added[0]["id"]}]).status_code == 200
    left = pipedrive.data(f"{PERSONS}/{person['id']}")["custom_fields"][code("Interests")]
    assert left == [option("Interests", "Billing")]


def test_a_deleted_field_takes_its_values_with_it(pipedrive, code):
    key = code("Churn score")
    person = pipedrive.person(custom_fields={key: 0.5})
    assert pipedrive.delete(f"/api/v2/personFields/{key}").status_code == 200
    assert key not in pipedrive.data(f"{PERSONS}/{person['id']}")["custom_fields"]
    assert pipedrive.get(f"/api/v2/personFields/{key}").status_code == 404
    body = {"custom_fields": {key: 0.5}}
    assert pipedrive.patch(f"{PERSONS}/{person['id']}", body).status_code == 400


def test_a_field_that_is_made_again_has_another_key(pipedrive):
    made = {"field_name": "Region", "field_type": "varchar"}
    first = pipedrive.post("/api/v2/personFields", made).json()["data"]["field_code"]
    pipedrive.delete(f"/api/v2/personFields/{first}")
    assert pipedrive.post("/api/v2/personFields", made).json()["data"]["field_code"] != first


def test_system_fields_can_not_be_deleted(pipedrive):
    assert pipedrive.delete("/api/v2/personFields/name").status_code == 403


def test_the_same_seed_gives_the_same_keys(sandbox, code):
    before = code("Churn score")
    sandbox.reset(seed=2)
    assert code("Churn score") != before
    sandbox.reset()
    assert code("Churn score") == before
