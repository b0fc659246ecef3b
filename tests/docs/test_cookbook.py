"""Every recipe of the cookbook, in a dry run of the target that it belongs to."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from sync_sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/mapping.md").read_text("utf-8")
SOURCES = {"target-pipedrive": "tap_journy", "target-journy": "tap_pipedrive"}


def recipes() -> Iterator[object]:
    """Each block of YAML with the target that its section names, and what it is for."""
    for section in PAGE.split("\n## ")[1:]:
        target = re.search(r"These belong into `([\w-]+)`", section)
        for text, block in re.findall(r"\*\*(.+?)\*\*.*?```yaml\n(.*?)```", section, re.DOTALL):
            yield pytest.param(target[1], yaml.safe_load(block), id=text.strip("."))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=9, persons=30, organizations=6, users=25, accounts=6) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def access(sandbox) -> dict[str, dict[str, str]]:
    return {
        "pipedrive": {"api_url": sandbox.pipedrive_url, "api_token": "sandbox-token"},
        "journy": {"api_url": sandbox.journy_url, "api_key": "sandbox-key"},
    }


@pytest.fixture(scope="module")
def messages(access, tmp_path_factory) -> dict[str, bytes]:
    """What each tap says of the sandbox, once."""
    said = {}
    for target, tap in SOURCES.items():
        config = tmp_path_factory.mktemp("tap") / "config.json"
        config.write_text(json.dumps(access[tap.removeprefix("tap_")]))
        command = [sys.executable, "-m", tap, "--config", config]
        said[target] = subprocess.run(command, capture_output=True, check=True).stdout
    return said


def others(streams: dict) -> bytes:
    """What any other tap says of the streams of a recipe: a record with a text in each field."""
    messages = []
    for name, about in streams.items():
        told = json.dumps(about)
        named = re.findall(r'"(?:from|match|id)": "(\w+)"', told)
        columns = sorted({*named, *re.findall(r"{(\w+)}", told)})
        schema = {"type": "object", "properties": {one: {"type": "string"} for one in columns}}
        announced = {
            "type": "SCHEMA",
            "stream": name,
            "schema": schema,
            "key_properties": named[:1],
        }
        record = {"type": "RECORD", "stream": name, "record": dict.fromkeys(columns, "1")}
        messages += [announced, record]
    return "".join(f"{json.dumps(message)}\n" for message in messages).encode()


@pytest.fixture
def dry(access, messages, tmp_path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """A dry run of a target with a part of its settings."""

    def run(target: str, settings: dict) -> subprocess.CompletedProcess[bytes]:
        ledger = {"ledger_url": f"sqlite:///{tmp_path / 'ledger.db'}", "dry_run": True}
        config = tmp_path / "config.json"
        service = access[target.removeprefix("target-")]
        config.write_text(json.dumps({**service, **ledger, **settings}))
        command = [sys.executable, "-m", target.replace("-", "_"), "--config", config]
        lines = messages[target] + others(settings.get("streams") or {})
        return subprocess.run(command, input=lines, capture_output=True, check=False)

    return run


@pytest.mark.parametrize(("target", "recipe"), [*recipes()])
def test_a_recipe_is_one_that_the_target_takes(target, recipe, dry, sandbox):
    sandbox.clear_journal()
    done = dry(target, recipe)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert b"nothing was written" in done.stderr
    assert {each["method"] for each in sandbox.journal()} == {"GET"}


def test_both_targets_have_recipes():
    assert {each.values[0] for each in recipes()} == SOURCES.keys()
