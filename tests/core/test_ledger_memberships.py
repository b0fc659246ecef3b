"""Whom we put into which account, in the ledger, and who has which domain."""

from __future__ import annotations

import pytest
from sync_core.canonical import digest
from sync_core.ledger import Agreed, Link
from sync_core.ledger.accounts import holders
from sync_core.ledger.memberships import ADDED, MEMBER, added
from sync_core.ledger.relatives import waiting
from sync_core.ledger.rows import Left
from sync_core.ledger.writing import Entries, record

WAY = "pipedrive-to-journy"


@pytest.fixture
def keep(ledger):
    run = ledger.start_run(WAY, dry_run=False)
    return lambda **entries: record(ledger, run, WAY, Entries(**entries))


def user(number, account, related=("", "")):
    made = Link("user", f"p{number}@acme.example", str(number), f"u{number}", changed=True)
    for pair in (MEMBER, ADDED):
        made.agree(pair, Agreed(digest(account), digest(account)))
    made.belong(*related)
    made.find_in_step("pipedrive", "mark")
    return made


def account(key, number="", domain="", *, known=True):
    made = Link("account", key, number, key if known else "", changed=True)
    if domain:
        made.agree(("website", "domain"), Agreed(digest(domain), digest(domain)))
    return made


def found(ledger):
    return {link.key[:2]: link for link in ledger.links_by("user", "pipedrive_id", "1234").values()}


def due(ledger):
    return {link.key[:2] for link in waiting(ledger, "user", "pipedrive_id", "journy", 0)}


def test_members_of_an_account_wait_for_the_one_that_their_organization_stands_for(ledger, keep):
    people = [user(1, "a1"), user(2, "a1", ("5", "said")), user(3, "b1"), user(4, "a1", ("6", ""))]
    keep(links=[account("a1", "5"), *people])
    former = ledger.links_by("account", "key", ["a1"])["a1"]
    former.place("pipedrive", "")
    keep(links=[former, account("a2", "5", known=False)], left=[Left("a1", "5"), Left("c1", "9")])
    assert due(ledger) == set(), "journy doesn't have that account yet"
    keep(links=[account("a2", "5")])
    assert due(ledger) == {"p1", "p2"}
    links = found(ledger)
    assert [links[name].related for name in ("p1", "p2", "p3", "p4")] == [
        ("5", "-"), ("5", "-said"), ("", ""), ("6", ""),
    ]  # fmt: skip
    assert ADDED in links["p1"].agreed
    assert {link.key[:2] for link in added(ledger, "user", [digest("a1")], 0)} == {"p1", "p2", "p4"}


def test_the_memberships_of_a_deleted_account_are_forgotten(ledger, keep):
    keep(links=[user(1, "a1"), user(2, "b1")])
    keep(left=[Left("a1", "5", deleted=True)])
    links = found(ledger)
    assert (links["p1"].agreed, links["p1"].steps["pipedrive"]) == ({}, "")
    assert links["p2"].agreed.keys() == {MEMBER, ADDED}
    assert links["p2"].steps["pipedrive"] == "mark"


def test_another_connections_members_are_left_alone(open_ledger):
    mine, other = open_ledger(), open_ledger("other")
    for ledger in (mine, other):
        record(ledger, ledger.start_run(WAY, dry_run=False), WAY, Entries(links=[user(1, "a1")]))
    run = mine.start_run(WAY, dry_run=False)
    record(mine, run, WAY, Entries(left=[Left("a1", "5", deleted=True)]))
    assert found(mine)["p1"].agreed == {}
    assert found(other)["p1"].related == ("", "")
    assert found(other)["p1"].agreed.keys() == {MEMBER, ADDED}


def test_who_has_a_domain_as_far_as_journy_is_known_to_hold_it(ledger, keep):
    keep(links=[account("a1", "5", "acme.example"), account("b1", "6", "birch.example"),
                account("c1", "7", "acme.example", known=False)])  # fmt: skip
    stamps = [digest(each) for each in ("acme.example", "cedar.example")]
    assert holders(ledger, "account", "domain", stamps) == {stamps[0]: {"a1"}}
    assert holders(ledger, "account", "name", stamps) == {}
