"""What the plugins' READMEs say is what the plugins do."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

_PATH = Path(__file__).with_name("settings_table.py")
_SPEC = importlib.util.spec_from_file_location("settings_table", _PATH)
settings_table = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(settings_table)

PLUGINS = settings_table.plugins()


def readme(plugin: str) -> str:
    return (settings_table.ROOT / plugin / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def about():
    said = {}

    def ask(plugin: str) -> dict:
        if plugin not in said:
            said[plugin] = settings_table.about(plugin)
        return said[plugin]

    return ask


def test_both_taps_have_a_settings_table():
    assert {"tap-journy", "tap-pipedrive"} <= set(PLUGINS)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_settings_table_is_the_plugin_s_own(plugin, about):
    made = settings_table.table(settings_table.own_settings(about(plugin)))
    text = readme(plugin)
    assert settings_table.with_table(text, made) == text, f"run python {_PATH.name}"


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_example_has_only_settings_that_exist_with_values_that_fit(plugin, about):
    schema = about(plugin)["settings"]
    examples = re.findall(r"```yaml\n(.*?)```", readme(plugin), re.DOTALL)
    assert examples
    for example in examples:
        for definitions in yaml.safe_load(example)["plugins"].values():
            for definition in definitions:
                config = definition["config"]
                assert config.keys() <= schema["properties"].keys()
                Draft202012Validator(schema).validate(json.loads(json.dumps(config, default=str)))


def test_the_record_sources_in_the_examples_can_be_read():
    from tap_journy.settings import read

    examples = re.findall(r"```yaml\n(.*?)```", readme("tap-journy"), re.DOTALL)
    sources = [
        definition["config"]["record_source"]
        for example in examples
        for definition in yaml.safe_load(example)["plugins"]["extractors"]
    ]
    assert [read(source).type for source in sources] == ["api", "files"]


@pytest.mark.parametrize(
    ("plugin", "package", "name"),
    [
        ("tap-pipedrive", "tap_pipedrive.streams", "STREAMS"),
        ("tap-journy", "tap_journy.tap", "CATALOGUES"),
    ],
)
def test_the_streams_table_names_every_stream(plugin, package, name):
    from importlib import import_module

    for stream in getattr(import_module(package), name):
        assert f"| `{stream}` |" in readme(plugin)
