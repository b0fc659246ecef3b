"""What every test at the top may need: the project's folder, and copies of it to work in."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import uv as uv_package

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def uv() -> str:
    return uv_package.find_uv_bin()


@pytest.fixture(scope="session")
def repository(root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A clone of what is committed, at an address with a blank in it."""
    if not (root / ".git").exists():
        pytest.skip("this copy of the project has no git history to install from")
    clone = tmp_path_factory.mktemp("git") / "a repository"
    subprocess.run(["git", "clone", "--quiet", "--no-local", root, clone], check=True)
    return f"git+{clone.as_uri()}"


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """The project's files as git would publish them: tracked, or new and not ignored."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    paths = (ROOT / name.decode() for name in names if name)
    return sorted(path for path in paths if path.is_file())


@pytest.fixture(scope="session")
def copy_project(
    tracked: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Path]:
    """Copy the project into a folder of its own, with a blank in its path."""

    def copy() -> Path:
        target = tmp_path_factory.mktemp("copy") / "my project"
        for path in tracked:
            place = target / path.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)
        return target

    return copy
