"""Our taps into PostgreSQL, through a published target: row counts and types, once and twice.

Blind spot: one target in one version, and whichever PostgreSQL the machine has.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TARGET = "meltanolabs-target-postgres==0.8.1"
OWNER = "loader"


def _program(name: str) -> str | None:
    """PostgreSQL's programs, which Debian keeps out of the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    path = os.pathsep.join([*map(str, reversed(places)), os.environ.get("PATH", "")])
    return shutil.which(name, path=path)


def _somebody() -> str | None:
    """Whom the server runs as: PostgreSQL refuses to be root."""
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _as_owner(command: list[str], owner: str | None, **more: Any) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        user=owner,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        **more,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def database() -> Iterator[dict[str, Any]]:
    """A server of its own, on a port that is free, gone with all its data afterwards."""
    programs = {name: _program(name) for name in ("initdb", "pg_ctl", "psql")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        pytest.skip(f"PostgreSQL isn't installed here: {', '.join(missing)} not found")
    owner = _somebody()
    if owner is None and not os.geteuid():
        pytest.skip("PostgreSQL doesn't run as root, and nobody else is there to run it")
    # Not pytest's own folder, which only the user of the tests may enter.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if owner:
            shutil.chown(folder, owner)
        yield from _served(programs, owner, folder)
    finally:
        shutil.rmtree(folder)


def _served(programs: dict[str, Any], owner: str | None, folder: Path) -> Iterator[dict[str, Any]]:
    data = str(folder / "data")
    setup = [programs["initdb"], "-D", data, "-U", OWNER, "--auth=trust", "-E", "UTF8", "--no-sync"]
    _as_owner(setup, owner)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [programs["pg_ctl"], "-D", data, "-w", "-l", str(folder / "log")]
    _as_owner([*control, "-o", options, "start"], owner, stdin=subprocess.DEVNULL)
    try:
        yield {"port": port, "psql": programs["psql"], "folder": folder}
    finally:
        _as_owner([*control, "-m", "immediate", "stop"], owner)


@pytest.fixture
def into_postgres(
    database, published, tmp_path, request
) -> tuple[list[str], Callable[[str], list[dict[str, Any]]], Callable[[str], dict[str, str]]]:
    """The target's command line; the rows of a table; the types of its columns."""
    schema = request.node.name.partition("[")[0][:60]
    config = tmp_path / "target-postgres.json"
    settings = {
        "host": "127.0.0.1",
        "port": database["port"],
        "user": OWNER,
        "password": "none",
        "database": "postgres",
        "default_target_schema": schema,
        "load_method": "upsert",
    }
    config.write_text(json.dumps(settings))

    def ask(query: str) -> Any:
        line = [database["psql"], "-h", "127.0.0.1", "-p", str(database["port"]), "-U", OWNER]
        line += ["-d", "postgres", "-At", "-c", query]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.strip() or "null")

    def rows(table: str) -> list[dict[str, Any]]:
        return ask(f'select json_agg(t) from "{schema}"."{table}" t') or []

    def types(table: str) -> dict[str, str]:
        return ask(
            "select json_object_agg(column_name, data_type) from information_schema.columns "
            f"where table_schema = '{schema}' and table_name = '{table}'"
        )

    command = [str(published(TARGET) / "target-postgres"), "--config", str(config)]
    return command, rows, types


def test_users_and_accounts_have_their_rows_and_types_once_and_twice(load, into_postgres, sandbox):
    command, rows, types = into_postgres
    counts = sandbox.journy.counts()
    state = load("tap-journy", command)
    for _again in range(2):
        assert len(rows("users")) == counts["users"]
        assert len(rows("accounts")) == counts["accounts"]
        assert len(rows("memberships")) == counts["memberships"]
        assert len(rows("user_properties")) == len({row["name"] for row in rows("user_properties")})
        load("tap-journy", command, state)
    columns = types("users")
    assert columns["logins_30d"] in ("numeric", "double precision")
    assert columns["newsletter"] == "boolean"
    assert columns["interests"] in ("ARRAY", "jsonb")
    assert columns["first_name"] in ("character varying", "text")
    assert columns["updated_at"].startswith("timestamp")


def test_the_values_in_the_database_are_those_of_journy(load, into_postgres, sandbox):
    command, rows, _types = into_postgres
    load("tap-journy", command)
    by_email = {row["email"]: row for row in rows("users") if row["email"]}
    stored = [user for user in sandbox.journy.world.users.records.values() if user.contact]
    assert stored
    for user in stored:
        row = by_email[user.contact]
        assert row["first_name"] == user.properties.get("first_name")
        assert row["logins_30d"] == user.properties.get("logins_30d")
        assert row["interests"] == user.properties.get("interests")


@pytest.fixture
def write(settings, tmp_path) -> Callable[..., None]:
    """Make the users a file in which each has a value for `x`."""
    path = tmp_path / "users.jsonl"
    settings["tap-journy"] = {"record_source": {"type": "files", "users": str(path)}}

    def into_file(**users: Any) -> None:
        lines = ({"userId": name, "properties": {"x": value}} for name, value in users.items())
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    return into_file


def test_a_property_without_values_gets_a_column_that_takes_them_later(load, into_postgres, write):
    command, rows, _types = into_postgres
    write(u1=None)
    state = load("tap-journy", command)
    write(u2=5)
    load("tap-journy", command, state)
    assert {row["user_id"]: row["x"] for row in rows("users")} == {"u1": None, "u2": 5}


def test_a_column_that_is_text_stays_text(load, into_postgres, write):
    command, rows, types = into_postgres
    write(u1="many")
    state = load("tap-journy", command)
    write(u2=5)
    load("tap-journy", command, state)
    assert {row["user_id"]: row["x"] for row in rows("users")} == {"u1": "many", "u2": "5"}
    assert types("users")["x"] in ("character varying", "text")


def test_persons_and_organizations_have_their_rows_once_and_twice(load, into_postgres, sandbox):
    command, rows, types = into_postgres
    state = load("tap-pipedrive", command)
    for _again in range(2):
        assert {row["id"] for row in rows("persons")} == sandbox.pipedrive.rows("person").keys()
        organizations = sandbox.pipedrive.rows("organization")
        assert {row["id"] for row in rows("organizations")} == organizations.keys()
        load("tap-pipedrive", command, state)
    assert types("persons")["id"] in ("bigint", "integer")
    assert types("persons")["update_time"].startswith("timestamp")
