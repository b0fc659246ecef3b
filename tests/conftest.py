"""What every test at the top may need: the project's folder, and copies of it to work in."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
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


class Postgres:
    """A database server of the tests' own, on a free port, gone with all its data afterwards."""

    user = "tester"

    def __init__(self, folder: Path, programs: dict[str, str], runs_as: str | None) -> None:
        self.folder, self.programs, self._runs_as = folder, programs, runs_as
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]

    def program(self, name: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the server's user; gives its output."""
        done = subprocess.run(
            [self.programs[name], *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=self._runs_as,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql answers, without its table's lines."""
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", self.user, "-d", database)
        return self.program("psql", *where, "-At", "-c", statement)

    def fresh(self, name: str) -> str:
        """The SQLAlchemy URL of a new, empty database."""
        self.sql(f'drop database if exists "{name}" with (force)')
        self.sql(f'create database "{name}"')
        return f"postgresql+psycopg://{self.user}@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, where Debian's packages or the path have one."""
    places = [*sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)]
    path = os.pathsep.join([*places, os.environ.get("PATH", "")])
    found = {name: shutil.which(name, path=path) for name in ("initdb", "pg_ctl", "psql")}
    programs = {name: each for name, each in found.items() if each}
    if missing := found.keys() - programs.keys():
        pytest.skip(f"PostgreSQL isn't installed here: {', '.join(missing)} not found")
    names = {entry.pw_name for entry in pwd.getpwall()}
    runs_as = None if os.geteuid() else next((n for n in ("postgres", "nobody") if n in names), "")
    if runs_as == "":
        pytest.skip("PostgreSQL doesn't run as root, and nobody else is there to run it")
    # Not pytest's own folder, which only the user of the tests may enter.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if runs_as:
        shutil.chown(folder, runs_as)
    server = Postgres(folder, programs, runs_as)
    data = str(folder / "data")
    make = ("-D", data, "-U", server.user, "--auth=trust", "-E", "UTF8", "--no-sync")
    control = ("-D", data, "-w", "-l", str(folder / "log"))
    options = f"-p {server.port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    try:
        server.program("initdb", *make)
        server.program("pg_ctl", *control, "-o", options, "start")
        yield server
        server.program("pg_ctl", *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
