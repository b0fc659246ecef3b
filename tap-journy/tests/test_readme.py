"""What the README shows is run as it stands, but for addresses and keys."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import fsspec
import pytest
import yaml
from sync_sandbox.journy import export
from tap_journy.entities import ENTITIES
from tap_journy.tap import TapJourny

TEXT = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
EXAMPLES = [
    definition
    for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    for definition in yaml.safe_load(block)["plugins"]["extractors"]
]
COMMANDS = re.findall(r"`(tap-journy [^`]+)`", TEXT)


@pytest.fixture
def settings() -> dict[str, dict]:
    """Type of the record source -> the settings that an example gives."""
    return {each["config"]["record_source"]["type"]: each["config"] for each in EXAMPLES}


def test_the_endpoint_that_is_shown_is_the_default_and_can_be_read(tap, settings):
    source = settings["api"]["record_source"]
    for entity in ENTITIES:
        shown = source[entity.name]
        assert {**entity.listing, **shown} == entity.listing
    assert source["users"].keys() == ENTITIES[1].listing.keys()
    run = tap(record_source=source)
    assert run.exit_code == 0
    assert len(run.records("users")) == 60
    assert len(run.records("accounts")) == 12


def test_the_archive_that_is_shown_can_be_read_from_a_store(tap, sandbox, settings, tmp_path):
    export.write_segment_lines(sandbox.journy.world, tmp_path / "1.jsonl")
    source = json.loads(json.dumps(settings["files"]["record_source"]))
    store = fsspec.filesystem("memory")
    for which in ("users", "accounts"):
        assert source[which] == "s3://my-archive/journy/*.jsonl.gz"
        source[which] = source[which].replace("s3://", "memory://")
    with fsspec.open("memory://my-archive/journy/1.jsonl.gz", "wb", compression="gzip") as file:
        file.write((tmp_path / "1.jsonl").read_bytes())
    try:
        run = tap(api_key=None, record_source=source)
    finally:
        store.rm("/my-archive", recursive=True)
    assert run.exit_code == 0
    assert len(run.records("accounts")) == 12
    assert run.records("users")
    assert run.records("memberships")


def test_the_described_file_that_is_shown_can_be_read(tap, tmp_path, monkeypatch):
    (inline,) = re.findall(r"`users: (\{path: [^`]+\})`", TEXT)
    (tmp_path / "exports").mkdir()
    row = {"ref": {"id": 7}, "attributes": {"plan": "Pro"}}
    (tmp_path / "exports" / "1.jsonl").write_text(json.dumps(row) + "\n")
    monkeypatch.chdir(tmp_path)
    source = {"type": "files", "users": yaml.safe_load(inline)}
    (user,) = tap(api_key=None, record_source=source).records("users")
    assert (user["user_id"], user["plan"]) == ("7", "Pro")


def test_every_command_that_is_shown_runs(tap):
    assert COMMANDS
    for command in COMMANDS:
        _name, *words = shlex.split(command)
        assert words[:2] == ["--config", "config.json"]
        run = tap(*words[2:])  # the fixture gives a configuration of its own
        assert run.exit_code == 0, command


def test_the_streams_are_those_of_the_tap_with_their_keys(sandbox):
    config = {"api_url": sandbox.journy_url, "api_key": "sandbox-key"}
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|", TEXT, re.MULTILINE)
    shown = {name: tuple(re.findall(r"\w+", keys)) for name, keys in rows}
    streams = TapJourny(config=config).streams
    assert shown == {name: tuple(stream.primary_keys) for name, stream in streams.items()}


def test_every_exit_code_that_is_shown_has_its_reason(tap, sandbox):
    codes = re.findall(r"^\| (\d+) \| ", TEXT, re.MULTILINE)
    assert codes == ["0", "1", "3"]
    assert tap().exit_code == 0
    assert tap(api_key="not-the-key").exit_code == 1
    assert tap(api_key="sandbox-key-documented").exit_code == 3
