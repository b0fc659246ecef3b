"""The commands and names that the texts at the top give, held against what there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from target_pipedrive.target import TargetPipedrive

TEXTS = ("README.md", "plugins/README.md", "meltano.yml", "Makefile", ".env.example")


@pytest.fixture(scope="module")
def said(root: Path) -> str:
    return "\n".join((root / name).read_text() for name in TEXTS)


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return yaml.safe_load((root / "meltano.yml").read_text())


def test_every_make_target_that_is_named_exists(said, root):
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    known = set(re.findall(r"^ +make (\w+)", listed.stdout, re.MULTILINE))
    assert {"demo", "test", "setup", "sandbox"} <= known
    assert set(re.findall(r"`make (\w+)|^make (\w+)", said, re.MULTILINE)) <= {
        pair for name in known for pair in [(name, ""), ("", name)]
    }


def test_every_job_and_schedule_that_is_named_exists(said, project):
    jobs = {job["name"] for job in project["jobs"]}
    assert set(re.findall(r"meltano run (?:--[a-z-]+ )*([a-z][a-z-]*)", said)) <= jobs
    schedules = {schedule["name"] for schedule in project["schedules"]}
    assert set(re.findall(r"schedule run ([\w-]+)", said)) == schedules


def test_every_setting_that_is_named_as_a_variable_exists(said, root):
    definitions = [
        yaml.safe_load(path.read_text()) for path in root.glob("plugins/*/*.meltano.yml")
    ]
    known = {
        f"{plugin['name'].removesuffix('--base').replace('-', '_')}_{setting['name']}".upper()
        for definition in definitions
        for plugins in definition["plugins"].values()
        for plugin in plugins
        for setting in plugin.get("settings", ())
    }
    named = set(re.findall(r"\b(?:TAP|TARGET|CONNECTOR)_[A-Z_]+", said))
    assert named
    assert named <= known


def test_the_mapping_that_the_readme_shows_is_one_that_the_target_takes(root):
    (block,) = re.findall(r"```yaml\n(.*?)```", (root / "README.md").read_text(), re.DOTALL)
    mapping = yaml.safe_load(block)
    target = TargetPipedrive(config={"api_token": "any", **mapping}, validate_config=True)
    assert target.config["users"]["fields"] == mapping["users"]["fields"]


def test_every_file_that_a_text_links_to_exists(tracked, root):
    missing = []
    for path in tracked:
        if path.suffix == ".md":
            links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text())
            missing += [
                f"{path.relative_to(root)}: {link}"
                for link in links
                if not (path.parent / link).exists()
            ]
    assert missing == []
