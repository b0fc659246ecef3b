"""What stands at the places that a description names, when it isn't of the expected form."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def read(tap, tmp_path):
    """Read users from a file of these records."""

    def run(*records: dict, form="records", **places):
        path = tmp_path / "users.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in records))
        users = {"path": str(path), **places}
        source = {"type": "files", "format": form, "users": users}
        return tap(api_key=None, record_source=source)

    return run


def accounts(run) -> list[str]:
    return [each["account_id"] for each in run.records("memberships")]


def test_empty_entries_are_no_memberships_and_no_segments(read):
    odd = [None, "", "a1", 7]
    run = read({"userId": "u1", "accounts": odd, "segments": odd, "properties": {"tags": odd}})
    (user,) = run.records("users")
    assert user["accounts"] == user["segments"] == accounts(run) == ["a1", "7"]
    assert user["tags"] == [None, "", "a1", "7"]
    assert run.fits


MEMBER = {"userId": "u1", "accounts": [{"id": "a1", "role": "admin"}, {"id": 2}, {"role": "x"}]}


def test_memberships_that_are_objects_are_described_by_the_part_that_is_the_id(read):
    run = read(MEMBER, accounts="accounts.id")
    assert run.records("users")[0]["accounts"] == accounts(run) == ["a1", "2"]
    assert "objects" not in run.log


def test_objects_in_the_place_of_ids_are_reported_with_what_to_do(read):
    run = read(MEMBER, {"userId": "u2", "segments": {"name": "Power users"}})
    assert [each["accounts"] for each in run.records("users")] == [[], None]
    assert accounts(run) == []
    assert (
        "users: entries of accounts that are objects, left out (name the part that is meant, "
        "such as accounts.id): 3" in run.log
    )
    assert "users: entries of segments that are objects, left out" in run.log


def test_properties_that_are_no_object_are_reported(read):
    run = read(
        {"userId": "u1", "properties": [{"name": "plan"}]}, {"userId": "u2", "properties": []}
    )
    assert len(run.records("users")) == 2
    assert "users: records with properties that are no object, left without: 1" in run.log


def test_places_are_refused_for_an_archive_whose_places_are_specified(read):
    run = read({"type": "identify", "userId": "u1"}, form="segment", id="ref.id")
    assert run.exit_code == 1
    assert "record_source.users: unknown key 'id'; known are 'path'" in run.log
