"""A dry run counts what the run after it does, whatever comes how often in how many batches."""

from __future__ import annotations

import sqlite3
from collections import Counter

import pytest
from sync_core.ledger import Ledger

STAGE = "Lifecycle stage"
LINES = [{"from": "lifecycle", "to": STAGE}]
USERS = {"create": True, "fields": LINES}
BOTH = {"users": USERS, "accounts": {"create": True}}
GONE = {"_sdc_deleted_at": "2026-01-01T00:00:00Z"}
#: What a run remembers for later ones.
MEMORY = ("links", "agreed", "retries", "triggers", "relatives", "indexes")
#: Reasons of what was written; a dry run calls all of it planned.
WRITTEN = {"planned", "created", "updated", "removed", "some_fields_rejected"}


def user(number, stage=None, **values):
    about = {"user_id": f"u{number}", "email": f"p{number}@acme.example", "last_name": "Lee"}
    return {**about, "first_name": "Ann", "lifecycle": stage, **values}


def account(number, **values):
    return {"account_id": f"a{number}", "name": f"Firm {number}", **values}


OLD = "p1@acme.example"
ADDRESS = {"email": "new@acme.example"}
HOME = {"accounts": ["a1"]}
DEAL = {"number": "D1", "title": "Deal", "buyer": OLD, "firm": "a1"}
LEAD = {**DEAL, "number": "L1", "shelved": True}


def table(entity, *lines):
    fields = [{"from": column, "to": field} for column, field in lines]
    match = {"from": "number", "to": "Signal"}
    return {"entity": entity, "match": match, "create": True, "fields": fields}


TITLE, BUYER = ("title", "Title"), ("buyer", "Contact person")
DEALS = table("deal", TITLE, BUYER, ("firm", "Organization"))
LEADS = table("lead", TITLE, BUYER, ("shelved", "Archived"))
CALL = {
    "name": "call",
    "when": {"entity": "user", "property": "lifecycle", "becomes": "Hot"},
    "activity": {"type": "call", "subject": "Call {first_name}"},
}
CALLS = {"users": {"create": True}, "actions": [CALL]}
BORN = {"created_at": "2999-01-01T00:00:00Z"}
DELETE, ARCHIVE = "delete", {"field": STAGE, "value": "Gone"}

#: What comes in one run, each as (stream, records), and the settings; a first run before it has
#: `u1` at the stage A.
STORIES = {
    "a value and back": ([("users", user(1, "B"), user(1, "A"))], BOTH),
    "a value, none, and back": ([("users", user(1, "B"), user(1), user(1, "A"))], BOTH),
    "a new record and back": ([("users", user(2, "A"), user(2, "B"), user(2))], BOTH),
    "others between": ([("users", user(1, "B"), user(3), user(1, "A"), user(4))], BOTH),
    "an automatic line": ([("users", user(3), user(3, first_name="Bea"), user(3))], BOTH),
    "a list that others fill too": ([("users", *(user(1, phone=each) for each in "121"))], BOTH),
    "a key that moves on": ([("users", user(1, **ADDRESS), user(2, email=OLD))], BOTH),
    "a new record's key": ([("users", user(2), user(2, **ADDRESS), user(3, **ADDRESS))], BOTH),
    "deleted and back": ([("users", user(1, **GONE), user(1, "A"))],
                         {"users": {**USERS, "on_delete": DELETE}}),
    "made and deleted": ([("users", user(2), user(2, **GONE), user(2))],
                         {"users": {**USERS, "on_delete": DELETE}}),
    "archived twice": ([("users", user(1, **GONE), user(1, **GONE))],
                       {"users": {**USERS, "on_delete": ARCHIVE}}),
    "accounts first": ([("accounts", account(1)), ("users", user(1, **HOME), user(2, **HOME))],
                       BOTH),
    "accounts last": ([("users", user(1, **HOME), user(2, **HOME)), ("accounts", account(1))],
                      BOTH),
    "accounts of nobody": ([("users", user(2, **HOME)), ("accounts", account(1))],
                           {"users": {"create": False}, "accounts": {"create": True}}),
    "deals of the new": ([("accounts", account(1)), ("users", user(1)), ("deals", DEAL),
                          ("deals", {**DEAL, "title": "Other"}, DEAL)],
                         {**BOTH, "streams": {"deals": DEALS}}),
    "what no new one is given": ([("users", user(1)), ("leads", LEAD, LEAD)],
                                 {**BOTH, "streams": {"leads": LEADS}}),
    "signals": ([("users", user(1, "Hot"), user(1, "A"), user(1, "Hot"), user(2, "Hot"))], CALLS),
    "a signal of a new one": ([("users", user(2, "A", **BORN), user(2, "Hot", **BORN))], CALLS),
}  # fmt: skip
TEXTS = {name: {"type": ["string", "null"]} for name in ("number", "title", "buyer", "firm")}
COLUMNS = {"deals": TEXTS, "leads": {**TEXTS, "shelved": {"type": "boolean"}}}


class Diary:
    """Runs, each with all that counts of it."""

    def __init__(self, target):
        self.target = target

    def messages(self, parts):
        for name, *records in parts:
            if name in COLUMNS:
                yield from self.target.table(name, COLUMNS[name], *records)
            else:
                yield from self.target.stream(name, *records)

    def run(self, parts, **settings):
        """Records by stream, outcome, reason and fields, and the calls and tokens in all."""
        done = self.target.run(list(self.messages(parts)), **settings)
        assert done.exit_code == 0
        ledger = Ledger(self.target.ledger_url, "default")
        row = ledger.runs()[-1]
        ledger.close()
        reasons, fields = Counter(), Counter()
        for each in row.reasons:
            reason = "written" if each["reason"] in WRITTEN else each["reason"]
            reasons[each["entity"], each["outcome"], reason] += each["count"]
        for line in done.lines:
            fields[line.entity, line.outcome, line.fields] += bool(line.fields)
        planned = (row.planned_calls or 0, row.planned_tokens or 0)
        return reasons, +fields, row.calls + planned[0], row.tokens + planned[1]

    def memory(self):
        with sqlite3.connect(self.target.ledger) as db:
            return {name: db.execute(f"select * from {name}").fetchall() for name in MEMORY}


@pytest.fixture
def diary(target):
    return Diary(target)


@pytest.mark.usual("pipedrive.patch_lists")
@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_dry_run_counts_records_fields_calls_and_tokens_like_the_real_one(
    diary, crm, story, batch
):
    parts, settings = story
    diary.run([("users", user(1, "A"))], **{**settings, "users": {**settings["users"], **USERS}})
    crm.person("p3@acme.example")
    before = diary.memory()
    dry = diary.run(parts, batch_size_rows=batch, dry_run=True, **settings)
    assert crm.writes() == []
    assert diary.memory() == before
    assert dry == diary.run(parts, batch_size_rows=batch, **settings)


def test_no_made_up_id_of_a_dry_run_is_shown_to_anybody(diary, target, crm):
    parts, settings = STORIES["deals of the new"]
    run = target.run(list(diary.messages(parts)), dry_run=True, batch_size_rows=1, **settings)
    assert {line.pipedrive_id for line in run.lines} == {""}
    with sqlite3.connect(target.ledger) as db:
        shown = db.execute("select pipedrive_id, before, after from samples").fetchall()
    assert not [text for row in shown for text in row if text and text.startswith("-")]


def test_a_dry_run_names_the_values_that_the_real_one_refuses(target, crm):
    lines = [*LINES, {"from": "health", "to": "Churn score"}]
    messages = target.stream("users", user(1, "A", health="high"))
    runs = [target.run(messages, users={"create": True, "fields": lines}, dry_run=dry)
            for dry in (True, False)]  # fmt: skip
    dry, real = (run.text("some_fields_rejected") for run in runs)
    assert real.startswith("Churn score: expected a number")
    assert dry.startswith("would write ")
    assert dry.endswith(f"; {real}")
    assert all("1 created, some_fields_rejected: " in run.log for run in runs)
