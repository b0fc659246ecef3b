"""Users and accounts from S3 itself, as a server of moto's serves it.

Blind spot: moto checks a credential only where a test asks for that, and knows no regions' rules.
"""

from __future__ import annotations

import gzip
import json
import logging
import sys

import boto3
import pytest
import requests
from fsspec.registry import _registry
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

KEY, SECRET, SESSION = "the-key-of-the-test", "the-secret-of-the-test", "the-session-of-the-test"


@pytest.fixture(scope="session")
def server():
    logging.getLogger("moto").setLevel(logging.INFO)  # it runs in this process, and shows requests
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def bucket(server, monkeypatch):
    """An empty bucket, and the environment of somebody who may read it."""
    requests.post(f"{server}/moto-api/reset", timeout=10).raise_for_status()
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": SESSION,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nowhere/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
    }.items():
        monkeypatch.setenv(name, value)
    made = boto3.resource("s3").Bucket("exports")
    made.create()
    fresh()
    yield made
    fresh()


def fresh():
    """As in a new process: fsspec keeps connections and listings as long as one lives."""
    S3FileSystem.clear_instance_cache()


def put(bucket, name, *records):
    text = "".join(json.dumps(each) + "\n" for each in records)
    bucket.put_object(Key=name, Body=gzip.compress(text.encode(), mtime=0))
    fresh()


def user(number):
    return {"userId": f"u{number}", "properties": {"logins": number}, "accounts": ["a1"]}


@pytest.fixture
def read(tap):
    """One run of users, and accounts where they are named, by pattern; a process of its own."""

    def run(state=None, **files):
        wanted = {"users": "s3://exports/journy/users-*.jsonl.gz", **files}
        fresh()
        return tap(api_key=None, record_source={"type": "files", **wanted}, state=state)

    return run


def ids(run):
    return [each["user_id"] for each in run.records("users")]


def test_users_and_accounts_are_read_by_pattern_and_only_what_changed_by_the_next_run(read, bucket):
    for number in (1, 2):
        put(bucket, f"journy/users-{number}.jsonl.gz", user(number))
    put(bucket, "journy/accounts.jsonl.gz", {"accountId": "a1", "properties": {"plan": "Free"}})
    put(bucket, "elsewhere/users-9.jsonl.gz", user(9))
    accounts = {"accounts": "s3://exports/journy/accounts.jsonl.gz"}
    first = read(**accounts)
    assert first.exit_code == 0, first.log
    assert sorted(ids(first)) == ["u1", "u2"]
    assert [each["plan"] for each in first.records("accounts")] == ["Free"]
    assert len(first.records("memberships")) == 2
    assert first.fits

    second = read(first.state, **accounts)
    assert ids(second) == second.records("accounts") == []
    assert "users: 2 files haven't changed and are passed over" in second.log

    put(bucket, "journy/users-2.jsonl.gz", user(2), user(3))
    put(bucket, "journy/users-4.jsonl.gz", user(4))
    third = read(second.state, **accounts)
    assert sorted(ids(third)) == ["u2", "u3", "u4"]


def test_a_file_that_changes_twice_within_a_second_is_read_twice(read, bucket):
    runs = []
    for number in (1, 2, 3):  # S3 tells times in seconds, and all three have the same length
        put(bucket, "journy/users-1.jsonl.gz", user(number))
        runs.append(read(runs[-1].state if runs else None))
    assert [ids(run) for run in runs] == [["u1"], ["u2"], ["u3"]]


def test_a_segment_archive_is_read_from_s3(read, bucket):
    put(bucket, "archive/1.jsonl.gz", {"type": "identify", "userId": "u1", "traits": {"plan": "x"}})
    run = read(format="segment", users="s3://exports/archive/*.jsonl.gz")
    assert [each["plan"] for each in run.records("users")] == ["x"]


MISSING = {
    "no key": (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "Unable to locate credentials"),
    "half a key": (("AWS_SECRET_ACCESS_KEY",), "missing: AWS_SECRET_ACCESS_KEY"),
}


@pytest.mark.parametrize(("gone", "said"), MISSING.values(), ids=MISSING)
def test_a_missing_credential_is_told_with_what_to_set(read, bucket, monkeypatch, gone, said):
    put(bucket, "journy/users-1.jsonl.gz", user(1))
    for variable in gone:
        monkeypatch.delenv(variable)
    for address in ("s3://exports/journy/users-*.jsonl.gz", "s3://exports/journy/users-1.jsonl.gz"):
        run = read(users=address)
        assert run.exit_code == 3
        assert run.records("users") == []
        assert f"record_source.users: {address} can't be read" in run.log
        assert said in run.log
        assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE" in run.log
        assert "Traceback" not in run.log


def test_a_refused_credential_is_told_and_never_shown(read, bucket, server, monkeypatch):
    put(bucket, "journy/users-1.jsonl.gz", user(1))
    monkeypatch.setenv("TAP_JOURNY_LOGLEVEL", "DEBUG")
    right = read()
    assert ids(right) == ["u1"]

    def checked_after(calls):
        url, text = f"{server}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        requests.post(url, data=calls, headers=text, timeout=10).raise_for_status()

    checked_after("0")
    try:
        wrong = read()
    finally:
        checked_after("inf")
    assert wrong.exit_code == 3
    assert "The AWS Access Key Id you provided does not exist in our records" in wrong.log
    for secret in (SECRET, SESSION):
        assert secret not in right.log + right.out + wrong.log + wrong.out


def test_a_package_that_is_not_there_is_named(read, bucket, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(_registry, "s3", raising=False)
    run = read()
    assert run.exit_code == 3
    assert "Install s3fs to access S3" in run.log
