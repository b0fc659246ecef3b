"""Memberships as a stream of their own, and how often the users are read for it."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def select(tap):
    """A catalog with these streams selected."""

    def make(*names: str) -> dict:
        catalog = json.loads(tap("--discover").out)
        for stream in catalog["streams"]:
            for entry in stream["metadata"]:
                if entry["breadcrumb"] == []:
                    entry["metadata"]["selected"] = stream["stream"] in names
        return catalog

    return make


def pages(sandbox) -> int:
    """How often pages of users were asked for, without the sample."""
    paths = [each["path"] for each in sandbox.journal()]
    return sum(path.startswith("/journy/users?") and "limit=500" in path for path in paths)


def pairs(run) -> set[tuple[str, str]]:
    return {(each["user_id"], each["account_id"]) for each in run.records("memberships")}


def test_they_come_with_the_users_and_cost_no_page(tap, sandbox, select):
    catalog = select("users", "memberships")
    sandbox.clear_journal()
    run = tap(catalog=catalog)
    assert pages(sandbox) == 1
    users = run.records("users")
    assert pairs(run) == {(each["user_id"], one) for each in users for one in each["accounts"]}
    assert "memberships: 0 records" not in run.log.split("Beginning sync of 'users'")[1]
    assert run.fits


def test_they_come_alone_as_well(tap, sandbox, select):
    together = pairs(tap())
    catalog = select("memberships")
    sandbox.clear_journal()
    run = tap(catalog=catalog)
    assert pairs(run) == together
    assert pages(sandbox) == 1
    assert run.records("users") == []


def test_the_second_run_reads_the_users_once_too(tap, sandbox, select):
    catalog = select("users", "memberships")
    first = tap(catalog=catalog)
    assert first.bookmark("memberships") == first.bookmark("users")
    sandbox.clear_journal()
    second = tap(catalog=catalog, state=first.state)
    assert pages(sandbox) == 1
    assert len(second.records("users")) < len(first.records("users"))


def test_selected_later_than_the_users_they_begin_at_the_beginning(tap, sandbox, select):
    everything = pairs(tap())
    users_only = tap(catalog=select("users"))
    run = tap(catalog=select("users", "memberships"), state=users_only.state)
    assert pairs(run) == everything
    assert run.bookmark("memberships") == run.bookmark("users")


def test_a_batch_keeps_the_streams_apart(tap, tmp_path):
    storage = {"root": tmp_path.as_uri(), "prefix": "batch-"}
    batch = {"encoding": {"format": "jsonl", "compression": "gzip"}, "storage": storage}
    run = tap(batch_config=batch)
    assert run.exit_code == 0
    assert run.records("memberships") == []
    assert {"users", "memberships"} <= {each["stream"] for each in run.of("BATCH")}
