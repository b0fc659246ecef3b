"""The two locks: what the set-up installs with hashes, and the same versions for Meltano."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PACKAGES = (
    "tap-pipedrive",
    "target-pipedrive",
    "tap-journy",
    "target-journy",
    "plugins/connector",
    "plugins/sandbox",
)
OWN = {"tap-pipedrive", "target-pipedrive", "tap-journy", "target-journy"}
OWN |= {"sync-connector", "sync-sandbox"}


def pins(path: Path) -> list[Requirement]:
    lines = path.read_text().splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[a-z0-9]", line)]


def requirements(path: Path) -> list[Requirement]:
    """What a pyproject.toml asks for, in its dependencies and its dependency groups."""
    text = path.read_text()
    lists = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    return [Requirement(found) for block in lists for found in re.findall(r'"([^"]+)"', block)]


def test_every_pin_has_its_hashes(root):
    blocks = re.split(r"\n(?=[a-z0-9])", (root / "requirements.lock").read_text())[1:]
    assert blocks
    for block in blocks:
        assert "--hash=sha256:" in block, f"{block.splitlines()[0]} has no hash: run `make lock`"


def test_meltano_gets_the_versions_that_the_set_up_installs(root):
    with_hashes = {str(pin) for pin in pins(root / "requirements.lock")}
    assert {str(pin) for pin in pins(root / "constraints.txt")} == with_hashes


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("package", [".", *PACKAGES])
def test_the_lock_has_what_a_package_asks_for_on_every_python(root, package, python):
    surroundings = {"python_version": python, "python_full_version": f"{python}.1"}
    locked = {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in pins(root / "requirements.lock")
        if pin.marker is None or pin.marker.evaluate(surroundings)
    }
    wanted = requirements(root / package / "pyproject.toml")
    assert wanted
    for requirement in wanted:
        name = canonicalize_name(requirement.name)
        if name in OWN or (requirement.marker and not requirement.marker.evaluate(surroundings)):
            continue
        assert name in locked, f"{name} is missing: run `make lock`"
        assert requirement.specifier.contains(locked[name]), f"{requirement}: run `make lock`"


def test_the_locks_name_no_address(root):
    for name in ("requirements.lock", "constraints.txt"):
        assert "//" not in (root / name).read_text()
