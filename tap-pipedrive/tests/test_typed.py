"""Records are the same whether rows are decoded straight into types or looked at one by one.

A stream map makes the SDK take the records one by one, which needs the second way. Both ways share
the conversions of values; what those make of them is tested with custom fields and bad input.
"""

from __future__ import annotations

import json

import pytest

#: Of a value that has no place in its column.
EMPTY = object()


@pytest.fixture
def both(tap, sandbox):
    """Read persons both ways; gives the runs."""

    def run(**config):
        settings = {"streams": ["persons"], "detect_deletes": False, **config}
        plain = tap(**settings)
        mapped = tap(**settings, stream_maps={"persons": {"added": "'here'"}})
        assert plain.exit_code == mapped.exit_code == 0
        return plain, mapped

    return run


def records(run):
    rows = sorted(run.records("persons"), key=lambda one: one["id"])
    return [{name: row[name] for name in row if name != "added"} for row in rows]


def same(plain, mapped):
    first, second = records(plain), records(mapped)
    assert [list(one) for one in first] == [list(one) for one in second]
    # By their text, which tells 1 from 1.0 and from true.
    assert [json.dumps(one) for one in first] == [json.dumps(one) for one in second]
    return first


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"concurrency": 4},
        {"option_ids": True},
        {"option_labels": False},
        {"custom_fields": "object"},
        {"custom_fields": "raw"},
    ],
    ids=["columns", "side by side", "ids beside labels", "ids", "object", "raw"],
)
def test_all_records_are_the_same(both, config):
    assert len(same(*both(**config))) == 60


def put(sandbox, name, value):
    """A value that Pipedrive doesn't document, in one stored row."""
    row = sandbox.pipedrive.rows("person")[5]
    if name == "postal_address":
        sandbox.switches.update({"pipedrive.contact_sync": True})
    if name in row or name == "postal_address":
        row[name] = value
    else:
        row["custom_fields"][sandbox.pipedrive.field("person", name)["field_code"]] = value


@pytest.mark.usual("pipedrive.person_without_email")
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("name", 17, "17"),
        ("name", ["a list"], EMPTY),
        ("owner_id", 7.0, 7),
        ("owner_id", "seven", EMPTY),
        ("is_deleted", 0, False),
        ("emails", {"value": "no list"}, EMPTY),
        ("emails", ["ada@example.org"], EMPTY),
        ("emails", [None], EMPTY),
        ("emails", [{"value": ["ada@example.org"]}], EMPTY),
        ("emails", [{"value": 7, "primary": 1}], [{"value": "7", "primary": True}]),
        ("emails", [{"primary": True, "id": 5}], [{"primary": True, "id": 5}]),
        ("emails", [], []),
        ("label_ids", ["3", "7"], [3, 7]),
        ("label_ids", [3.0], [3]),
        ("label_ids", ["hot"], EMPTY),
        ("label_ids", 3, EMPTY),
        ("postal_address", {"value": "Rue Haute"}, {"value": "Rue Haute"}),
        ("postal_address", {"value": {"street": "Rue Haute"}}, EMPTY),
        ("Churn score", 3, 3),
        ("Churn score", 2**60 + 1, 2**60 + 1),
        ("Churn score", "0.25", 0.25),
        ("Churn score", True, EMPTY),
        ("Last seen", "soon", EMPTY),
        ("Newsletter", "yes", "yes"),
    ],
)
def test_a_value_of_another_type_is_the_same(both, sandbox, name, value, expected):
    put(sandbox, name, value)
    plain, mapped = both()
    (row,) = [one for one in same(plain, mapped) if one["id"] == 5]
    column = name.lower().replace(" ", "_")
    assert json.dumps(row[column]) == json.dumps(None if expected is EMPTY else expected)
    text = f"1 value of {column} wasn't of its type and was left empty"
    assert {text in run.log for run in (plain, mapped)} == {expected is EMPTY}


def test_parts_that_nobody_documented_are_kept_both_ways(both, sandbox):
    put(sandbox, "Contract value", {"value": 5, "currency": "EUR", "note": "new"})
    (row,) = [one for one in same(*both()) if one["id"] == 5]
    assert row["contract_value"] == {"value": 5, "currency": "EUR", "note": "new"}


def test_a_name_that_came_up_on_every_page_is_told_once_and_costs_no_record(both, sandbox):
    sandbox.reset(persons=1600, organizations=1)
    for row in sandbox.pipedrive.rows("person").values():
        row["shoe_size"] = 44
        row["custom_fields"]["f" * 40] = "late"
    plain, mapped = both()
    assert len(same(plain, mapped)) == 1600
    for run in (plain, mapped):
        assert run.log.count("names unknown to this version left out: shoe_size") == 1
        assert f"fields that came up during the run get columns in the next: {'f' * 40}" in run.log


def test_what_is_not_selected_is_in_no_record_either_way(tap, both):
    catalog = json.loads(tap("--discover", streams=["persons"]).out)
    for each in catalog["streams"][0]["metadata"]:
        name = each["breadcrumb"][1] if each["breadcrumb"] else ""
        each["metadata"]["selected"] = name not in ("name", "is_deleted", "churn_score")
    rows = same(*both(catalog=catalog))
    assert len(rows) == 60
    assert not {"name", "is_deleted", "churn_score"} & rows[0].keys()


def test_one_column_beside_those_that_every_record_has_is_enough(tap, both):
    catalog = json.loads(tap("--discover", streams=["persons"]).out)
    for each in catalog["streams"][0]["metadata"]:
        each["metadata"]["selected"] = each["breadcrumb"] in ([], ["properties", "churn_score"])
    rows = same(*both(catalog=catalog))
    assert len(rows) == 60
    assert all(row.keys() == {"id", "update_time", "churn_score"} for row in rows)
