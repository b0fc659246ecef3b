"""What the Singer SDK gives to every tap keeps working: stream maps, flattening, batches.

And what a catalog deselects costs no call where the API allows that.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest


def test_a_stream_map_renames_filters_and_drops(tap):
    maps = {
        "users": {"__alias__": "people", "__filter__": "health == 'Good'", "mail": "email.lower()"},
        "memberships": None,
        "events": {"__else__": None, "id": "id"},
    }
    run = tap(stream_maps=maps)
    assert run.exit_code == 0, run.log
    everybody = tap().records("users")
    good = [each for each in everybody if each["health"] == "Good"]
    assert 0 < len(good) < len(everybody)
    assert [each["mail"] for each in run.records("people")] == [e["email"].lower() for e in good]
    assert run.records("users") == run.records("memberships") == []
    assert all(each.keys() == {"id"} for each in run.records("events"))
    assert run.fits


def test_flattening_makes_texts_of_lists_and_leaves_the_rest_as_it_is(tap):
    plain = tap()
    run = tap(flattening_enabled=True, flattening_max_depth=3)
    assert run.exit_code == 0, run.log
    for stream in ("accounts", "users", "memberships", "user_properties"):
        whole = [
            {
                k: json.dumps(v, separators=(",", ":"), ensure_ascii=False)
                if isinstance(v, list)
                else v
                for k, v in each.items()
            }
            for each in plain.records(stream)
        ]
        assert run.records(stream) == whole != []
    assert run.fits


def test_batches_hold_every_record_and_the_state_follows_them(tap, sandbox, tmp_path):
    sandbox.reset(users=1200, accounts=10)
    config = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": f"file://{tmp_path}", "prefix": "b-"},
    }
    run = tap(batch_config=config)
    assert run.exit_code == 0, run.log
    assert run.of("RECORD") == []
    held = {}
    for message in run.of("BATCH"):
        files = [Path(name.removeprefix("file://")) for name in message["manifest"]]
        lines = [line for f in files for line in gzip.decompress(f.read_bytes()).splitlines()]
        held.setdefault(message["stream"], []).extend(json.loads(line) for line in lines)
    counts = sandbox.journy.counts()
    assert len({each["user_id"] for each in held["users"]}) == counts["users"] == 1200
    assert len(held["accounts"]) == counts["accounts"]
    assert len(held["memberships"]) == counts["memberships"]
    assert run.bookmark("users") == max(each["updated_at"] for each in held["users"])
    assert tap(batch_config=config, state=run.state).of("BATCH", "users")


@pytest.fixture
def select(tap):
    """A catalog with nothing selected but these streams, and without some of their columns."""

    def make(*streams: str, without: tuple[str, ...] = ()) -> dict:
        catalog = json.loads(tap("--discover").out)
        for stream in catalog["streams"]:
            for entry in stream["metadata"]:
                path = entry["breadcrumb"]
                chosen = path[-1] not in without if path else stream["stream"] in streams
                entry["metadata"]["selected"] = chosen
        return catalog

    return make


def asked(sandbox) -> list[str]:
    return [each["path"].partition("?")[0].removeprefix("/journy") for each in sandbox.journal()]


CALLS = {
    "events": ["/events"],
    "user_segments": ["/segments/users"],
    "account_properties": ["/properties/accounts"],
    "accounts": ["/properties/accounts", "/accounts", "/segments/accounts", "/accounts"],
    "memberships": ["/users"],
}


@pytest.mark.parametrize("stream", CALLS)
def test_a_selected_stream_costs_its_own_calls_and_no_others(tap, sandbox, select, stream):
    catalog = select(stream)
    sandbox.clear_journal()
    run = tap(catalog=catalog)
    assert run.exit_code == 0
    assert {each["stream"] for each in run.of("RECORD")} == {stream}
    assert asked(sandbox) == CALLS[stream]


def test_nothing_selected_costs_nothing(tap, sandbox, select):
    catalog = select()
    sandbox.clear_journal()
    assert tap(catalog=catalog).exit_code == 0
    assert asked(sandbox) == []


def test_segments_that_are_not_selected_are_not_asked_for(tap, sandbox, select):
    catalog = select("users", without=("segments", "phone"))
    sandbox.clear_journal()
    run = tap(catalog=catalog)
    assert run.exit_code == 0
    assert not [each for each in run.records("users") if each.keys() & {"segments", "phone"}]
    assert run.schema("users").keys() == run.records("users")[0].keys()
    assert asked(sandbox) == ["/properties/users", "/users", "/users"]


def test_about_describes_every_setting_and_every_key_of_the_record_source(tap):
    said = json.loads(tap("--about", "--format=json").out)
    assert {"batch", "stream-maps", "schema-flattening"} <= set(said["capabilities"])
    settings = said["settings"]["properties"]
    for name, setting in settings.items():
        assert setting["description"], name
        assert setting["type"], name
    assert settings["api_key"]["secret"] is True
    assert settings["enabled"]["default"] is True
    source = settings["record_source"]["properties"]
    assert source.keys() == {"type", "format", "nested", "users", "accounts"}
    users = source["users"]["properties"]
    assert users["page_size"]["description"] == "How many records a page has; by default 500."
    assert users["id"]["description"].endswith("by default userId.")
    assert source["accounts"]["properties"]["domain"]["description"]
