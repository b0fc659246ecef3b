"""Our taps into PostgreSQL, through a published target: row counts and types, once and twice.

Blind spot: one target in one version, and whichever PostgreSQL the machine has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

TARGET = "meltanolabs-target-postgres==0.8.1"


@pytest.fixture
def into_postgres(
    postgres, published, tmp_path, request
) -> tuple[list[str], Callable[[str], list[dict[str, Any]]], Callable[[str], dict[str, str]]]:
    """The target's command line; the rows of a table; the types of its columns."""
    schema = request.node.name.partition("[")[0][:60]
    config = tmp_path / "target-postgres.json"
    settings = {
        "host": "127.0.0.1",
        "port": postgres.port,
        "user": postgres.user,
        "password": "none",
        "database": "postgres",
        "default_target_schema": schema,
        "load_method": "upsert",
    }
    config.write_text(json.dumps(settings))

    def ask(query: str) -> Any:
        return json.loads(postgres.sql(query).strip() or "null")

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
