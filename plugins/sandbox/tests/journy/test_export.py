from __future__ import annotations

import json
from collections import Counter

import pytest
from sync_sandbox.journy.export import write_records, write_segment_lines


def read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("which", ["users", "accounts"])
def test_the_records_of_an_export_are_those_of_the_list(journy, tmp_path, which):
    path = tmp_path / "export.jsonl"
    assert write_records(journy.service.world, path, which) == len(read(path))
    assert read(path) == journy.everything(f"/{which}")
    assert [entry.name for entry in tmp_path.iterdir()] == ["export.jsonl"]


def test_the_segment_lines_identify_users_group_accounts_and_track_events(journy, tmp_path):
    path = tmp_path / "segment.jsonl"
    write_segment_lines(journy.service.world, path)
    lines = read(path)
    counts = journy.service.counts()
    assert Counter(line["type"] for line in lines) == {
        "identify": counts["users"],
        "track": counts["events"],
        "group": counts["accounts"] + counts["memberships"],
    }
    assert all(("userId" in line) != ("anonymousId" in line) for line in lines)
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_the_segment_lines_carry_traits_and_memberships(nobody, tmp_path):
    nobody.upsert_user({"title": "CEO"}, userId="u-1", email="jo@example.com")
    nobody.upsert_user(email="only@example.com")
    nobody.upsert_account({"plan": "Growth"}, accountId="a-1", domain="acme.example")
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"})
    subject = {"user": {"userId": "u-1"}}
    event = {"identification": subject, "name": "login", "metadata": {"seats": 3}}
    nobody.post("/track", event)
    path = tmp_path / "segment.jsonl"
    write_segment_lines(nobody.service.world, path)
    only, jo, track, account, member = sorted(
        read(path), key=lambda line: ("identify", "track", "group").index(line["type"])
    )
    assert only["traits"]["email"] == "only@example.com"
    assert only["anonymousId"]
    assert (jo["userId"], jo["traits"]["title"]) == ("u-1", "CEO")
    assert (track["event"], track["properties"]) == ("login", {"seats": 3})
    assert (account["groupId"], account["traits"]["plan"]) == ("a-1", "Growth")
    assert account["traits"]["domain"] == "acme.example"
    assert (member["groupId"], member["userId"]) == ("a-1", "u-1")


def test_users_and_accounts_can_be_kept_in_two_files(journy, tmp_path):
    for which, kinds in (("users", {"identify", "track"}), ("accounts", {"group"})):
        path = tmp_path / f"{which}.jsonl"
        write_segment_lines(journy.service.world, path, [which])
        assert {line["type"] for line in read(path)} == kinds
