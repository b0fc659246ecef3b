"""All streams, by what the table says of them."""

from __future__ import annotations

import json
import re

import pytest
from tap_pipedrive.table import STREAMS

ALL = sorted(STREAMS)
SPACED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def asked(sandbox) -> list[str]:
    return [entry["path"].split("/pipedrive")[1] for entry in sandbox.journal()]


def of(sandbox, stream: str) -> list[str]:
    path = STREAMS[stream].path
    return [each for each in asked(sandbox) if each.partition("?")[0] == path]


def test_a_run_without_a_catalog_reads_every_stream(tap):
    run = tap(streams=None)
    assert run.exit_code == 0, run.log
    assert [message["stream"] for message in run.of("SCHEMA")] == ALL
    assert "names unknown to this version" not in run.log
    assert "weren't of its type" not in run.log


def test_each_call_costs_what_the_table_says(tap, sandbox):
    tap(streams=None)
    costs = {spec.path: spec.tokens for spec in STREAMS.values()}
    seen = {
        entry["path"].split("/pipedrive")[1].partition("?")[0]: entry["tokens"]
        for entry in sandbox.journal()
    }
    assert costs.keys() <= seen.keys()
    assert {path: seen[path] for path in costs} == costs


def test_a_field_catalogue_is_read_once_however_many_streams_want_it(tap, sandbox):
    tap(streams=["deals", "archived_deals", "leads", "deal_fields"])
    assert len(of(sandbox, "deal_fields")) == 1


def test_no_call_goes_to_an_endpoint_that_is_out_of_support(tap, sandbox):
    tap(streams=None)
    v1 = {each.partition("?")[0] for each in asked(sandbox) if each.startswith("/v1")}
    assert v1 == {spec.path for spec in STREAMS.values() if spec.v1}
    assert not [each for each in v1 if "recents" in each]


@pytest.mark.parametrize("stream", ["persons", "users", "product_fields"])
def test_discovery_of_some_streams_reads_only_their_catalogues(tap, sandbox, stream):
    catalog = json.loads(tap("--discover", streams=[stream]).out)
    assert [each["stream"] for each in catalog["streams"]] == [stream]
    fields = STREAMS[stream].fields_path or (
        STREAMS[stream].path if STREAMS[stream].schema_file == "fields" else ""
    )
    calls = [each.partition("?")[0] for each in asked(sandbox)]
    assert calls == ([fields] if STREAMS[stream].fields_path else [])


def test_a_stream_that_does_not_exist_is_refused_by_name(tap):
    run = tap(streams=["people"])
    assert run.exit_code == 1
    assert "got 'people'" in run.log


def test_a_deselected_stream_costs_no_call_nor_does_its_catalogue(tap, sandbox):
    catalog = json.loads(tap("--discover", streams=None).out)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"] == []:
                entry["metadata"]["selected"] = stream["stream"] == "pipelines"
    sandbox.clear_journal()
    run = tap(catalog=catalog, streams=None)
    assert [message["stream"] for message in run.of("SCHEMA")] == ["pipelines"]
    assert [each.partition("?")[0] for each in asked(sandbox)] == ["/api/v2/pipelines"]


def test_deals_arrive_in_every_status_and_archived_ones_in_a_stream_of_their_own(
    tap, sandbox, call
):
    ids = {}
    for status in ("open", "won", "lost"):
        ids[status] = call("POST", "/api/v2/deals", title=status, status=status)["id"]
    ids["deleted"] = call("POST", "/api/v2/deals", title="gone")["id"]
    call("DELETE", f"/api/v2/deals/{ids['deleted']}")
    archived = call("POST", "/api/v2/deals", title="old")["id"]
    call("PATCH", f"/api/v2/deals/{archived}", is_archived=True)
    run = tap(streams=["deals", "archived_deals"])
    deals = {record["id"]: record for record in run.records("deals")}
    assert set(ids.values()) <= deals.keys()
    assert deals[ids["deleted"]]["is_deleted"] is True
    assert archived not in deals
    assert [record["id"] for record in run.records("archived_deals")] == [archived]


def test_a_deleted_deal_comes_again_marked(tap, call):
    deal = call("POST", "/api/v2/deals", title="short-lived")["id"]
    first = tap(streams=["deals"])
    call("DELETE", f"/api/v2/deals/{deal}")
    second = tap(streams=["deals"], state=first.state)
    assert [r["is_deleted"] for r in second.records("deals") if r["id"] == deal] == [True]


def test_custom_fields_of_deals_and_products_are_columns(tap, call):
    for entity, label in (("deal", "Deal colour"), ("product", "Product colour")):
        path = f"/api/v2/{entity}Fields"
        code = call("POST", path, field_name=label, field_type="varchar")["field_code"]
        call("PATCH", f"/api/v2/{entity}s/1", custom_fields={code: "green"})
    run = tap(streams=["deals", "products"])
    assert next(r for r in run.records("deals") if r["id"] == 1)["deal_colour"] == "green"
    assert next(r for r in run.records("products") if r["id"] == 1)["product_colour"] == "green"


def test_leads_have_the_custom_fields_of_deals_whose_parts_stand_beside_each_other(
    tap, sandbox, call
):
    made = {}
    options = [{"label": "Red"}, {"label": "Blue"}]
    for label, kind, extra in (
        ("Colour", "varchar", {}),
        ("Budget", "monetary", {}),
        ("Tags", "set", {"options": options}),
    ):
        made[label] = call("POST", "/api/v2/dealFields", field_name=label, field_type=kind, **extra)
    tags = [option["id"] for option in made["Tags"]["options"]]
    rows = sandbox.pipedrive.rows("lead")
    lead = next(iter(rows.values()))
    lead[made["Colour"]["field_code"]] = "green"
    lead[made["Budget"]["field_code"]] = 12.5
    lead[made["Budget"]["field_code"] + "_currency"] = "EUR"
    lead[made["Tags"]["field_code"]] = ",".join(map(str, tags))
    run = tap(streams=["leads"])
    record = next(r for r in run.records("leads") if r["id"] == lead["id"])
    assert record["colour"] == "green"
    assert record["budget"] == {"value": 12.5, "currency": "EUR"}
    assert record["tags"] == ["Red", "Blue"]
    assert "names unknown" not in run.log


def test_leads_may_have_custom_fields_in_the_form_of_v2_as_well(tap, sandbox, call):
    fields = {"Colour": "varchar", "Budget": "monetary"}
    made = {
        label: call("POST", "/api/v2/dealFields", field_name=label, field_type=kind)["field_code"]
        for label, kind in fields.items()
    }
    budget = {"value": 12.5, "currency": "EUR"}
    lead = next(iter(sandbox.pipedrive.rows("lead").values()))
    row = {**lead, "custom_fields": {made["Colour"]: "green", made["Budget"]: budget}}
    paging = {"pagination": {"more_items_in_collection": False}}
    body = {"success": True, "data": [row], "additional_data": paging}
    sandbox.fault("/pipedrive/v1/leads", "GET", action={"status": 200, "body": body})
    run = tap(streams=["leads"])
    (record,) = run.records("leads")
    assert (record["colour"], record["budget"]) == ("green", budget)


def test_times_and_flags_of_v1_arrive_like_those_of_v2(tap, sandbox):
    for row in sandbox.pipedrive.rows("note").values():
        row["active_flag"], row["pinned_to_deal_flag"] = 1, 0
    run = tap(streams=["notes", "users", "filters", "files", "activity_types"])
    stored = sandbox.pipedrive.rows("note")
    for record in run.records("notes"):
        assert record["add_time"] == stored[record["id"]]["add_time"].replace(" ", "T") + "Z"
        assert (record["active_flag"], record["pinned_to_deal_flag"]) == (True, False)
    text = json.dumps([message["record"] for message in run.of("RECORD")])
    assert not SPACED.search(text)


def test_a_time_of_v1_that_means_none_is_empty(tap, sandbox):
    row = next(iter(sandbox.pipedrive.rows("note").values()))
    row["update_time"] = "0000-00-00 00:00:00"
    run = tap(streams=["notes"])
    assert next(r for r in run.records("notes") if r["id"] == row["id"])["update_time"] is None


@pytest.mark.parametrize("stream", ["notes", "leads"])
def test_notes_and_leads_come_incrementally_too(tap, sandbox, stream):
    first = tap(streams=[stream])
    newest = max(record["update_time"] for record in first.records(stream))
    assert first.bookmark(stream) == newest[:19] + "Z"
    sandbox.clear_journal()
    second = tap(streams=[stream], state=first.state)
    (listed,) = of(sandbox, stream)
    assert "updated_since=" in listed
    assert [record["update_time"] for record in second.records(stream)] == [newest]


def test_pipelines_and_stages_are_never_asked_for_changes(tap, sandbox):
    first = tap(streams=["pipelines", "stages"])
    second = tap(streams=["pipelines", "stages"], state=first.state)
    assert "updated_since" not in "".join(asked(sandbox))
    assert second.records("stages") == first.records("stages") != []


@pytest.mark.parametrize(("notes", "pages"), [(500, 1), (501, 2), (981, 3)])
def test_pages_of_v1_overlap_and_every_row_arrives_once(tap, sandbox, notes, pages):
    fill_notes(sandbox, notes)
    run = tap(streams=["notes"])
    ids = [record["id"] for record in run.records("notes")]
    assert len(ids) == len(set(ids)) == notes
    assert len(of(sandbox, "notes")) == pages


def fill_notes(sandbox, count: int) -> None:
    table = sandbox.pipedrive.state.tables["note"]
    pattern = next(iter(table.rows.values()))
    while len(table.rows) < count:
        table.insert({**pattern, "id": table.new_id()})


@pytest.fixture
def attached(call) -> dict[int, int]:
    """Products on two deals: attachment -> deal."""
    body = {"product_id": 1, "quantity": 2, "item_price": 49}
    return {call("POST", f"/api/v2/deals/{d}/products", **body)["id"]: d for d in (1, 2)}


def test_products_of_deals_are_asked_for_a_hundred_deals_at_a_time(tap, sandbox, attached):
    run = tap(streams=["deal_products"])
    assert {r["id"]: r["deal_id"] for r in run.records("deal_products")} == attached
    assert len(of(sandbox, "deal_products")) == 1


@pytest.mark.parametrize(("status", "code"), [(400, 3), (403, 3), (404, 0)])
def test_a_deal_whose_products_are_refused_is_reported_and_takes_no_other_with_it(
    tap, sandbox, attached, status, code
):
    refusal = {"status": status, "body": {"success": False, "error": "no"}}
    sandbox.fault("/pipedrive/api/v2/deals/products", "GET", action=refusal)
    sandbox.fault("/pipedrive/api/v2/deals/1/products", "GET", action=refusal)
    run = tap(streams=["deal_products", "stages"])
    assert run.exit_code == code  # one that was deleted meanwhile has no products to miss
    assert "deal_products: those of 1 are left out" in run.log
    assert {record["deal_id"] for record in run.records("deal_products")} == {2}
    assert run.records("stages")


def test_products_that_are_refused_of_every_deal_are_asked_for_a_hundred_times_at_most(
    tap, sandbox
):
    sandbox.reset(persons=1200, organizations=20)
    assert len(sandbox.pipedrive.rows("deal")) > 100
    refusal = {"status": 403, "body": {"success": False, "error": "no"}}
    sandbox.fault("/pipedrive/api/v2/deals/*products", "GET", times=None, action=refusal)
    run = tap(streams=["deal_products", "stages"])
    assert run.exit_code == 3
    assert "deal_products is left out: Pipedrive answered 403" in run.log
    assert len([path for path in asked(sandbox) if "/products" in path]) <= 101
    assert run.records("stages")


def test_the_last_message_is_the_state_even_where_streams_without_one_follow(tap):
    first = tap(streams=["persons", "stages"])
    second = tap(streams=["persons", "stages"], state=first.state)
    assert [run.messages[-1]["type"] for run in (first, second)] == ["STATE", "STATE"]
    assert second.records("stages")


def test_a_list_that_stays_empty_leaves_the_state_as_it_is(tap):
    first = tap(streams=["activities"])
    second = tap(streams=["activities"], state=first.state)
    assert second.state == first.state
