"""Persons who come before their organization: a dry run counts what the real run does."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger

ACME = {"id": 5, "name": "Acme", "account_id": "a1"}
ON = {"create": True}


def person(number, **more):
    emails = [{"value": f"p{number}@acme.example", "primary": True}]
    return {"id": number, "first_name": "Ann", "emails": emails, "org_id": 5, **more}


@pytest.fixture
def sync(plugins):
    """One run with persons before their organizations."""

    def run(persons=(), organizations=(), **more):
        text = plugins.stream("persons", *persons) + plugins.stream("organizations", *organizations)
        return plugins.write(text, persons=ON, organizations=ON, **more)

    return run


def both(sync, *streams, **more):
    """The counts of a dry run and of the real one after it, which are the same."""
    dry = sync(*streams, dry_run=True, **more).counts
    assert sync(*streams, **more).counts == dry
    return dry


@pytest.mark.parametrize("size", [1, 500], ids=["several batches", "one batch"])
def test_new_users_of_a_new_account(sync, journy, size):
    people = [person(1), person(2), person(3, org_id=None)]
    counts = both(sync, people, [ACME], batch_size_rows=size)
    assert counts == {"persons": {"created": 3, "updated": 2}, "organizations": {"created": 1}}
    homes = [journy.user(f"p{number}@acme.example")["accounts"] for number in (1, 2, 3)]
    assert homes == [["a1"], ["a1"], []]


def test_known_users_of_a_new_account(sync, journy):
    sync([person(1, org_id=None), person(2, org_id=None)])
    counts = both(sync, [person(1), person(2, org_id=None)], [ACME])
    assert counts["persons"] == {"unchanged": 2, "updated": 1}


def test_of_several_versions_the_last_counts(sync, journy):
    people = [person(1, org_id=None), person(1), person(2), person(2, org_id=None)]
    counts = both(sync, people, [ACME], batch_size_rows=1)
    assert counts["persons"]["created"] == 2
    assert journy.user("p1@acme.example")["accounts"] == ["a1"]
    assert journy.user("p2@acme.example")["accounts"] == []


def test_their_memberships_are_in_the_price(sync, plugins):
    sync([person(1), person(2)], [ACME], dry_run=True)
    ledger = Ledger(plugins.ledger_url, "default")
    (run,) = ledger.runs()
    ledger.close()
    assert run.planned_calls == 4  # two users, their account, and one call for both memberships
