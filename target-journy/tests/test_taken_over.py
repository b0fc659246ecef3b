"""An account id that one organization gives up and another takes over, in another batch or run.

For a while both have it, as far as is known, and the second is rejected, until it is sent again.
"""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

ACME = {"id": 5, "name": "Acme", "account_id": "a1"}
BIRCH = {"id": 6, "name": "Birch", "account_id": "b1"}
ON = {"create": True}
#: The ids by then; none of them is in an order that could be followed in one go.
MOVES = {
    "one is taken over": {"a1": BIRCH, "a2": ACME},
    "the two are swapped": {"b1": ACME, "a1": BIRCH},
    "each moves on": {"b1": ACME, "b2": BIRCH},
}


def person(number, home):
    emails = [{"value": f"p{number}@acme.example", "primary": True}]
    return {"id": number, "first_name": "Ann", "emails": emails, "org_id": home["id"]}


@pytest.fixture
def sync(plugins, journy):
    """One run that brings some organizations and persons; first, all of them as they were."""

    def run(*organizations, persons=(), **more):
        text = plugins.stream("organizations", *organizations) + plugins.stream("persons", *persons)
        return plugins.write(text, persons=ON, organizations=ON, batch_size_rows=1, **more)

    run(ACME, BIRCH, persons=[person(1, ACME), person(2, ACME), person(3, BIRCH)])
    assert homes(journy) == [["a1"], ["a1"], ["b1"]]
    return run


@pytest.fixture
def retry(plugins):
    """What `connector retry` does."""

    def ask():
        ledger = Ledger(plugins.ledger_url, "default")
        release(ledger, reason="duplicate_key")
        ledger.close()

    return ask


def homes(journy):
    return [journy.user(f"p{n}@acme.example")["accounts"] for n in (1, 2, 3)]


@pytest.mark.parametrize("moves", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("apart", [True, False], ids=["runs", "batches"])
def test_the_members_follow_their_organizations_though_none_comes_by(
    sync, retry, journy, moves, apart
):
    coming = [{**organization, "account_id": each} for each, organization in moves.items()]
    for batch in [[each] for each in coming] if apart else [coming]:
        dry = sync(*batch, dry_run=True).counts
        assert sync(*batch).counts == dry
    retry()
    dry = sync(dry_run=True).counts
    assert sync().counts == dry
    home = {organization["name"]: [each] for each, organization in moves.items()}
    assert homes(journy) == [home["Acme"], home["Acme"], home["Birch"]]
    journy.writes()
    sync(*coming, persons=[person(1, ACME), person(2, ACME), person(3, BIRCH)])
    assert journy.writes() == []


def test_they_stay_where_both_organizations_keep_the_id(sync, journy):
    sync({**BIRCH, "account_id": "a1"})
    sync(ACME, persons=[person(1, ACME)])
    assert homes(journy) == [["a1"], ["a1"], ["b1"]]
