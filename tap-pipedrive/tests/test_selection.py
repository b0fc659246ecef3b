"""What isn't selected stays away, from whole columns down to the parts of one."""

from __future__ import annotations

import json


def chosen(tap, *left_out, **config):
    """A run of persons without some paths of the catalog."""
    catalog = json.loads(tap("--discover", streams=["persons"], **config).out)
    (stream,) = catalog["streams"]
    known = {tuple(entry["breadcrumb"]) for entry in stream["metadata"]}
    assert known.issuperset(left_out)
    for entry in stream["metadata"]:
        entry["metadata"]["selected"] = tuple(entry["breadcrumb"]) not in left_out
    return tap(catalog=catalog, streams=["persons"], **config)


def test_a_column_that_is_not_selected_is_in_no_record(tap):
    run = chosen(tap, ("properties", "add_time"), ("properties", "is_deleted"))
    assert run.exit_code == 0
    records = run.records("persons")
    assert len(records) == 60
    assert not [one for one in records if one.keys() & {"add_time", "is_deleted"}]
    assert all("name" in one for one in records)


def test_a_part_of_a_column_that_is_not_selected_is_in_no_record(tap):
    whole = tap(streams=["persons"], custom_fields="object").records("persons")
    name = next(iter(whole[0]["custom_fields"]))
    path = ("properties", "custom_fields", "properties", name)
    records = chosen(tap, path, custom_fields="object").records("persons")
    expected = [{k: v for k, v in one["custom_fields"].items() if k != name} for one in whole]
    assert [one["custom_fields"] for one in records] == expected


def test_a_stream_that_the_catalog_wants_whole_is_read_whole_and_keeps_its_names(tap, call):
    deal = call("POST", "/api/v2/deals", title="Old")["id"]
    call("PATCH", f"/api/v2/deals/{deal}", is_archived=True)
    catalog = json.loads(tap("--discover", streams=["archived_deals"]).out)
    catalog["streams"][0]["replication_method"] = "FULL_TABLE"
    bookmark = {"replication_key": "update_time", "replication_key_value": "2100-01-01T00:00:00Z"}
    state = {"bookmarks": {"archived_deals": bookmark}}
    run = tap(catalog=catalog, streams=["archived_deals"], state=state)
    assert [record["id"] for record in run.records("archived_deals")] == [deal]
    assert "signal" in run.state["bookmarks"]["archived_deals"]["columns"].values()
