"""Runs: dry, switched off, cut short; what they say, what they save, what they never tell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from sync_core.ledger import Ledger
from sync_tests.targets import to_try

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
STAGE = [{"from": "lifecycle", "to": "Lifecycle stage"}]


def people(start, end):
    numbers = range(start, end)
    return [{**ANN, "user_id": f"u{n}", "email": f"ann{n}@acme.example"} for n in numbers]


def mixed(target):
    """Records for every kind of outcome."""
    return target.stream(
        "users",
        {**ANN, "lifecycle": "Trial", "segments": ["Trial"]},
        {**ANN, "user_id": "u2", "email": "new@acme.example", "segments": ["Trial"]},
        {**ANN, "user_id": "u3", "email": "two@acme.example", "segments": ["Trial"]},
        {**ANN, "user_id": "u4", "email": "out@acme.example", "segments": []},
        {"first_name": "Nobody"},
        {"user_id": "u5", "email": "nameless@acme.example", "segments": ["Trial"]},
    )


def settings(**more):
    return {"users": {"create": True, "segments": ["trial"], "fields": STAGE}, **more}


def furnish(crm):
    crm.person("ann@acme.example")
    crm.person("two@acme.example")
    crm.person("two@acme.example")


def test_a_dry_run_counts_like_the_real_one_and_writes_nothing(target, crm):
    furnish(crm)
    dry = target.run(mixed(target), **settings(dry_run=True))
    assert dry.exit_code == 0
    assert crm.writes() == []
    assert dry.out == ""
    ledger = Ledger(target.ledger_url, "default")
    assert ledger.count_links("user", "pipedrive") == 0
    assert to_try(ledger, "journy-to-pipedrive", "users") == []
    ledger.close()
    real = target.run(mixed(target), **settings())
    assert dry.counts == real.counts
    assert real.counts["users"] == {"updated": 1, "created": 1, "rejected": 3, "skipped": 1}
    assert len(real.states) == 1
    planned = {line.key: line.fields for line in dry.lines if line.reason == "planned"}
    assert planned["ann@acme.example"] == "Lifecycle stage"
    assert "dry run, nothing was written" in dry.log


BOB = {**ANN, "user_id": "u2", "email": "bob@acme.example", "segments": ["Trial"]}
TRIAL = {**ANN, "segments": ["Trial"], "lifecycle": "Trial"}
#: What comes in one run, each in a batch of its own.
AGAIN = {
    "made, and as it was": [TRIAL, BOB, TRIAL],
    "made, and with something new": [TRIAL, BOB, {**TRIAL, "lifecycle": "Customer"}],
    "changed, and as it was": [{**TRIAL, "user_id": "u7", "email": "old@acme.example"}, BOB] * 2,
}


@pytest.mark.parametrize("users", AGAIN.values(), ids=AGAIN)
def test_a_dry_run_counts_a_record_that_comes_twice_like_the_real_one(target, crm, users):
    crm.person("old@acme.example")
    messages = target.stream("users", *users)
    dry, real = (
        target.run(messages, batch_size_rows=1, **settings(dry_run=dry)) for dry in (True, False)
    )
    assert dry.counts == real.counts


def test_a_dry_run_counts_one_person_of_two_streams_like_the_real_one(target, crm):
    columns = {name: {"type": "string"} for name in ("mail", "first", "stage")}
    customer = {"mail": "ann@acme.example", "first": "Ann", "stage": "Customer"}
    messages = target.stream("users", TRIAL) + target.table("customers", columns, customer)
    fields = [{"from": "first", "to": "First name"}, {"from": "stage", "to": "Lifecycle stage"}]
    customers = {"entity": "person", "match": "mail", "create": True, "fields": fields}
    streams = {"customers": customers}
    dry, real = (
        target.run(messages, streams=streams, **settings(dry_run=dry)) for dry in (True, False)
    )
    assert dry.counts == real.counts == {"users": {"created": 1}, "customers": {"updated": 1}}


def test_switched_off_it_calls_nothing_and_passes_no_state_on(target, crm):
    run = target.run(target.stream("users", ANN), enabled=False, api_token=None)
    assert run.exit_code == 0
    assert run.out == ""
    assert crm.calls() == []
    assert "is off: nothing is written" in run.log
    assert not target.ledger.exists()


def test_a_run_that_dies_has_saved_the_state_of_what_it_delivered(target, crm, sandbox):
    messages = []
    for at in range(0, 30, 10):
        stream = target.stream("users", *people(at, at + 10))
        stream[-1]["value"] = {"delivered": at + 10}
        messages += stream
    path = "/pipedrive/api/v2/persons"
    sandbox.fault(path, "POST", times=None, after=20, action={"status": 401, "body": {}})
    run = target.run(messages, users={"create": True}, batch_size_rows=10)
    assert run.exit_code == 1
    assert run.states == [{"delivered": 10}, {"delivered": 20}]
    assert len(crm.persons()) == 20
    sandbox.clear_faults()
    again = target.users(*people(20, 30), create=True)
    assert again.counts["users"] == {"created": 10}
    assert len(crm.persons()) == 30


def test_batches_end_together_with_the_burst_window_of_the_plan(target, crm, sandbox):
    crm.person("ann@acme.example")
    sandbox.pipedrive.configure(plan="ultimate", seats=1, seed=1)  # 120 calls in 2 s
    run = target.users(*people(0, 600))
    assert re.findall(r"\S users: (\d+) skipped", run.log) == ["480", "120"]


def test_no_state_goes_out_before_the_records_before_it_are_written(target, crm, sandbox):
    sandbox.fault("/pipedrive/api/v2/persons", "POST", times=None, action={"status": 401})
    run = target.users(*people(0, 3), create=True)
    assert run.exit_code == 1
    assert run.states == []


@pytest.mark.usefixtures("hasty")
def test_an_outage_ends_the_run_after_a_few_tries(target, crm, sandbox):
    ids = {f"ann{n}@acme.example": crm.person(f"ann{n}@acme.example") for n in range(60)}
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", times=None, action={"status": 503})
    users = [{**each, "lifecycle": "Trial"} for each in people(0, 60)]
    run = target.users(*users, fields=STAGE)
    assert run.exit_code == 69
    assert run.states == []
    assert len(crm.writes()) < 60
    sandbox.clear_faults()
    target.users(*users, fields=STAGE)
    assert {crm.stored(each)["Lifecycle stage"] for each in ids.values()} == {"Trial"}


@pytest.mark.usefixtures("hasty")
def test_a_burst_limit_that_stays_ends_the_run_after_a_few_tries(target, crm, sandbox):
    for n in range(60):
        crm.person(f"ann{n}@acme.example")
    limited = {"status": 429, "body": {}, "headers": {"x-daily-ratelimit-token-remaining": "5000"}}
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", times=None, action=limited)
    users = [{**each, "lifecycle": "Trial"} for each in people(0, 60)]
    run = target.users(*users, fields=STAGE)
    assert run.exit_code == 69
    assert "burst limit" in run.errors[0]
    assert len(crm.writes()) < 60


def test_a_spent_budget_ends_the_run_politely_and_the_next_one_goes_on(target, crm, sandbox):
    spent = {"status": 429, "body": {}, "headers": {"x-daily-ratelimit-token-remaining": "0"}}
    sandbox.fault("/pipedrive/api/v2/persons", "POST", times=None, after=2, action=spent)
    run = target.users(*people(0, 40), create=True)
    assert run.exit_code == 75
    assert "daily tokens are spent" in run.errors[0]
    assert len(crm.writes()) < 2 + 10
    assert len(crm.persons()) == 2
    sandbox.clear_faults()
    target.users(create=True)
    assert len(crm.persons()) == 40


def test_a_block_page_is_named_and_ends_the_run_at_once(target, crm, sandbox):
    sandbox.fault("/pipedrive/api/v2/persons", "POST", times=None, action={"html": True})
    run = target.users(*people(0, 40), create=True)
    assert run.exit_code == 69
    assert "the service blocks this traffic" in run.errors[0]
    assert len(crm.writes()) < 10


def test_no_secret_and_no_personal_data_stands_in_the_debug_log(target, crm, sandbox):
    furnish(crm)
    lost = {**ANN, "user_id": "u7", "email": "lost@acme.example"}
    path = "/pipedrive/api/v2/persons"
    sandbox.fault(path, "POST", action={"drop_after": True})
    sandbox.fault("/pipedrive/api/v2/persons/1", "PATCH",
                  action={"status": 400, "body": {"error": "ann@acme.example is odd"}})  # fmt: skip
    config = target.folder / "config.json"
    config.write_text(json.dumps(target.settings(**settings())), encoding="utf-8")
    messages = target.write([*mixed(target)[:-1], *target.stream("users", lost)[1:]])
    line = [sys.executable, "-m", "target_pipedrive", "--config", str(config)]
    done = subprocess.run(
        line,
        input=messages + '{"type": "RECORD", "email": "cut@acme.example\n',
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LOGLEVEL": "DEBUG"},
    )
    assert done.returncode == 1
    assert "DEBUG" in done.stderr
    said = done.stdout + done.stderr
    for private in ("sandbox-token", "@acme", "Ann", "Lee", "Nobody", "cut@", "u7"):
        assert private not in said


def test_a_run_says_what_it_did_and_what_it_cost(target, crm):
    run = target.users(ANN, create=True)
    assert "journy-to-pipedrive: 1 created; " in run.log
    assert f" {len(crm.calls())} calls, " in run.log
