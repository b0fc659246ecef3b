"""The set-up, on machines that lack one thing or another.

uv, Python and Meltano are stand-ins that write down how they were called. Blind spot: what the
real ones do with it is proved by every run of the tests, which begins with the set-up.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TOOLS = ("sh", "dirname", "cksum", "cat", "cp", "mkdir", "awk", "tail")
UV = """#!/bin/sh
echo "uv $*" >>"$CALLS"
[ "$1" != venv ] || { mkdir -p .venv/bin
cp "$STANDINS/python3" .venv/bin/python && cp "$STANDINS/meltano" .venv/bin/meltano; }
"""
MELTANO = """#!/bin/sh
echo "meltano $*" >>"$CALLS"
[ -z "${MELTANO_FAILS:-}" ] || { echo "no such plugin"; exit 1; }
"""
PYTHON = """#!/bin/sh
case "$*" in
  "-m venv"*) echo "venv" >>"$CALLS"; exit "${VENV_FAILS:-0}" ;;
  "-m pip"*) echo "pip $*" >>"$CALLS"; [ -z "${PIP_FAILS:-}" ] || exit 1
    mkdir -p .tools/lib/bin && cp "$STANDINS/uv" .tools/lib/bin/uv ;;
  *) exec "$REAL_PYTHON" "$@" ;;
esac
"""
OLD_PYTHON = """#!/bin/sh
exit 1
"""


@dataclass
class Machine:
    """A folder with the project's skeleton, and a PATH that holds only what is put there."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return self.home / "my project"

    @property
    def calls(self) -> list[str]:
        path = self.home / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def has(self, name: str, text: str, place: str = "bin") -> Machine:
        path = self.home / place / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return self

    def set_up(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the script from a folder that isn't the project's."""
        surroundings = {
            "PATH": str(self.home / "bin"),
            "HOME": str(self.home),
            "CALLS": str(self.home / "calls"),
            "STANDINS": str(self.home / "stand-ins"),
            "REAL_PYTHON": sys.executable,
        }
        return subprocess.run(
            [self.project / "scripts/bootstrap"],
            cwd=self.home,
            env={**surroundings, **variables},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path, tracked: list[Path], root: Path) -> Machine:
    """A machine with a shell and nothing else."""
    machine = Machine(tmp_path)
    wanted = {"bootstrap", "pyproject.toml", "requirements.lock", "constraints.txt"}
    wanted |= {"vendor_core.py", "meltano.yml"}
    for path in tracked:
        if path.name in wanted or path.name.endswith(".meltano.yml"):
            place = machine.project / path.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    for name, text in {"uv": UV, "python3": PYTHON, "meltano": MELTANO}.items():
        machine.has(name, text, "stand-ins")
    return machine


def test_a_machine_with_uv_and_python_gets_the_lock_the_packages_and_the_plugins(machine):
    done = machine.has("uv", UV).has("python3", PYTHON).set_up()
    assert done.returncode == 0, done.stderr
    venv, sync, packages, plugins = machine.calls
    assert venv.startswith("uv venv")
    assert "--require-hashes requirements.lock" in sync
    assert packages.count("--editable") == 6
    assert plugins == "meltano install"


def test_a_second_set_up_does_nothing(machine):
    machine.has("uv", UV).has("python3", PYTHON).set_up()
    before = machine.calls
    done = machine.set_up()
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.calls == before


def test_an_interpreter_that_was_asked_for_stays_and_an_edited_mapping_changes_nothing(machine):
    machine.has("uv", UV).has("python3", PYTHON)
    machine.set_up(PYTHON=str(machine.home / "bin" / "python3"))
    before = machine.calls
    mapping = machine.project / "meltano.yml"
    mapping.write_text(mapping.read_text() + "# edited\n")
    assert machine.set_up().returncode == 0
    assert machine.calls == before


@pytest.mark.parametrize(
    "changed",
    ["requirements.lock", "tap-journy/pyproject.toml", "plugins/loaders/target-journy.meltano.yml"],
)
def test_a_change_in_what_it_depends_on_sets_up_anew(machine, changed):
    machine.has("uv", UV).has("python3", PYTHON).set_up()
    before = len(machine.calls)
    path = machine.project / changed
    path.write_text(path.read_text() + "\n")
    assert machine.set_up().returncode == 0
    assert len(machine.calls) == 2 * before


def test_without_uv_it_is_fetched_into_the_project_with_its_hashes(machine):
    done = machine.has("python3", PYTHON).set_up(VENV_FAILS="1")
    assert done.returncode == 0, done.stderr
    venv, pip, *_ = machine.calls
    assert venv == "venv"
    assert "--target .tools/lib" in pip
    assert "--require-hashes" in pip
    fetched = (machine.project / ".tools/uv.txt").read_text()
    assert fetched.startswith("uv==")
    assert "--hash=sha256:" in fetched


def test_without_uv_venv_and_pip_a_sentence_says_what_to_install(machine):
    done = machine.has("python3", PYTHON).set_up(VENV_FAILS="1", PIP_FAILS="1")
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr


def test_a_python_that_is_too_old_is_passed_over_for_a_newer_one(machine):
    machine.has("uv", UV).has("python3", OLD_PYTHON).has("python3.12", PYTHON)
    assert machine.set_up().returncode == 0
    assert "--python python3.12 .venv" in machine.calls[0]


@pytest.mark.parametrize("variables", [{}, {"PYTHON": "python3"}])
def test_with_no_python_that_is_new_enough_a_sentence_says_so(machine, variables):
    done = machine.has("uv", UV).has("python3", OLD_PYTHON).set_up(**variables)
    assert done.returncode == 1
    assert "Python 3.10 or newer" in done.stderr
    assert machine.calls == []


def test_when_meltano_cannot_install_the_reason_and_the_log_are_shown(machine):
    done = machine.has("uv", UV).has("python3", PYTHON).set_up(MELTANO_FAILS="1")
    assert done.returncode == 1
    assert "no such plugin" in done.stderr
    assert ".meltano/install.log" in done.stderr
    before = machine.calls
    machine.set_up()
    assert len(machine.calls) > len(before), "a set-up that failed is tried again"
