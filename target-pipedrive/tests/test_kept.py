"""Kept records: gone through in portions, and superseded by whatever newer comes of them."""

from __future__ import annotations

import json
import re

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release
from sync_core.ledger.writing import Entries, Retry, record
from sync_tests.targets import to_try

WAY = "journy-to-pipedrive"
LINES = [{"from": "lifecycle", "to": "Lifecycle stage"}]
BEN = {"user_id": "ben", "email": "ben@acme.example"}


@pytest.fixture
def ledger(target):
    opened = Ledger(target.ledger_url, "default")
    yield opened
    opened.close()


def person(number, **values):
    return {"user_id": f"u{number}", "email": f"ann{number}@acme.example", **values}


def keep(ledger, count, **values):
    run = ledger.start_run(WAY, dry_run=False)
    payloads = {f"u{n}": json.dumps(person(n, **values)) for n in range(count)}
    retries = [Retry("users", each, text, "budget_spent") for each, text in payloads.items()]
    record(ledger, run, WAY, Entries(retries=retries))
    ledger.end_run(run, status="completed", calls=0, tokens=0)


def kept(ledger):
    return [each.source_id for each in to_try(ledger, WAY, "users")]


def batches(run):
    """How many records were brought to their outcomes at a time."""
    return [int(size) for size in re.findall(r"\| users: (\d+) skipped$", run.log, re.MULTILINE)]


def test_after_a_large_stop_no_more_than_a_batch_is_in_memory_at_a_time(target, crm, ledger):
    keep(ledger, 1_700)
    run = target.users(BEN)
    assert [size for size in batches(run) if size > 1] == [500, 500, 500, 200]
    assert run.counts["users"] == {"skipped": 1_701}
    assert kept(ledger) == []


def test_a_kept_record_that_comes_again_is_written_once_as_it_is_now(target, crm, ledger):
    people = [crm.person(f"ann{n}@acme.example") for n in range(3)]
    keep(ledger, 3, lifecycle="Trial")
    run = target.users(person(1, lifecycle="Customer"), fields=LINES)
    assert run.counts["users"] == {"updated": 3}
    assert len(crm.writes()) == 3
    stages = [crm.stored(each)["Lifecycle stage"] for each in people]
    assert stages == ["Trial", "Customer", "Trial"]
    assert kept(ledger) == []


@pytest.fixture
def rejected(target, crm, ledger):
    """Ann matches two persons; a person asked for her to be sent again."""
    twins = [crm.person("ann0@acme.example") for _ in range(2)]
    assert target.users(person(0)).reasons == {"several_matches": 1}
    assert release(ledger, reason="several_matches") == 1
    return twins


def sent_again(target, *records):
    """Each record is a batch of its own, and what is kept comes before the first."""
    return target.run(target.stream("users", *records), users={}, batch_size_rows=1)


def test_its_deletion_takes_the_place_of_a_kept_record_also_in_a_later_batch(
    target, rejected, ledger
):
    gone = person(0, _sdc_deleted_at="2026-01-01T00:00:00Z")
    run = sent_again(target, BEN, gone)
    assert run.reasons == {"several_matches": 1, "no_match": 1, "deleted": 1}
    assert release(ledger, reason="several_matches") == 0
    assert sent_again(target, BEN).reasons == {"no_match": 1}


def test_a_newer_version_takes_the_place_of_a_kept_one_also_in_a_later_batch(
    target, rejected, ledger
):
    run = sent_again(target, BEN, person(0, email="ann@elsewhere.example"))
    assert run.reasons == {"several_matches": 1, "no_match": 2}
    assert release(ledger, reason="several_matches") == 0


def test_a_version_that_is_refused_as_well_is_kept_in_place_of_the_older(
    target, crm, rejected, ledger
):
    sent_again(target, BEN, person(0, lifecycle="Customer"))
    assert release(ledger) == 1
    crm.delete(rejected[1])
    run = target.users(fields=LINES)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(rejected[0])["Lifecycle stage"] == "Customer"


@pytest.mark.usefixtures("hasty")
def test_an_older_version_in_the_same_batch_does_not_let_a_kept_record_go(
    target, crm, ledger, sandbox
):
    ann = crm.person("ann0@acme.example")
    keep(ledger, 1)
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", times=None, action={"status": 503})
    versions = [person(0, lifecycle=stage) for stage in ("Trial", "Customer")]
    run = target.users(*versions, fields=LINES)
    assert run.counts["users"] == {"unchanged": 1, "deferred": 1}
    sandbox.clear_faults()
    target.users(fields=LINES)
    assert crm.stored(ann)["Lifecycle stage"] == "Customer"


# Creates that a run announced and never came to send


@pytest.fixture
def refused(sandbox):
    """Pipedrive takes the credential back before the first create."""
    sandbox.fault("/pipedrive/api/v2/persons", "POST", times=None, action={"status": 401})
    return sandbox


def test_who_was_never_sent_is_made_by_the_next_run_at_once(target, crm, refused):
    people = [person(number, first_name="Ann") for number in range(3)]
    assert target.users(*people, create=True).exit_code == 1
    refused.clear_faults()
    assert target.users(*people, create=True).counts["users"] == {"created": 3}


def test_nor_is_one_lost_who_was_kept_before(target, crm, ledger, refused):
    keep(ledger, 3, first_name="Ann")
    assert target.users(BEN, create=True).exit_code == 1
    refused.clear_faults()
    target.users(create=True)
    assert len(crm.persons()) == 3
