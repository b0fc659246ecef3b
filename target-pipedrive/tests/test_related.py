"""What an account says reaches its users' persons, whichever of them comes by."""

from __future__ import annotations

import json
import os
import signal
from contextlib import closing

import pytest
from sync_core.engine.carrying import Carrier
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import forget, release
from sync_core.ledger.writing import Entries, Retry, record

STAGE = "Lifecycle stage"
FIELDS = [{"from": "account.plan", "to": STAGE}, {"from": "churn_score", "to": "Churn score"}]
ACME = {"account_id": "a1", "name": "Acme", "plan": "Trial", "mrr": 7}
ANN = {"user_id": "u1", "email": "ann@acme.example", "accounts": ["a1"], "churn_score": 5}
BOB = {"user_id": "u2", "email": "bob@acme.example", "accounts": ["a1"], "churn_score": 6}


@pytest.fixture
def sync(target):
    """A run with some accounts and some users."""

    def run(accounts=(), users=(), *, streams=("accounts", "users"), settings=None, **config):
        records = {"accounts": accounts, "users": users}
        messages = [m for each in streams for m in target.stream(each, *records[each])]
        lines = {"fields": FIELDS, **(settings or {})}
        return target.run(messages, **{"accounts": {}, "users": lines, **config})

    return run


def test_an_account_that_changes_alone_updates_the_persons_of_its_users(sync, crm):
    ann, bob = crm.person("ann@acme.example"), crm.person("bob@acme.example")
    sync([ACME], [ANN, BOB])
    run = sync([{**ACME, "plan": "Growth"}])
    assert run.counts["users"] == {"updated": 2}
    assert {line.fields for line in run.lines if line.entity == "users"} == {STAGE}
    for person in (ann, bob):
        assert crm.stored(person)[STAGE] == "Growth"
        assert crm.stored(person)["Churn score"] in {5, 6}
    crm.calls()
    run = sync([{**ACME, "plan": "Growth"}])
    assert crm.writes() == []
    assert "users" not in run.counts


def test_an_account_that_says_nothing_more_empties_the_field(sync, crm):
    ann = crm.person("ann@acme.example")
    sync([ACME], [ANN])
    sync([{**ACME, "plan": None}])
    assert crm.stored(ann).get(STAGE) is None


def test_a_user_who_comes_alone_has_what_the_account_said_last(sync, crm):
    sync([ACME], [])
    bob = crm.person("bob@acme.example")
    sync([], [BOB])
    assert crm.stored(bob)[STAGE] == "Trial"


def test_a_user_who_came_before_the_account_takes_it_on_when_it_comes(sync, crm):
    ann = crm.person("ann@acme.example")
    sync([], [ANN])
    assert STAGE not in crm.stored(ann)
    sync([ACME])
    assert crm.stored(ann)[STAGE] == "Trial"


def test_who_comes_by_in_the_same_run_is_written_once(sync, crm, bodies):
    crm.person("ann@acme.example")
    sync([ACME], [ANN])
    bodies.clear()
    run = sync([{**ACME, "plan": "Growth"}], [{**ANN, "churn_score": 9}])
    assert run.counts["users"] == {"updated": 1}
    assert len(bodies) == 1


def test_news_that_no_line_reads_asks_nothing(sync, crm):
    crm.person("ann@acme.example")
    sync([ACME], [ANN])
    crm.calls()
    run = sync([{**ACME, "mrr": 8}])
    assert "users" not in run.counts
    assert crm.writes() == []


def test_a_user_who_left_the_segments_stays_as_it_is(sync, crm):
    ann = crm.person("ann@acme.example")
    chosen = {"segments": ["Trial"]}
    sync([ACME], [{**ANN, "segments": ["Trial"]}], settings=chosen)
    sync([], [{**ANN, "segments": []}], settings=chosen)
    run = sync([{**ACME, "plan": "Growth"}], settings=chosen)
    assert "users" not in run.counts
    assert crm.stored(ann)[STAGE] == "Trial"
    sync([], [{**ANN, "segments": ["Trial"]}], settings=chosen)
    assert crm.stored(ann)[STAGE] == "Growth"


def test_a_user_of_another_account_now_follows_that_one(sync, crm):
    ann = crm.person("ann@acme.example")
    sync([ACME, {"account_id": "a2", "name": "Bolt", "plan": "Free"}], [ANN])
    sync([], [{**ANN, "accounts": ["a2"]}])
    assert crm.stored(ann)[STAGE] == "Free"
    assert "users" not in sync([{**ACME, "plan": "Growth"}]).counts
    sync([{"account_id": "a2", "name": "Bolt", "plan": "Trial"}])
    assert crm.stored(ann)[STAGE] == "Trial"


def test_news_waits_for_the_users_where_a_run_ends_before_them(sync, crm):
    ann = crm.person("ann@acme.example")
    sync([ACME], [ANN])
    sync([{**ACME, "plan": "Growth"}], streams=("accounts",))
    assert crm.stored(ann)[STAGE] == "Trial"
    sync()
    assert crm.stored(ann)[STAGE] == "Growth"


def test_a_dry_run_counts_what_the_run_does_and_remembers_nothing(sync, crm):
    crm.person("ann@acme.example")
    crm.person("bob@acme.example")
    sync([ACME], [ANN, BOB])
    growing = [{**ACME, "plan": "Growth"}], [{**BOB, "churn_score": 1}]
    crm.calls()
    planned = [sync(*growing, dry_run=True).counts for _ in range(2)]
    assert crm.writes() == []
    real = sync(*growing)
    assert planned == [real.counts, real.counts]
    assert real.counts["users"] == {"updated": 2}


@pytest.mark.usual("pipedrive.daily_headers")
def test_what_the_budget_does_not_allow_follows_in_the_next_run(sync, crm, sandbox):
    persons = [crm.person(f"p{n}@acme.example") for n in range(5)]
    users = [
        {"user_id": f"u{n}", "email": f"p{n}@acme.example", "accounts": ["a1"]} for n in range(5)
    ]
    sync([ACME], users)
    limits = sandbox.pipedrive.limits
    needed = 22 + 20 + 5 + 3 * 5  # start, the account, the persons, three writes
    limits.spend(limits.left - 2 * needed)
    run = sync([{**ACME, "plan": "Growth"}])
    assert run.exit_code == 75, run.log
    assert 0 < sum(crm.stored(each)[STAGE] == "Growth" for each in persons) < 5
    sandbox.clock.advance(86_400)
    run = sync()
    assert run.exit_code == 0, run.log
    assert all(crm.stored(each)[STAGE] == "Growth" for each in persons)


def test_a_write_that_fails_in_passing_is_tried_again(sync, crm, sandbox, hasty):
    ann = crm.person("ann@acme.example")
    sync([ACME], [ANN])
    sandbox.fault("/pipedrive/*", "PATCH", times=None, action={"status": 503})
    sync([{**ACME, "plan": "Growth"}])
    assert crm.stored(ann)[STAGE] == "Trial"
    sandbox.clear_faults()
    sync(retry_limit=20)
    assert crm.stored(ann)[STAGE] == "Growth"


def test_the_ledger_has_only_what_lines_read_and_forgets_it(sync, target, crm):
    crm.person("ann@acme.example")
    sync([ACME], [ANN])
    text = target.ledger.read_bytes()
    assert json.dumps({"plan": "Trial"}, separators=(",", ":")).encode() in text
    assert b'"mrr"' not in text
    ledger = Ledger(target.ledger_url, "default")
    assert forget(ledger, "a1")["relatives"] == 1
    ledger.close()


def test_what_is_kept_of_a_user_stays_kept_whole(sync, crm, target):
    ann = crm.person("ann@acme.example")
    sync([ACME], [{**ANN, "churn_score": "lots"}])
    sync([{**ACME, "plan": "Growth"}])
    assert crm.stored(ann)[STAGE] == "Growth"
    ledger = Ledger(target.ledger_url, "default")
    assert release(ledger, name="ann@acme.example") == 1
    ledger.close()
    run = sync()
    assert "churn_score" in run.log or "Churn score" in run.log


def test_a_person_who_is_gone_is_not_made_of_what_the_account_says(sync, crm):
    ann = crm.person("ann@acme.example")
    named = [*FIELDS, {"from": "account.name", "to": "name"}]
    sync([ACME], [ANN], settings={"create": True, "fields": named})
    crm.delete(ann)
    before = len(crm.persons())
    run = sync(
        [{**ACME, "plan": "Growth", "name": "Acme 2"}], settings={"create": True, "fields": named}
    )
    assert len(crm.persons()) == before
    assert run.reasons["no_match"] >= 1
    assert not [line for line in crm.writes() if line.startswith("POST /api/v2/persons")]


def test_what_a_kept_account_says_is_not_lost_where_somebody_ends_the_run(
    sync, crm, target, monkeypatch
):
    person = crm.person("ann@acme.example")
    sync([ACME], [ANN])
    with closing(Ledger(target.ledger_url, "default")) as ledger:
        run = ledger.start_run("journy-to-pipedrive", dry_run=False)
        kept = Retry("accounts", "a1", json.dumps({**ACME, "plan": "Growth"}), "budget_spent")
        record(ledger, run, "journy-to-pipedrive", Entries(retries=[kept]))
        ledger.end_run(run, status="completed", calls=0, tokens=0)
    send = Carrier.send

    def interrupted(self, plan, items):
        os.kill(os.getpid(), signal.SIGTERM)
        return send(self, plan, items)

    with monkeypatch.context() as patched:
        patched.setattr(Carrier, "send", interrupted)
        assert sync([], streams=["accounts"]).exit_code == 75
    sync()
    assert crm.stored(person)[STAGE] == "Growth"
