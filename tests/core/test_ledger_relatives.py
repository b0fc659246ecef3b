"""What records say to others that read them, and whom its news is for, in the ledger."""

from __future__ import annotations

import pytest
from sync_core.canonical import digest
from sync_core.ledger import Link
from sync_core.ledger.relatives import behind, members, recall
from sync_core.ledger.rows import Relative
from sync_core.ledger.writing import Entries, record

WAY = "journy-to-pipedrive"
TRIAL = {"plan": "Trial"}


@pytest.fixture
def keep(ledger):
    run = ledger.start_run(WAY, dry_run=False)

    def write(links=(), **said):
        relatives = [Relative("accounts", name, each) for name, each in said.items()]
        record(ledger, run, WAY, Entries(links=list(links), relatives=relatives))

    return write


def link(number, account, mark, *, pipedrive_id="7", kind="user"):
    made = Link(kind, f"p{number}@acme.example", pipedrive_id, f"u{number}", changed=True)
    made.belong(account, mark)
    return made


def test_what_was_said_last_counts(ledger, keep):
    keep(a1=TRIAL, a2={"plan": None})
    keep(a1={"plan": "Growth"})
    assert recall(ledger, "accounts", ["a1", "a2", "a3"]) == {
        "a1": {"plan": "Growth"},
        "a2": {"plan": None},
    }
    assert recall(ledger, "organizations", ["a1"]) == {}


def test_only_those_who_read_something_else_are_behind(ledger, keep):
    now = digest(TRIAL)
    links = [link(1, "a1", now), link(2, "a1", "?"), link(3, "a2", "?"), link(4, "", "")]
    links += [link(5, "a1", "?", pipedrive_id=""), link(6, "a1", "?", kind="lead")]
    keep(links, a1=TRIAL)
    assert [each.journy_id for each in behind(ledger, "user", "accounts", 0)] == ["u2"]
    (late,) = behind(ledger, "user", "accounts", 0)
    late.belong("a1", now)
    assert late.changed
    keep([late])
    assert behind(ledger, "user", "accounts", 0) == []


def test_many_come_in_portions_each_of_them_once(ledger, keep):
    keep([link(number, "a1", "?") for number in range(1_203)], a1=TRIAL)
    seen, after = [], 0
    while some := behind(ledger, "user", "accounts", after):
        assert len(some) <= 500
        seen += [each.key for each in some]
        after = some[-1].id
    assert len(seen) == len(set(seen)) == 1_203
    assert len(members(ledger, "user", {"a1"}, after - 3)) == 3
