"""Each plugin by the line that a stranger writes: a git address with the plugin's folder in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def requirement(plugin: str, repository: str) -> str:
    return f"{plugin} @ {repository}#subdirectory={plugin}"


@pytest.fixture(scope="session")
def from_git(install, plugin, repository):
    """The plugin as uv installs it from its folder in the repository."""
    return install(requirement(plugin, repository))


def test_uv_installs_a_plugin_from_its_folder_in_the_repository(from_git):
    assert "0.1.0" in from_git.run("--version")
    assert imports_its_own_shared_source(from_git)


def test_pip_installs_a_plugin_from_its_folder_in_the_repository(plugin, repository, from_git):
    command = [sys.executable, "-m", "pip", "--python", from_git.python, "install", "--quiet"]
    command += ["--disable-pip-version-check", "--force-reinstall", "--no-deps"]
    subprocess.run([*command, requirement(plugin, repository)], check=True, env=from_git.variables)
    assert "0.1.0" in from_git.run("--version")
    assert imports_its_own_shared_source(from_git)


def test_pip_finds_every_dependency_by_itself(tmp_path_factory, repository, uv, root):
    home = tmp_path_factory.mktemp("pip") / "env"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, home], check=True)
    command = [sys.executable, "-m", "pip", "--python", home / "bin/python", "install", "--quiet"]
    command += ["--disable-pip-version-check", "--constraint", root / "constraints.txt"]
    subprocess.run([*command, requirement("target-pipedrive", repository)], check=True)
    shown = subprocess.run(
        [home / "bin/target-pipedrive", "--version"], capture_output=True, text=True, check=True
    )
    assert "0.1.0" in shown.stdout


def imports_its_own_shared_source(alone) -> bool:
    """Whether the shared source comes from the environment, not from this project's folder."""
    shown = subprocess.run(
        [alone.python, "-c", "import sync_core; print(sync_core.__file__)"],
        cwd=alone.home,
        env=alone.variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(shown.stdout.strip()).is_relative_to(alone.home)
