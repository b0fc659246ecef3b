"""Every stream's schema goes ahead of the first record, so that a target can check all of them."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

STREAMS = ["account_properties", "account_segments", "accounts", "events", "memberships",
           "user_properties", "user_segments", "users"]  # fmt: skip


def test_every_stream_is_announced_once_and_before_the_first_record(tap):
    first = tap()
    for run in (first, tap(state=first.state)):
        assert [message["stream"] for message in run.of("SCHEMA")] == STREAMS
        kinds = [kind for kind, _ in groupby(message["type"] for message in run.messages)]
        assert kinds[0] == "SCHEMA"
        assert kinds.count("SCHEMA") == 1
    assert first.records("users")


def test_each_catalogue_and_each_sample_is_still_read_once(tap, sandbox):
    tap()
    asked = Counter(each["path"] for each in sandbox.journal())
    assert asked
    assert set(asked.values()) == {1}, asked


def test_a_schema_that_widens_comes_again_before_the_record_that_needs_it(
    tap, tmp_path, monkeypatch
):
    monkeypatch.setattr("tap_journy.files.SAMPLE_SIZE", 400)
    users = tmp_path / "users.jsonl"
    lines = [f'{{"userId": "u{n}", "properties": {{"logins": {n}}}}}' for n in range(1000)]
    users.write_text("\n".join([*lines, '{"userId": "odd", "properties": {"logins": "many"}}']))
    run = tap(record_source={"type": "files", "users": str(users)})
    assert [message["stream"] for message in run.of("SCHEMA")].count("users") == 2
    types = [each["schema"]["properties"]["logins"]["type"] for each in run.of("SCHEMA", "users")]
    assert types == [["number", "null"], ["string", "null"]]
    assert run.records("users")[-1]["logins"] == "many"
    assert run.fits
