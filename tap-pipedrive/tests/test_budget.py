"""Spent daily tokens: the tap stops with its state saved, and the next run goes on."""

from __future__ import annotations

import json

import pytest

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


@pytest.mark.usual("pipedrive.daily_headers", "pipedrive.milliseconds")
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


def spent(run) -> list[dict]:
    """The metrics that tell of a whole run's tokens."""
    lines = [line.partition("METRIC: ")[2] for line in run.log.splitlines()]
    found = [json.loads(line)["tags"] for line in lines if line]
    return [tags for tags in found if "run" in tags]


@pytest.mark.usual("pipedrive.daily_headers")
@pytest.mark.parametrize("share", [0.5, 1])
def test_the_tokens_of_a_run_are_told_however_it_ends(tap, sandbox, share):
    sandbox.reset(persons=2600, organizations=1, users=1, accounts=1)
    tight(sandbox, 100)
    run = tap(streams=["persons"], daily_token_share=share)
    assert run.exit_code == (0 if share == 1 else 75)
    (tags,) = spent(run)
    assert tags["tokens"] == sum(each["tokens"] for each in sandbox.journal())
    assert 100 - tags["tokens"] <= tags["tokens_left"] < 100


LIMITS = {
    "a burst": ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "0"}, "burst limit", 1),
    "the day": ({"x-daily-ratelimit-token-remaining": "0"}, "tokens are spent", 75),
}


@pytest.mark.parametrize("what", LIMITS)
def test_each_limit_that_ends_a_run_says_which_one_it_is(tap, sandbox, monkeypatch, what):
    monkeypatch.setattr("sync_core.http.TRIES", 2)
    headers, words, code = LIMITS[what]
    answer = {"status": 429, "body": {"success": False}, "headers": headers}
    sandbox.fault("/pipedrive/api/v2/persons", times=None, action=answer)
    run = tap(streams=["persons"])
    assert run.exit_code == code
    assert words in run.log
    assert len([e for e in sandbox.journal() if e["status"] == 429]) == (2 if code == 1 else 1)


def test_a_block_is_never_knocked_at_again(tap, sandbox):
    sandbox.fault("/pipedrive/api/v2/persons", times=None, action={"html": True})
    run = tap(streams=["persons"])
    assert run.exit_code == 1
    assert "blocks this traffic" in run.log
    assert len([e for e in sandbox.journal() if e["status"] == 403]) == 1
