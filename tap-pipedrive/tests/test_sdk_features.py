"""What the Singer SDK gives to every tap keeps working: stream maps, flattening, batches."""

from __future__ import annotations

import gzip
import json
from pathlib import Path


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


def test_batches_hold_every_record_and_the_state_follows_them(tap, sandbox, tmp_path):
    sandbox.reset(persons=1200, organizations=1)
    config = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": f"file://{tmp_path}", "prefix": "b-"},
    }
    run = tap(streams=["persons"], batch_config=config)
    assert run.exit_code == 0, run.log
    files = [Path(f.removeprefix("file://")) for m in run.of("BATCH") for f in m["manifest"]]
    lines = [line for f in files for line in gzip.decompress(f.read_bytes()).splitlines()]
    ids = [json.loads(line)["id"] for line in lines]
    assert sorted(ids) == sorted(sandbox.pipedrive.rows("person"))
    kinds = [message["type"] for message in run.messages if message["type"] in ("BATCH", "STATE")]
    assert kinds.index("BATCH") < len(kinds) - 1
    assert run.bookmark("persons")
