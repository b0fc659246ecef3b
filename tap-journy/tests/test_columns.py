"""The types of columns: told from values, remembered in state, only ever widened."""

from __future__ import annotations

import pytest
import requests_mock

URL = "https://journy.test"
CATALOGUES = ("/properties/users", "/properties/accounts", "/segments/users", "/segments/accounts")


@pytest.fixture
def read(tap):
    """Read users with these properties, one dictionary a user."""

    def run(*properties: dict, catalogue=(), **options):
        data = [{"userId": f"u{n}", "properties": each} for n, each in enumerate(properties)]
        with requests_mock.Mocker() as mocked:
            for path in (*CATALOGUES, "/events", "/accounts"):
                mocked.get(URL + path, json={"data": []})
            mocked.get(f"{URL}/properties/users", json={"data": list(catalogue)})
            mocked.get(f"{URL}/users", json={"data": data})
            found = tap(api_url=URL, **options)
        assert found.exit_code == 0
        assert found.fits
        return found

    return run


def column(run, name: str) -> dict:
    return run.of("SCHEMA", "users")[-1]["schema"]["properties"][name]


def values(run, name: str) -> list:
    return [each[name] for each in run.records("users")]


CASES = {
    "number": ([5, 2.5], "number", None, [5, 2.5]),
    "boolean": ([True, None], "boolean", None, [True, None]),
    "text": (["a", ""], "string", None, ["a", ""]),
    "date": (["2026-01-31"], "string", "date", ["2026-01-31"]),
    "time": (
        ["2026-01-31T10:00:00+02:00"],
        "string",
        "date-time",
        ["2026-01-31T08:00:00.000Z"],
    ),
    "date and time": (
        ["2026-01-31", "2026-01-31T10:00:00Z"],
        "string",
        "date-time",
        ["2026-01-31T00:00:00.000Z", "2026-01-31T10:00:00.000Z"],
    ),
    "list": ([["a", "b"], "c"], "array", None, [["a", "b"], ["c"]]),
    "list of numbers": ([[1, 2]], "array", None, [["1", "2"]]),
    "mixed": ([1, True, "x"], "string", None, ["1", "true", "x"]),
    "object": ([{"a": 1}], "string", None, ['{"a":1}']),
    "digits as text": (["0032"], "string", None, ["0032"]),
    "no such day": (["2026-02-31"], "string", None, ["2026-02-31"]),
    "empty text among numbers": ([5, ""], "number", None, [5, None]),
}


@pytest.mark.parametrize(("given", "kind", "form", "arrived"), CASES.values(), ids=CASES)
def test_a_column_takes_the_narrowest_type_that_holds_its_values(read, given, kind, form, arrived):
    run = read(*({"x": each} for each in given))
    assert column(run, "x")["type"] == [kind, "null"]
    assert column(run, "x").get("format") == form
    assert values(run, "x") == arrived


def test_a_column_never_gets_narrower(read):
    first = read({"x": "many"})
    second = read({"x": 5}, state=first.state)
    assert column(second, "x")["type"] == ["string", "null"]
    assert values(second, "x") == ["5"]
    assert "takes" not in second.log


def test_a_column_that_widens_between_runs_is_reported(read):
    first = read({"x": 5})
    second = read({"x": "many"}, state=first.state)
    assert "users: the column x held number values and takes string from now on" in second.log
    third = read({"x": 6}, state=second.state)
    assert values(third, "x") == ["6"]
    assert "takes string" not in third.log


def test_a_remembered_type_stands_where_the_values_are_gone(read):
    first = read({"x": 5})
    second = read({"x": None}, state=first.state)
    assert column(second, "x")["type"] == ["number", "null"]


def test_a_type_is_remembered_while_no_record_has_the_property(read):
    first = read({"x": "many"})
    second = read({"y": 1}, state=first.state)
    third = read({"x": 5}, state=second.state)
    assert column(third, "x")["type"] == ["string", "null"]
    assert values(third, "x") == ["5"]


LOOSE = ["string", "number", "boolean", "array", "null"]


def test_a_property_without_values_takes_whatever_comes_later(read):
    defined = [{"name": "x", "label": "The X", "isComputed": True}]
    empty = read(catalogue=defined)
    assert column(empty, "x")["type"] == LOOSE
    filled = read({"x": 5}, {"x": "many"}, catalogue=defined, state=empty.state)
    assert column(filled, "x")["type"] == LOOSE
    assert column(filled, "x")["x-journy"] == {"name": "x", "label": "The X", "computed": True}
    assert values(filled, "x") == [5, "many"]


def test_a_property_is_prefixed_that_differs_from_a_fixed_column_in_case_alone(read):
    run = read({"Email": "a", "email": "b", "USER_ID": 7, "Plan": "Pro"})
    (user,) = run.records("users")
    names = {each.casefold() for each in user}
    assert len(names) == len(user)  # a database that doesn't tell cases has room for all
    assert (user["property_Email"], user["property_USER_ID"], user["Plan"]) == ("a", 7, "Pro")
    assert user["property_property_email"] == "b"


def test_a_property_without_a_name_is_no_column(read):
    run = read({"": 1, "plan": "Pro"})
    assert "" not in run.records("users")[0]
    assert "no column" not in run.log


def test_five_hundred_properties_are_five_hundred_columns(read):
    names = [f"property_{number}" for number in range(500)]
    run = read(*(dict.fromkeys(names, number) for number in range(3)))
    assert set(names) < set(run.records("users")[0])
    assert len(run.of("SCHEMA", "users")) == 1


def test_a_stream_map_sees_the_widened_columns(read):
    maps = {"users": {"user_id": "user_id", "doubled": "float(x) * 2", "__else__": None}}
    first = read({"x": 5})
    run = read({"x": 6}, state=first.state, stream_maps=maps)
    assert values(run, "doubled") == [12]


@pytest.fixture
def catalog(read):
    """A catalog as `schema` of Meltano makes it: one column has another description."""

    def make(name: str, about: dict) -> dict:
        schema = read({"x": 5}).of("SCHEMA", "users")[0]["schema"]
        schema["properties"][name] = about
        selected = [{"breadcrumb": [], "metadata": {"selected": True}}]
        own = {"tap_stream_id": "users", "stream": "users", "key_properties": ["user_id"]}
        return {"streams": [{**own, "schema": schema, "metadata": selected}]}

    return make


TEXTS = ("string", ["string"], ["string", "null"], ["null", "string"])


@pytest.mark.parametrize("types", TEXTS, ids=str)
def test_a_column_that_the_catalog_makes_text_is_text_from_the_start(read, catalog, types):
    run = read({"x": 5}, catalog=catalog("x", {"type": types}))
    assert column(run, "x")["type"] == ["string", "null"]
    assert values(run, "x") == ["5"]


def test_a_selected_catalog_keeps_its_columns_when_one_widens(read, tap):
    first = read({"x": 5, "y": 1})
    schema = first.of("SCHEMA", "users")[0]["schema"]
    deselected = {"breadcrumb": ["properties", "y"], "metadata": {"selected": False}}
    entry = {
        "tap_stream_id": "users",
        "stream": "users",
        "key_properties": ["user_id"],
        "schema": schema,
        "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}, deselected],
    }
    run = read({"x": "many", "y": 2}, catalog={"streams": [entry]})
    assert "y" not in run.schema("users")
    assert "y" not in run.records("users")[0]
    assert values(run, "x") == ["many"]
    assert column(run, "x")["type"] == ["string", "null"]
