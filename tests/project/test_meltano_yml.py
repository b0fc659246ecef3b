"""meltano.yml and the definitions that it includes, as Meltano and the plugins see them."""

from __future__ import annotations

import difflib
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from singer_sdk import Tap, Target

MELTANO = Path(sys.executable).parent / "meltano"
ENVIRONMENTS = ("sandbox", "dev", "prod")
PLUGINS = {
    "tap-pipedrive": ("tap_pipedrive.tap", "TapPipedrive", Tap),
    "target-pipedrive": ("target_pipedrive.target", "TargetPipedrive", Target),
    "tap-journy": ("tap_journy.tap", "TapJourny", Tap),
    "target-journy": ("target_journy.target", "TargetJourny", Target),
}
#: Meltano's names for the types of JSON Schema; a choice and a date are texts there.
KINDS = {"string": {"string", "options", "date_iso8601"}, "integer": {"integer"}}
KINDS |= {"boolean": {"boolean"}, "object": {"object"}, "array": {"array"}, "number": {"decimal"}}
KINDS |= {"array": {"array"}}


def meltano(project: Path, *arguments: str, **variables: str) -> str:
    """Run Meltano in a project; gives what it said."""
    shown = subprocess.run(
        [MELTANO, *arguments],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    return shown.stdout + shown.stderr


@pytest.fixture(scope="module")
def project(copy_project) -> Path:
    return copy_project()


@pytest.fixture(scope="module")
def compiled(project: Path) -> str:
    return meltano(project, "compile", "--lint")


@pytest.fixture(scope="module")
def manifests(project: Path, compiled: str) -> dict[str, Any]:
    assert compiled
    folder = project / ".meltano/manifests"
    return {
        name: json.loads((folder / f"meltano-manifest.{name}.json").read_text())
        for name in ENVIRONMENTS
    }


def included(root: Path) -> dict[str, dict[str, Any]]:
    """The definitions of all plugins, by name."""
    found = {}
    for path in root.glob("plugins/**/*.meltano.yml"):
        for plugins in yaml.safe_load(path.read_text())["plugins"].values():
            found.update({plugin["name"]: plugin for plugin in plugins})
    return found


def configuration(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    for plugins in manifest["plugins"].values():
        for plugin in plugins:
            if plugin["name"] == name:
                return plugin.get("config", {})
    raise AssertionError(name)


def test_meltano_accepts_the_project_and_calls_no_form_outdated(compiled):
    assert "eprecat" not in compiled
    assert not re.search(r"(?i)\b(warning|error|invalid)\b", compiled)


def test_the_jobs_and_the_schedule_run_what_they_say(manifests):
    for manifest in manifests.values():
        assert {job["name"]: job["tasks"] for job in manifest["jobs"]} == {
            "initial-import": ["tap-pipedrive--import target-journy--import"],
            "pipedrive-to-journy": ["tap-pipedrive target-journy"],
            "journy-to-pipedrive": ["tap-journy target-pipedrive"],
            "sync": ["tap-journy target-pipedrive", "tap-pipedrive target-journy"],
        }
        (schedule,) = manifest["schedules"]
        assert (schedule["job"], schedule["interval"]) == ("sync", "*/15 * * * *")


def test_no_usage_statistics_and_no_version_check(manifests):
    for manifest in manifests.values():
        assert manifest["send_anonymous_usage_stats"] is False
        assert manifest["cli"] == {"disable_version_check": True}


def test_the_mapping_is_the_same_in_every_environment(manifests):
    for plugin in ("target-pipedrive", "target-journy", "target-journy--import"):
        seen = []
        for manifest in manifests.values():
            access = ("api_url", "api_token", "api_key")
            whole = configuration(manifest, plugin).items()
            seen.append({key: value for key, value in whole if key not in access})
        assert seen[0] == seen[1] == seen[2]
        assert seen[0]


def test_only_the_import_creates(manifests):
    for manifest in manifests.values():
        for plugin, entity, expected in [
            ("target-pipedrive", "users", False),
            ("target-pipedrive", "accounts", False),
            ("target-journy", "persons", False),
            ("target-journy", "organizations", False),
            ("target-journy--import", "persons", True),
            ("target-journy--import", "organizations", True),
        ]:
            assert configuration(manifest, plugin)[entity]["create"] is expected


def test_both_directions_agree_on_the_account_id_field(project):
    for plugin, setting in [("target-pipedrive", "accounts"), ("target-journy", "organizations")]:
        shown = meltano(project, "config", "print", plugin, "--format=json")
        settings = json.loads(shown[shown.index("{") : shown.rindex("}") + 1])
        assert settings[setting]["external_id_field"] == "Account ID"


def test_the_ledger_of_an_environment_is_its_own_and_takes_a_blank_in_the_path(project):
    for environment in ("sandbox", "prod"):
        arguments = (f"--environment={environment}", "config", "--unsafe", "print")
        shown = meltano(project, *arguments, "target-pipedrive", "--format=json")
        settings = json.loads(shown[shown.index("{") : shown.rindex("}") + 1])
        assert settings["ledger_url"] == f"sqlite:///{project}/.meltano/ledger-{environment}.db"


def test_an_edit_by_command_changes_its_own_line_and_keeps_every_comment(copy_project):
    project = copy_project()
    files = [project / "meltano.yml", *project.glob("plugins/**/*.meltano.yml")]
    before = {path: path.read_text() for path in files}
    meltano(project, "config", "set", "target-pipedrive", "users.create", "true")
    changed = [
        line
        for path in files
        for line in difflib.ndiff(before[path].splitlines(), path.read_text().splitlines())
        if line[0] in "+-"
    ]
    assert changed == ["-         create: false", "+         create: true"]


def test_the_example_of_secrets_has_the_names_that_meltano_yml_refers_to(root):
    text = (root / "meltano.yml").read_text()
    said = set(re.findall(r"^  +([A-Z][A-Z_]+):", text, re.MULTILINE))
    wanted = set(re.findall(r"\$([A-Z][A-Z_]+)", text)) - said
    example = (root / ".env.example").read_text()
    assert wanted == set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))


def built_in(base: type) -> set[str]:
    """Settings that the SDK gives to every plugin of a kind."""
    members = {
        "name": "probe",
        "config_jsonschema": {"properties": {}},
        "discover_streams": lambda _: [],
    }
    probe = type("Probe", (base,), members)
    return set(probe(config={}).config_jsonschema["properties"])


def described(name: str) -> dict[str, dict[str, Any]]:
    """A plugin's own settings, as its code declares them."""
    module, cls, base = PLUGINS[name]
    schema = getattr(importlib.import_module(module), cls).config_jsonschema["properties"]
    return {key: value for key, value in schema.items() if key not in built_in(base)}


@pytest.mark.parametrize("name", PLUGINS)
def test_meltano_knows_the_settings_that_the_plugin_has(root, name):
    settings = {each["name"]: each for each in included(root)[f"{name}--base"]["settings"]}
    own = described(name)
    assert settings.keys() == own.keys()
    for key, schema in own.items():
        json_types = {*schema["type"]} - {"null"}
        assert any(settings[key]["kind"] in KINDS[each] for each in json_types), key
        assert settings[key].get("sensitive", False) == schema.get("secret", False), key
        choices = [choice["value"] for choice in settings[key].get("options", [])]
        assert choices == schema.get("enum", []), key
        if key != "ledger_url":  # in a Meltano project it lies in the system directory
            assert settings[key].get("value") == schema.get("default"), key


def test_every_setting_is_described(root):
    for plugin in included(root).values():
        for setting in plugin.get("settings", []):
            for part in ("name", "kind", "label", "description"):
                assert setting.get(part), f"{plugin['name']}: {setting['name']} has no {part}"


@pytest.mark.parametrize("name", [*(f"{name}--base" for name in PLUGINS), "sandbox", "connector"])
def test_a_plugin_installs_from_its_folder_wherever_meltano_is_called(root, name):
    definition = included(root)[name]
    folder, constraints = re.findall(r'"\$\{MELTANO_PROJECT_ROOT\}/([^"]+)"', definition["pip_url"])
    assert (root / folder / "pyproject.toml").is_file()
    assert (root / constraints).is_file()
    scripts = (root / folder / "pyproject.toml").read_text()
    assert f"\n{definition['executable']} = " in scripts
