"""The README's table of streams is the one that the tap uses."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import yaml

_PATH = Path(__file__).with_name("streams_table.py")
_SPEC = importlib.util.spec_from_file_location("streams_table", _PATH)
streams_table = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(streams_table)


def test_the_table_of_streams_is_the_tap_s_own():
    text = streams_table.README.read_text("utf-8")
    assert streams_table.with_table(text) == text, f"run python {_PATH.name}"


def test_the_example_reads_what_it_says(tap):
    (example,) = re.findall(
        r"```yaml\n(.*?)```", streams_table.README.read_text("utf-8"), re.DOTALL
    )
    (plugin,) = yaml.safe_load(example)["plugins"]["extractors"]
    ours = {"api_token": "sandbox-token", "start_date": plugin["config"]["start_date"].isoformat()}
    run = tap(**{**plugin["config"], **ours})
    assert run.exit_code == 0
    read = {message["stream"] for message in run.of("RECORD")}
    assert read == set(plugin["config"]["streams"])
    assert read == {line.partition(".")[0] for line in plugin["select"]}
    columns = [line.split(".") for line in plugin["select"] if not line.endswith("*")]
    assert all(column in run.schema(stream) for stream, column in columns)
