"""Persons who move between accounts within one run: a dry run counts what the real run does."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger

ACME = {"id": 5, "name": "Acme", "account_id": "a1"}
BIRCH = {"id": 6, "name": "Birch", "account_id": "b1"}
ON = {"create": True}


def person(home):
    emails = [{"value": "ann@acme.example", "primary": True}]
    return {"id": 1, "first_name": "Ann", "emails": emails, "org_id": home}


@pytest.fixture
def both(plugins, journy):
    """The counts of a dry run, once its counts and calls were found to be the real run's."""

    def calls():
        ledger = Ledger(plugins.ledger_url, "default")
        run = max(ledger.runs(), key=lambda each: each.started)
        ledger.close()
        return run.planned_calls

    def compare(text):
        settings = {"persons": ON, "organizations": ON, "batch_size_rows": 1}
        dry = plugins.write(text, dry_run=True, **settings).counts
        planned = calls()
        journy.writes()
        assert plugins.write(text, **settings).counts == dry
        assert len(journy.writes()) == planned
        return dry

    return compare


MOVES = [
    (None, 5, 6, 5),
    (None, 5, 6, None),
    (None, 5, None, 6),
    (5, 6, 5),
    (5, 6, None),
]


@pytest.mark.parametrize("homes", MOVES, ids=str)
@pytest.mark.parametrize("first", ["organizations first", "persons first"])
def test_a_person_moves_between_accounts_that_the_run_makes(both, plugins, first, homes):
    organizations = plugins.stream("organizations", ACME, BIRCH)
    start, *moves = homes
    if start:
        plugins.write(plugins.stream("persons", person(start)), persons=ON)
    persons = plugins.stream("persons", *map(person, moves))
    both(organizations + persons if first == "organizations first" else persons + organizations)
