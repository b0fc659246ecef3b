"""Spent daily tokens: the tap stops with its state saved, and the next run goes on."""

from __future__ import annotations

import json

SINCE = "2000-01-01T00:00:00Z"


def tight(sandbox, tokens):
    """Leave so many tokens of the day."""
    limits = sandbox.pipedrive.limits
    limits.spend(limits.left - tokens)


def only_persons(tap):
    catalog = json.loads(tap("--discover").out)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] == "persons"
    return catalog


def read(runs):
    return {record["id"] for run in runs for record in run.records("persons")}


def test_a_spent_share_ends_with_state_and_code_75_and_the_next_run_goes_on(tap, sandbox):
    sandbox.reset(persons=2600, organizations=1, users=1, accounts=1)
    catalog = only_persons(tap)
    settings = {"catalog": catalog, "start_date": SINCE, "detect_deletes": False}
    sandbox.clear_journal()
    tight(sandbox, 80)
    first = tap(**settings)
    assert first.exit_code == 75
    assert "daily_token_share 0.5" in first.log
    assert "Traceback" not in first.log
    assert sum(each["tokens"] for each in sandbox.journal()) <= 40
    assert 0 < len(read([first])) < 2600
    assert first.messages[-1]["type"] == "STATE"
    mark = first.bookmark("persons")
    assert mark == max(record["update_time"] for record in first.records("persons"))
    sandbox.clock.advance(86_400)
    second = tap(**settings, state=first.state)
    assert second.exit_code == 0
    assert min(record["update_time"] for record in second.records("persons")) >= SINCE
    assert len(read([first, second])) == 2600


def test_a_day_without_tokens_ends_with_code_75_at_once(tap, sandbox):
    sandbox.fault(
        "/pipedrive/*",
        times=None,
        action={
            "status": 429,
            "body": {"success": False},
            "headers": {"x-daily-ratelimit-token-remaining": "0"},
        },
    )
    run = tap()
    assert run.exit_code == 75
    assert run.records("persons") == []
    assert len(sandbox.journal()) == 1
