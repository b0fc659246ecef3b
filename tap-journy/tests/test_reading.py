"""What arrives, through the command line against the sandbox over HTTP.

Blind spot: journy publishes no endpoint that lists records; the sandbox's is an assumption.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
import requests

AUTH = {"X-Api-Key": "sandbox-key"}


def lists(sandbox, entity: str) -> list[str]:
    start = f"/journy/{entity}?"
    return [each["path"] for each in sandbox.journal() if each["path"].startswith(start)]


def upsert(sandbox, email: str, **properties) -> None:
    body = {"identification": {"email": email}, "properties": properties}
    url = f"{sandbox.journy_url}/users/upsert"
    requests.post(url, json=body, headers=AUTH, timeout=10).raise_for_status()


def user(run, email: str) -> dict:
    return next(each for each in run.records("users") if each["email"] == email)


def test_the_first_run_reads_everything(tap, sandbox):
    run = tap()
    counts = sandbox.journy.counts()
    assert run.exit_code == 0
    assert len({each["user_id"] for each in run.records("users")}) == counts["users"] == 60
    assert len({each["account_id"] for each in run.records("accounts")}) == counts["accounts"]


def test_accounts_come_before_the_users_that_refer_to_them(tap):
    run = tap()
    schemas = [message["stream"] for message in run.of("SCHEMA")]
    assert schemas == sorted(schemas)
    records = [message["stream"] for message in run.of("RECORD")]
    assert max(at for at, name in enumerate(records) if name == "accounts") < records.index("users")


def moved(moment, **by):
    """A time, so much later."""
    later = datetime.fromisoformat(moment.rstrip("Z")) + timedelta(**by)
    return f"{later.isoformat(timespec='milliseconds')}Z"


def test_the_second_run_reads_only_what_its_bookmark_includes(tap, sandbox):
    first = tap()
    sandbox.clear_journal()
    second = tap(state=first.state)
    newest = max(each["updated_at"] for each in first.records("users"))
    assert first.bookmark("users") == newest
    assert {each["updated_at"] for each in second.records("users")} == {newest}
    assert "updated_since=" in lists(sandbox, "users")[-1]
    assert second.state == first.state


def test_states_come_between_the_records_and_speak_of_none_that_is_still_to_come(tap, sandbox):
    sandbox.reset(users=1200, accounts=10)
    delivered, said = {"users": "", "memberships": ""}, []
    keys = {"users": "updated_at", "memberships": "user_updated_at"}
    for message in tap().messages:
        if message["type"] == "STATE":
            marks = message["value"]["bookmarks"]
            said.append({n: marks.get(n, {}).get("replication_key_value", "") for n in keys})
            assert all(said[-1][name] <= delivered["users"] for name in keys)
        elif message["type"] == "RECORD" and message["stream"] in keys:
            name = message["stream"]
            assert delivered[name] <= message["record"][keys[name]]
            delivered[name] = message["record"][keys[name]]
    assert len({each["users"] for each in said}) >= 4  # none, and one for each page
    assert all(said[-1][name] == delivered["users"] for name in keys)
    assert delivered["memberships"]


def test_a_changed_user_comes_again(tap, sandbox):
    first = tap()
    email = first.records("users")[0]["email"]
    upsert(sandbox, email, lead_status="Hot")
    second = tap(state=first.state)
    assert user(second, email)["lead_status"] == "Hot"
    assert second.bookmark("users") > first.bookmark("users")


def test_what_is_stored_late_and_is_older_than_the_bookmark_comes_with_the_next_run(tap):
    first = tap()
    late = first.records("users")[-1]["updated_at"]
    mark = {"replication_key": "updated_at", "replication_key_value": moved(late, seconds=59)}
    state = {"bookmarks": {"users": mark}}
    assert [each["updated_at"] for each in tap(state=state).records("users")] == [late]
    exactly = {"users": {"lookback_seconds": 0}}
    assert tap(state=state, record_source=exactly).records("users") == []


def test_the_bookmark_never_passes_the_run_s_start(tap, sandbox):
    email = tap().records("users")[0]["email"]
    sandbox.clock.advance(86_400)
    upsert(sandbox, email, lead_status="Tomorrow")
    run = tap()
    assert run.bookmark("users") < user(run, email)["updated_at"]


def test_a_start_date_limits_the_first_run(tap):
    everything = tap()
    run = tap(start_date="2026-01-01")
    late = {
        each["user_id"]
        for each in everything.records("users")
        if each["updated_at"] >= "2026-01-01T00:00:00.000Z"
    }
    assert {each["user_id"] for each in run.records("users")} == late
    assert 0 < len(late) < 60


def test_a_start_date_behind_the_bookmark_leaves_out_nothing_that_changed_between_them(
    tap, sandbox
):
    first = tap()
    email = first.records("users")[0]["email"]
    upsert(sandbox, email, lead_status="Hot")
    second = tap(state=first.state, start_date="2099-01-01")
    assert user(second, email)["lead_status"] == "Hot"
    assert second.bookmark("users") > first.bookmark("users")


@pytest.mark.parametrize(("users", "pages"), [(499, 1), (500, 1), (501, 2)])
def test_pages_end_where_the_records_end(tap, sandbox, users, pages):
    sandbox.reset(users=users, accounts=1)
    run = tap()
    ids = [each["user_id"] for each in run.records("users")]
    assert len(ids) == len(set(ids)) == users
    read = [path for path in lists(sandbox, "users") if "limit=500" in path]
    assert len(read) == pages  # the memberships come with the users


def test_properties_are_columns_with_their_label_and_kind(tap):
    columns = tap().schema("users")
    assert columns["first_name"]["type"] == ["string", "null"]
    assert columns["logins_30d"]["type"] == ["number", "null"]
    assert columns["newsletter"]["type"] == ["boolean", "null"]
    assert columns["interests"]["type"] == ["array", "null"]
    assert columns["churn_score"]["x-journy"] == {
        "name": "churn_score",
        "label": "Churn score",
        "computed": True,
    }


def test_a_property_without_values_takes_whatever_comes_later(tap):
    kinds = tap().schema("users")["lead_status"]["type"]
    assert kinds == ["string", "number", "boolean", "array", "null"]


def test_the_segments_column_tells_all_segments_that_there_are(tap):
    known = tap().schema("users")["segments"]["x-journy"]["segments"]
    assert "Power users" in known
    assert len(known) == 4


def test_a_property_called_like_a_fixed_column_is_prefixed(tap):
    run = tap()
    columns = run.schema("users")
    assert columns["property_email"]["x-journy"]["name"] == "email"
    assert "x-journy" not in columns["email"]


def test_times_are_in_utc_with_milliseconds(tap):
    for record in tap().records("users"):
        assert record["updated_at"].endswith("Z")
        assert len(record["updated_at"]) == len("2026-01-31T10:20:30.123Z")


def test_memberships_say_who_is_where(tap):
    run = tap()
    pairs = {
        (each["user_id"], account) for each in run.records("users") for account in each["accounts"]
    }
    read = {(each["user_id"], each["account_id"]) for each in run.records("memberships")}
    assert read == pairs
    assert pairs


def test_memberships_cost_nothing_where_they_are_not_selected(tap, sandbox):
    catalog = json.loads(tap("--discover").out)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"] == []:
                entry["metadata"]["selected"] = stream["stream"] == "users"
    sandbox.clear_journal()
    run = tap(catalog=catalog)
    assert len(run.records("users")) == 60
    asked = [each["path"].split("?")[0] for each in sandbox.journal()]
    discovery = ["/journy/properties/users", "/journy/users", "/journy/segments/users"]
    assert asked == [*discovery, "/journy/users"]


@pytest.mark.parametrize(
    "stream", ["user_properties", "account_properties", "user_segments", "account_segments"]
)
def test_the_documented_catalogues_are_streams(tap, stream):
    records = tap().records(stream)
    assert records
    assert all(record["name"] for record in records)


def test_unicode_null_and_empty_values_arrive_as_they_are(tap, sandbox):
    email = tap().records("users")[0]["email"]
    upsert(sandbox, email, first_name="Åsa 🦊", last_name="", phone=None)
    found = user(tap(), email)
    assert found["first_name"] == "Åsa 🦊"
    assert found["last_name"] == ""
    assert found["phone"] is None


def test_an_account_without_records_is_no_failure(tap, sandbox):
    sandbox.reset(users=0, accounts=0)
    run = tap()
    assert run.exit_code == 0
    assert run.records("users") == []
    assert "first_name" in run.schema("users")


def test_a_run_says_what_it_took_and_warns_of_nothing(tap):
    log = tap().log
    assert "accounts: 12 records, 1 call" in log
    assert "| WARNING" not in log
    assert "| ERROR" not in log
