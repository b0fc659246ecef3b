"""The README's table of streams is the one that the tap uses."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_PATH = Path(__file__).with_name("streams_table.py")
_SPEC = importlib.util.spec_from_file_location("streams_table", _PATH)
streams_table = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(streams_table)


def test_the_table_of_streams_is_the_tap_s_own():
    text = streams_table.README.read_text("utf-8")
    assert streams_table.with_table(text) == text, f"run python {_PATH.name}"
