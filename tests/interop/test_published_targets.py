"""Our taps into a published target, which checks each record against its schema.

Blind spot: one target in one version, and it keeps whatever JSON it gets.
"""

from __future__ import annotations

import json

import pytest

JSONL = "target-jsonl==0.1.4"


@pytest.fixture
def into_jsonl(published, tmp_path):
    folder = tmp_path / "jsonl"
    folder.mkdir()
    config = tmp_path / "target-jsonl.json"
    config.write_text(json.dumps({"destination_path": str(folder), "do_timestamp_file": False}))
    command = [str(published(JSONL) / "target-jsonl"), "-c", str(config)]

    def read(stream: str) -> list[dict]:
        text = (folder / f"{stream}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n") if line]

    return command, read


def test_a_jsonl_target_holds_the_rows_and_columns_of_pipedrive(load, into_jsonl, sandbox):
    command, read = into_jsonl
    load("tap-pipedrive", command)
    stored = sandbox.pipedrive.rows("person")
    persons = {record["id"]: record for record in read("persons")}
    assert persons.keys() == stored.keys()
    score = sandbox.pipedrive.field("person", "Churn score")["field_code"]
    for person_id, row in stored.items():
        for name in ("name", "emails", "phones", "org_id", "owner_id", "update_time", "label_ids"):
            assert persons[person_id][name] == row[name]
        assert persons[person_id]["churn_score"] == row["custom_fields"].get(score)
    assert len(read("organizations")) == len(sandbox.pipedrive.rows("organization"))


def test_a_jsonl_target_gets_only_the_overlap_the_second_time(load, into_jsonl):
    command, read = into_jsonl
    state = load("tap-pipedrive", command)
    before = len(read("persons"))
    again = load("tap-pipedrive", command, state)
    newest = max(record["update_time"] for record in read("persons"))
    added = read("persons")[before:]
    assert {record["update_time"] for record in added} == {newest}
    assert json.loads(again)["bookmarks"] == json.loads(state)["bookmarks"]


def test_a_jsonl_target_holds_the_users_and_accounts_of_journy(load, into_jsonl, sandbox):
    command, read = into_jsonl
    load("tap-journy", command)
    counts = sandbox.journy.counts()
    assert len({record["user_id"] for record in read("users")}) == counts["users"]
    assert len({record["account_id"] for record in read("accounts")}) == counts["accounts"]
    assert {record["name"] for record in read("user_segments")} >= {"Power users"}


def test_a_jsonl_target_gets_only_the_newest_of_journy_the_second_time(load, into_jsonl):
    command, read = into_jsonl
    state = load("tap-journy", command)
    before = {stream: len(read(stream)) for stream in ("users", "accounts", "memberships")}
    load("tap-journy", command, state)
    users = read("users")
    newest = max(record["updated_at"] for record in users[: before["users"]])
    assert {record["updated_at"] for record in users[before["users"] :]} == {newest}
    for stream in ("accounts", "memberships"):
        assert len(read(stream)) - before[stream] < before[stream]
