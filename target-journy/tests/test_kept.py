"""A kept person is superseded by whatever newer comes of them."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

BEN = {"id": 8, "emails": [{"value": "ben@acme.example", "primary": True}]}
LATE = "2026-01-02T00:00:00Z"


def ann(**values):
    return {"id": 7, "emails": [{"value": "ben@acme.example", "primary": True}], **values}


@pytest.fixture
def rejected(plugins, journy):
    """Two persons have one address, and somebody asked for the second to be sent again."""
    run = plugins.persons(BEN, ann(), create=True)
    assert run.reasons["duplicate_key"] == 1
    ledger = Ledger(plugins.ledger_url, "default")
    yield lambda: release(ledger, reason="duplicate_key")
    ledger.close()


def sent(plugins, *records):
    """Each record is a batch of its own, and what is kept comes before the first."""
    text = plugins.stream("persons", *records)
    return plugins.write(text, persons={"create": True}, batch_size_rows=1)


def test_its_deletion_takes_the_place_of_a_kept_person_also_in_a_later_batch(plugins, rejected):
    assert rejected() == 1
    run = sent(plugins, BEN, {"id": 7, "is_deleted": True, "update_time": LATE})
    assert (run.reasons["duplicate_key"], run.reasons["deleted"]) == (2, 1)
    assert run.reasons["no_difference"] == 1, "the other one has the address alone by then"
    assert rejected() == 0


def test_a_newer_version_takes_the_place_of_a_kept_one_also_in_a_later_batch(
    plugins, journy, rejected
):
    assert rejected() == 1
    renamed = ann(emails=[{"value": "ann@acme.example", "primary": True}])
    assert sent(plugins, BEN, renamed).counts["persons"]["created"] == 1
    assert rejected() == 0
    assert sorted(journy.users()) == ["ann@acme.example", "ben@acme.example"]


def test_a_person_who_is_as_before_stays_kept(plugins, rejected):
    assert rejected() == 1
    assert sent(plugins, BEN, ann()).reasons["duplicate_key"] == 3
    assert rejected() == 2, "the other one, too: neither is chosen"
