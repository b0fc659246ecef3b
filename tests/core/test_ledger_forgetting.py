"""A person's data can be dropped from the ledger, and a kept record can be tried at once."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import sqlalchemy as sa
from sync_core.canonical import digest
from sync_core.errors import ConfigurationError, LedgerError
from sync_core.ledger import Agreed, Link, OutcomeRow, Sample, tables
from sync_core.ledger.forgetting import forget, release, traces
from sync_core.ledger.rows import Relative
from sync_core.ledger.samples import save_samples
from sync_core.ledger.triggers import Trigger, remembered
from sync_core.ledger.writing import Entries, Retry, record
from sync_core.policy import Policy
from sync_tests.targets import to_try

TO_PIPEDRIVE, TO_JOURNY = "journy-to-pipedrive", "pipedrive-to-journy"
ANN, BOB = "ann@acme.example", "bob@acme.example"
NOTHING = dict.fromkeys(
    (
        *("agreed", "links", "outcomes", "samples", "retries", "triggers", "indexed", "relatives"),
        "claimants",
    ),
    0,
)


def firing(key, record_id, remote_id):
    payload = json.dumps(
        {"action": "call", "record": record_id, "key": key, "remote_id": remote_id}
    )
    return Retry("actions/call", f"2026-01-01 {record_id}", payload, "unavailable")


def person(key, pipedrive_id, journy_id):
    """Everything that the ledger may hold of a person."""
    link = Link("user", key, pipedrive_id, journy_id, agreed={("a", "b"): Agreed("x", "y")})
    lines = [
        OutcomeRow("users", "rejected", "bad_value", key=f"former-{key}", journy_id=journy_id),
        OutcomeRow("persons", "updated", "updated", key=key, pipedrive_id=pipedrive_id),
        OutcomeRow("actions", "created", "created", "", key, pipedrive_id, journy_id),
    ]
    kept = Retry("users", journy_id, json.dumps({"email": key.upper()}), "unavailable")
    return Entries(
        outcomes=lines,
        counts=Counter({("users", "rejected", "bad_value"): 1}),
        links=[link],
        retries=[kept, firing(key, journy_id, pipedrive_id)],
        triggers=[Trigger("call", journy_id, {"c": "1"}), Trigger("call", "")],
        relatives=[Relative("users", journy_id, {"owner": key})],
        claimants={("user", pipedrive_id): key},
    )


def index(ledger, key, remote_id):
    place = {"connection": ledger.connection, "entity": "person", "field": "emails"}
    with ledger.transaction() as db:
        row = {**place, "key": digest(key), "remote_id": remote_id, "stamp": "s"}
        db.execute(tables.indexed.insert().values(row))
        if not db.execute(sa.select(tables.indexes)).all():
            row = {**place, "until": "2026-01-01", "size": 2, "at": "2026-01-01"}
            db.execute(tables.indexes.insert().values(row))


@pytest.fixture
def full(ledger):
    run = ledger.start_run(TO_PIPEDRIVE, dry_run=False)
    for key, pipedrive_id, journy_id in ((ANN, "7", "u1"), (BOB, "8", "u2")):
        record(ledger, run, TO_PIPEDRIVE, person(key, pipedrive_id, journy_id))
        back = Retry("persons", pipedrive_id, json.dumps({"emails": [{"value": key}]}), "gone")
        record(ledger, run, TO_JOURNY, Entries(retries=[back]))
        sample = Sample("users", "updated", key, pipedrive_id, journy_id, "Stage", "a", "b")
        save_samples(ledger, run, [sample])
        index(ledger, key, pipedrive_id)
    return ledger


@pytest.mark.parametrize("name", [ANN, "Ann@Acme.Example ", f"former-{ANN}", "7", "u1"])
def test_everything_about_a_person_is_dropped_by_any_of_their_names(full, name):
    before = traces(full, BOB)
    counts = forget(full, name)
    assert counts == {
        "agreed": 1,
        "links": 1,
        "outcomes": 3,
        "samples": 1,
        "retries": 3,
        "triggers": 1,
        "indexed": 1,
        "relatives": 1,
        "claimants": 1,
    }
    assert traces(full, ANN) == traces(full, "7") == traces(full, "u1") == NOTHING
    assert traces(full, BOB) == before
    assert remembered(full, "call", ["u2", ""]).keys() == {"u2", ""}


def test_nothing_of_a_forgotten_person_is_left_anywhere(full):
    forget(full, ANN)
    with full.reading() as db:
        for table in tables.metadata.sorted_tables:
            rows = db.execute(sa.select(table)).all()
            assert "ann@acme" not in repr(rows).casefold(), table.name
            assert digest(ANN) not in repr(rows), table.name


def test_what_a_run_counted_stays(full):
    forget(full, ANN)
    assert full.runs()[0].counts == {"users": {"rejected": 2}}


def test_an_index_without_a_forgotten_record_does_not_count_as_whole(full):
    forget(full, "nobody@acme.example")
    with full.reading() as db:
        assert db.execute(sa.select(tables.indexes.c.until)).scalar_one() == "2026-01-01"
    forget(full, ANN)
    with full.reading() as db:
        assert not db.execute(sa.select(tables.indexes.c.until)).scalar_one()


def test_an_id_that_several_kinds_have_is_only_forgotten_with_its_kind(full):
    run = full.start_run(TO_PIPEDRIVE, dry_run=False)
    record(full, run, TO_PIPEDRIVE, Entries(links=[Link("account", "acc1", "7", changed=True)]))
    with pytest.raises(ConfigurationError, match="account, user; say which"):
        forget(full, "7")
    assert forget(full, "7", "account")["links"] == 1
    assert forget(full, "7")["links"] == 1


def test_somebody_who_was_never_linked_is_forgotten_as_well(ledger):
    run = ledger.start_run(TO_PIPEDRIVE, dry_run=False)
    line = OutcomeRow("users", "rejected", "several_matches", key=ANN, journy_id="u1")
    record(ledger, run, TO_PIPEDRIVE, Entries(outcomes=[line]))
    assert forget(ledger, ANN) == {**NOTHING, "outcomes": 1}


def test_another_connection_keeps_what_it_knows(full, open_ledger):
    other = open_ledger("other")
    run = other.start_run(TO_PIPEDRIVE, dry_run=False)
    record(other, run, TO_PIPEDRIVE, person(ANN, "7", "u1"))
    before = traces(other, ANN)
    forget(full, ANN)
    assert traces(other, ANN) == before
    assert before["outcomes"] == 3


def test_a_forgetting_that_fails_leaves_everything(full, monkeypatch):
    before = traces(full, ANN)

    def broken(*_args):
        raise sa.exc.DBAPIError("", {}, Exception("out of space"))

    monkeypatch.setattr("sync_core.ledger.subjects.in_index", broken)
    with pytest.raises(LedgerError, match="out of space"):
        forget(full, ANN)
    monkeypatch.undo()
    assert traces(full, ANN) == before


def worn_out(open_ledger):
    ledger = open_ledger("default", Policy(retry_limit=1))
    run = ledger.start_run(TO_PIPEDRIVE, dry_run=False)
    kept = [
        Retry("users", "u1", json.dumps({"email": ANN}), "unavailable"),
        Retry("users", "u2", json.dumps({"email": BOB}), "gone"),
        firing(BOB, "u2", "8"),
    ]
    line = OutcomeRow("users", "deferred", "unavailable", key=BOB, journy_id="u2")
    record(ledger, run, TO_PIPEDRIVE, Entries(retries=kept, outcomes=[line]))
    assert due(ledger) == set()
    return ledger


def due(ledger):
    streams = ("users", "actions/call")
    return {
        json.loads(kept.payload).get("email", stream)
        for stream in streams
        for kept in to_try(ledger, TO_PIPEDRIVE, stream)
    }


RELEASES = {
    "all": ({}, 3, {ANN, BOB, "actions/call"}),
    "by reason": ({"reason": "gone"}, 1, {BOB}),
    "by stream": ({"stream": "actions/call"}, 1, {"actions/call"}),
    "by direction": ({"direction": TO_JOURNY}, 0, set()),
    "by record": ({"name": BOB}, 2, {BOB, "actions/call"}),
    "by id": ({"name": "u2", "stream": "users"}, 1, {BOB}),
    "by nobody": ({"name": "nobody@acme.example"}, 0, set()),
}


@pytest.mark.parametrize(("chosen", "count", "expected"), RELEASES.values(), ids=RELEASES.keys())
def test_what_was_given_up_is_tried_again_when_it_is_released(open_ledger, chosen, count, expected):
    ledger = worn_out(open_ledger)
    assert release(ledger, **chosen) == count
    assert due(ledger) == expected
