"""The connector's README shows the options that there are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from sync_connector.cli import main

_PATH = Path(__file__).with_name("options_table.py")
_SPEC = importlib.util.spec_from_file_location("options_table", _PATH)
options_table = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(options_table)


def test_the_options_of_each_command_are_those_that_it_takes():
    text = options_table.README.read_text("utf-8")
    assert options_table.with_tables(text) == text, f"run python {_PATH.name}"


@pytest.mark.parametrize("name", ["plan", "log", "report", "retry", "forget"])
def test_each_command_has_its_place(name):
    text = options_table.README.read_text("utf-8")
    assert options_table.BEGIN.format(name) in text
    assert f"## {name}\n" in text


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_option_of_every_command_says_what_it_does(name):
    assert "|  |" not in options_table.table(main.commands[name])
