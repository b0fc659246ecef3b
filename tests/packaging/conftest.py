"""Each plugin as a stranger gets it: a wheel, alone in an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PLUGINS = ("tap-pipedrive", "target-pipedrive", "tap-journy", "target-journy")
#: What uv and pip need to reach the user's own registry; a plugin gets nothing else.
KEPT = ("PATH", "HOME", "SSL_", "PIP_", "UV_", "REQUESTS_", "CURL_", "XDG_", "LANG", "LC_")


@dataclass
class Alone:
    """A plugin in an environment that holds nothing but what it asked for."""

    plugin: str
    home: Path

    @property
    def python(self) -> Path:
        return self.home / "bin/python"

    @property
    def variables(self) -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if k.startswith(KEPT)}

    def run(self, *arguments: str) -> str:
        """Run the plugin's command in a folder that isn't the project's; gives its output."""
        done = subprocess.run(
            [self.home / "bin" / self.plugin, *arguments],
            cwd=self.home,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(params=PLUGINS, scope="session")
def plugin(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def build(root: Path, uv: str, tmp_path_factory) -> Callable[[str], Path]:
    """Build the wheel of a folder, with the backend that the lock pins."""

    def build_wheel(folder: str) -> Path:
        place = tmp_path_factory.mktemp("wheels")
        options = ["--wheel", "--no-build-isolation", "--python", sys.executable, "--quiet"]
        subprocess.run([uv, "build", *options, "--out-dir", place, root / folder], check=True)
        (built,) = place.glob("*.whl")
        return built

    return build_wheel


@pytest.fixture(scope="session")
def wheel(plugin: str, build) -> Path:
    return build(plugin)


@pytest.fixture(scope="session")
def install(plugin: str, uv: str, root: Path, tmp_path_factory) -> Callable[[Path | str], Alone]:
    """Install a plugin and what it declares, at the versions of the lock, and nothing else."""

    def install_alone(requirement: Path | str) -> Alone:
        home = tmp_path_factory.mktemp("alone") / "an environment"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, home], check=True)
        alone = Alone(plugin, home)
        command = [uv, "pip", "install", "--quiet", "--python", alone.python, requirement]
        command += ["--constraints", root / "constraints.txt"]
        subprocess.run(command, check=True, env=alone.variables)
        return alone

    return install_alone


@pytest.fixture(scope="session")
def alone(install, wheel: Path) -> Alone:
    """The plugin from its wheel."""
    return install(wheel)
