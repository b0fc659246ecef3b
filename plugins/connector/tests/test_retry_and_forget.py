"""Sending what is kept again, and forgetting a person with a proof of it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

DOWN = {"status": 503, "body": {}}
PERSON = "/pipedrive/api/v2/persons/*"


@pytest.fixture
def kept(history, monkeypatch):
    """One person whose write failed, and one activity that did, beside one who was rejected."""
    monkeypatch.setattr("sync_core.http.LONGEST_WAIT_SECONDS", 0.0)
    history.sandbox.fault(PERSON, "PATCH", times=None, action=DOWN)
    activities = "/pipedrive/api/v2/activities"
    history.sandbox.fault(activities, "POST", times=None, action={"status": 503, "body": {}})
    entered = {"segments": ["Product qualified leads"]}
    history.users(
        {"user_id": "u2", "email": "bob@acme.example", "stage": "Gone"},
        {"user_id": "u3", "email": "cat@acme.example", "stage": None, **entered},
    )
    history.sandbox.clear_faults()
    return history


def rows(history, table, where="1=1"):
    with sqlite3.connect(history.folder / "led ger.db") as db:
        return db.execute(f"select * from {table} where {where}").fetchall()


def test_without_a_choice_it_shows_what_is_kept_and_changes_nothing(kept):
    before = rows(kept, "retries")
    shown = kept.run("retry").output
    assert "actions/call-new-pqls" in shown
    assert "unavailable" in shown
    assert rows(kept, "retries") == before


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        (["--all"], 3),
        (["--reason", "unavailable"], 1),
        (["--stream", "actions/call-new-pqls"], 1),
        (["--record", "BOB@acme.example"], 1),
        (["--direction", "journy-to-pipedrive"], 3),
        (["--direction", "pipedrive-to-journy"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_was_given_up_is_tried_again_by_choice(kept, choice, count):
    with sqlite3.connect(kept.folder / "led ger.db") as db:
        db.execute("update retries set given_up='2026-01-01', due='2999-01-01', tries=9")
    said = kept.run("retry", *choice).output
    assert ("Nothing that is kept fits" in said) if not count else (f"tries {count} kept" in said)
    assert len(rows(kept, "retries", "given_up='' and due='' and tries=0")) == count


def test_the_next_run_sends_what_was_released(kept):
    kept.run("retry", "--all")
    kept.users()
    assert rows(kept, "retries", "stream='users' and reason='unavailable'") == []
    assert "Nothing that is kept fits" in kept.run("retry", "--reason", "unavailable").output


def test_all_and_a_choice_contradict_each_other(history):
    said = history.run("retry", "--all", "--reason", "gone", expect=None)
    assert said.exit_code != 0
    assert "--all takes everything" in said.output


def test_a_rejected_record_waits_for_whoever_mends_it(history):
    shown = history.run("retry").output
    assert "bad_value" in shown
    assert "when you ask for it" in shown


def test_with_nothing_kept_it_says_so(history):
    with sqlite3.connect(history.folder / "led ger.db") as db:
        db.execute("delete from retries")
    assert history.run("retry").output == "Nothing is kept for another try.\n"


def test_an_unknown_connection_is_refused_with_those_that_are_known(history):
    said = history.run("retry", "--all", "--connection", "defualt", expect=1).output
    assert "did you mean 'default'?" in said


def test_a_forgotten_person_is_in_no_table_and_in_no_byte_of_the_ledger(kept):
    proof = json.loads(kept.run("forget", "Bob@acme.example", "--yes", "--json").output)
    assert {"links", "agreed", "outcomes", "retries"} <= {
        table for table, count in proof["removed"].items() if count
    }
    assert not any(proof["left"].values())
    for file in Path(kept.folder).glob("led ger.db*"):
        assert b"bob@acme" not in file.read_bytes().lower()
    assert kept.run("log", "--record", "bob@acme.example").output == "Nothing in the log fits.\n"


def test_others_stay_as_they_are(history):
    before = rows(history, "links", "key<>'moved@acme.example'")
    history.run("forget", "moved@acme.example", "--yes")
    assert rows(history, "links") == before
    gone = history.run("log", "--record", "moves@acme.example").output
    assert gone == "Nothing in the log fits.\n", "the earlier address is forgotten as well"
    assert "ann@acme.example" in history.run("log").output


def test_it_asks_first_and_a_no_changes_nothing(history):
    before = rows(history, "outcomes")
    said = history.run("forget", "ann@acme.example", typed="n\n", expect=1).output
    assert "in outcomes" in said
    assert rows(history, "outcomes") == before
    history.run("forget", "ann@acme.example", typed="y\n")
    assert rows(history, "links", "key='ann@acme.example'") == []


def test_somebody_whom_the_ledger_never_met_leaves_nothing_to_forget(history):
    said = history.run("forget", "nobody@acme.example").output
    assert said == "The ledger holds nothing of such a record.\n"


def test_the_next_run_meets_a_forgotten_person_anew_without_making_another(history):
    history.run("forget", "bob@acme.example", "--yes")
    history.users({"user_id": "u2", "email": "bob@acme.example", "stage": "Back"})
    (line,) = [
        json.loads(each)
        for each in history.run("log", "--record", "bob@acme.example", "--json").output.splitlines()
    ]
    assert line["outcome"] == "updated"
