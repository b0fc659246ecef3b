"""The definitions for others: each plugin added to a Meltano project that isn't this one."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sync_sandbox import Sandbox

MELTANO = Path(sys.executable).parent / "meltano"
PLUGINS = {
    "tap-pipedrive": "extractors",
    "tap-journy": "extractors",
    "target-pipedrive": "loaders",
    "target-journy": "loaders",
    "connector": "utilities",
    "sandbox": "utilities",
}
TYPES = {"extractors": "extractor", "loaders": "loader", "utilities": "utility"}
OTHERS = """\
default_environment: dev
project_id: a-stranger-s
send_anonymous_usage_stats: false
cli: {disable_version_check: true}
environments:
- name: dev
"""


class Stranger:
    """A Meltano project that has nothing of ours but what it adds."""

    def __init__(self, home: Path, root: Path, repository: str) -> None:
        self.home, self.root, self.repository = home, root, repository
        home.mkdir()
        (home / "meltano.yml").write_text(OTHERS)

    def meltano(self, *arguments: str, **variables: str) -> str:
        """Run Meltano there; gives what it said."""
        ours = ("MELTANO_", "TAP_", "TARGET_", "CONNECTOR_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        done = subprocess.run(
            [MELTANO, *arguments],
            cwd=self.home,
            env={**environment, "CONNECTOR_REPOSITORY": self.repository, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def add(self, name: str) -> None:
        kind = PLUGINS[name]
        definition = self.root / f"plugins/hub/{kind}/{name}.yml"
        self.meltano("add", "--plugin-type", TYPES[kind], name, "--from-ref", str(definition))


@pytest.fixture(scope="module")
def stranger(root, repository, tmp_path_factory) -> Stranger:
    made = Stranger(tmp_path_factory.mktemp("stranger") / "their project", root, repository)
    for name in PLUGINS:
        made.add(name)
    return made


def test_the_definitions_for_others_say_what_this_project_s_own_do(root):
    spec = importlib.util.spec_from_file_location("definitions", root / "plugins/definitions.py")
    definitions = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(definitions)
    made = dict(definitions.definitions())
    assert {path.stem: path.parent.name for path in made} == PLUGINS
    for path, text in made.items():
        assert path.read_text("utf-8") == text, "run: make definitions"
    assert {*(root / "plugins/hub").rglob("*.yml")} == made.keys()


@pytest.mark.parametrize("name", ["tap-journy", "target-pipedrive", "sandbox"])
def test_a_plugin_starts_in_a_project_that_added_it(stranger, name):
    assert f"{name} [OPTIONS]" in stranger.meltano("invoke", name, "--help")


def test_a_project_that_added_the_others_syncs(stranger):
    with Sandbox(seed=5, persons=20, organizations=4, users=5, accounts=2) as sandbox:
        access = {
            "TAP_PIPEDRIVE_API_URL": sandbox.pipedrive_url,
            "TAP_PIPEDRIVE_API_TOKEN": "sandbox-token",
            "TARGET_JOURNY_API_URL": sandbox.journy_url,
            "TARGET_JOURNY_API_KEY": "sandbox-key",
            "TARGET_JOURNY_PERSONS": json.dumps({"create": True}),
            "TAP_PIPEDRIVE__SELECT": '["persons.*", "organizations.*"]',
        }
        stranger.meltano("run", "tap-pipedrive", "target-journy", **access)
        posts = [each["path"] for each in sandbox.journal() if each["method"] == "POST"]
        assert any(path.endswith("/users/upsert") for path in posts)
    runs = json.loads(stranger.meltano("invoke", "connector", "runs", "--json"))
    assert [run["direction"] for run in runs] == ["pipedrive-to-journy"]
