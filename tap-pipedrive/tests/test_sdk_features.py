"""What the Singer SDK gives to every tap keeps working: stream maps, flattening, batches."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest


def test_a_stream_map_renames_and_drops(tap):
    maps = {"pipelines": {"__alias__": "funnels", "id": "id", "title": "name.upper()"}}
    run = tap(streams=["pipelines", "stages"], stream_maps={**maps, "stages": None})
    assert run.exit_code == 0, run.log
    assert {message["stream"] for message in run.of("RECORD")} == {"funnels"}
    assert all(record["title"].isupper() for record in run.records("funnels"))


def test_objects_can_be_flattened(tap, sandbox):
    for row in sandbox.pipedrive.rows("lead").values():
        row["value"] = {"amount": 12.5, "currency": "EUR"}
    run = tap(streams=["leads"], flattening_enabled=True, flattening_max_depth=2)
    assert run.exit_code == 0, run.log
    assert "value__amount" in run.schema("leads")
    assert {record["value__amount"] for record in run.records("leads")} == {12.5}


@pytest.fixture
def batches(tmp_path):
    return {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": f"file://{tmp_path}", "prefix": "b-"},
    }


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("sync_core.http.TRIES", 1)


def batched(run) -> list[int]:
    files = [Path(f.removeprefix("file://")) for m in run.of("BATCH") for f in m["manifest"]]
    lines = [line for f in files for line in gzip.decompress(f.read_bytes()).splitlines()]
    return [json.loads(line)["id"] for line in lines]


def test_batches_hold_every_record_and_the_state_follows_them(tap, sandbox, batches):
    sandbox.reset(persons=1200, organizations=1)
    run = tap(streams=["persons"], batch_config=batches)
    assert run.exit_code == 0, run.log
    assert sorted(batched(run)) == sorted(sandbox.pipedrive.rows("person"))
    kinds = [message["type"] for message in run.messages if message["type"] in ("BATCH", "STATE")]
    assert kinds.index("BATCH") < len(kinds) - 1
    assert run.bookmark("persons")


@pytest.mark.parametrize(("status", "code"), [(500, 1), (403, 3)])
@pytest.mark.usefixtures("impatient")
def test_a_batch_that_a_failure_cuts_short_is_announced_before_the_state_that_passes_it(
    tap, sandbox, batches, status, code
):
    sandbox.reset(persons=2600, organizations=1)
    settings = {"streams": ["persons"], "batch_config": batches, "concurrency": 1}
    answer = {"status": status, "body": {"success": False}}
    sandbox.fault("/pipedrive/api/v2/persons", "GET", after=3, times=None, action=answer)
    first = tap(**settings)
    sandbox.clear_faults()
    second = tap(**settings, state=first.state)
    assert (first.exit_code, second.exit_code) == (code, 0)
    assert len(batched(first)) == 1500
    assert sorted(batched(first) + batched(second)) == sorted(sandbox.pipedrive.rows("person"))
    order = [message["type"] for message in first.messages]
    assert "STATE" not in order[: order.index("BATCH")]
