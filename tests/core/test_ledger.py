"""The ledger keeps all of a batch or nothing, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections import Counter

import pytest
import sqlalchemy as sa
from sync_core.errors import ConfigurationError, LedgerError
from sync_core.ledger import Agreed, Ledger, Link, OutcomeRow, tables
from sync_core.ledger.writing import Entries, Retry, record
from sync_tests.targets import to_try

WAY = "journy-to-pipedrive"
PAIR = ("abc", "plan")


@pytest.fixture
def run(ledger):
    return ledger.start_run(WAY, dry_run=False)


def keep(ledger, run, **entries):
    record(ledger, run, WAY, Entries(**entries))


def link(key, **about):
    return Link("user", key, changed=True, **about)


def find(ledger, *keys, column="key"):
    return ledger.links_by("user", column, keys)


def test_a_link_is_found_by_each_of_its_names(ledger, run):
    keep(ledger, run, links=[link("jane@acme.example", pipedrive_id="7", journy_id="u1")])
    for column, value in (("key", "jane@acme.example"), ("pipedrive_id", "7"), ("journy_id", "u1")):
        (found,) = find(ledger, value, column=column).values()
        assert (found.key, found.pipedrive_id, found.journy_id) == ("jane@acme.example", "7", "u1")
        assert not found.changed


def test_more_links_are_found_than_one_query_asks_for(ledger, run):
    agreed = {PAIR: Agreed("a", "b")}
    many = [link(f"k{n}", pipedrive_id=str(n), agreed=dict(agreed)) for n in range(1201)]
    keep(ledger, run, links=many)
    found = find(ledger, *(each.key for each in many), "unknown", "")
    assert set(found) == {each.key for each in many}
    assert all(each.agreed == agreed for each in found.values())
    assert len(find(ledger, *map(str, range(1201)), column="pipedrive_id")) == 1201
    assert ledger.count_links("user", "pipedrive") == 1201
    assert ledger.count_links("user", "journy") == ledger.count_links("account", "pipedrive") == 0


def test_connections_and_kinds_do_not_see_each_other(open_ledger):
    one, other = open_ledger("one"), open_ledger("other")
    run = one.start_run(WAY, dry_run=False)
    keep(one, run, links=[link("k", pipedrive_id="1"), Link("account", "k", pipedrive_id="2")])
    assert find(other, "k") == {}
    assert one.links_by("account", "key", ["k"])["k"].pipedrive_id == "2"
    assert find(one, "k")["k"].pipedrive_id == "1"


def test_a_link_follows_its_key_and_keeps_its_memory(ledger, run):
    keep(ledger, run, links=[link("old", pipedrive_id="7", agreed={PAIR: Agreed("a", "b")})])
    known = find(ledger, "old")["old"]
    known.rename("new")
    keep(ledger, run, links=[known])
    assert find(ledger, "old") == {}
    assert find(ledger, "new")["new"].agreed == {PAIR: Agreed("a", "b")}
    assert ledger.count_links("user", "pipedrive") == 1


def test_a_link_that_takes_anothers_key_replaces_it(ledger, run):
    keep(ledger, run, links=[link("a", pipedrive_id="1"), link("b", pipedrive_id="2",
         agreed={PAIR: Agreed("x", "y")})])  # fmt: skip
    known = find(ledger, "a")["a"]
    known.rename("b")
    keep(ledger, run, links=[known])
    (found,) = find(ledger, "a", "b").values()
    assert (found.key, found.pipedrive_id, found.agreed) == ("b", "1", {})


def test_links_that_swap_their_keys_both_stay(ledger, run):
    keep(ledger, run, links=[link("a", pipedrive_id="1"), link("b", pipedrive_id="2")])
    found = find(ledger, "a", "b")
    found["a"].rename("b")
    found["b"].rename("a")
    keep(ledger, run, links=list(found.values()))
    assert {each.key: each.pipedrive_id for each in find(ledger, "a", "b").values()} == {
        "a": "2",
        "b": "1",
    }


def test_agreed_values_are_overwritten_added_and_forgotten(ledger, run):
    other, third = ("def", "plan"), ("abc", "size")
    values = {PAIR: Agreed("1", "2"), other: Agreed("3", "4"), third: Agreed("5", "6")}
    keep(ledger, run, links=[link("k", agreed=values)])
    known = find(ledger, "k")["k"]
    known.agree(PAIR, Agreed("9", "2", "2026-01-01T00:00:00.000000Z"))
    known.agree(("new", "new"), Agreed("7", "8"))
    del known.agreed[other]
    keep(ledger, run, links=[known])
    assert find(ledger, "k")["k"].agreed == {
        PAIR: Agreed("9", "2", "2026-01-01T00:00:00.000000Z"),
        third: Agreed("5", "6"),
        ("new", "new"): Agreed("7", "8"),
    }


def test_a_link_twice_in_a_batch_counts_as_the_last(ledger, run):
    keep(ledger, run, links=[link("k", pipedrive_id="1"), link("k", pipedrive_id="2")])
    assert find(ledger, "k")["k"].pipedrive_id == "2"


def test_retries_are_replaced_counted_and_settled(ledger, run):
    first = Retry("users", "u1", "{}", "unavailable", "2026-01-01T00:00:00.000000Z")
    keep(ledger, run, retries=[first, Retry("users", "u2", "{}", "gone")])
    keep(ledger, run, retries=[Retry("users", "u1", '{"a":1}', "answer_lost", first.last)])
    kept = to_try(ledger, WAY, "users")
    assert [(each.payload, each.reason) for each in kept] == [
        ('{"a":1}', "answer_lost"),
        ("{}", "gone"),
    ]
    assert kept[0].last == first.last
    with ledger.reading() as db:
        rows = db.execute(sa.select(tables.retries.c.source_id, tables.retries.c.tries))
        assert dict(rows.tuples().all()) == {"u1": 1, "u2": 1}  # a lost answer is no failed try
    keep(ledger, run, settled=[("users", "u1"), ("users", "never kept")])
    assert len(to_try(ledger, WAY, "users")) == 1
    assert to_try(ledger, WAY, "accounts") == to_try(ledger, "other way", "users") == []


def test_runs_are_listed_with_their_counts_added_up(ledger, run):
    created, updated = ("users", "created", "created"), ("users", "updated", "updated")
    keep(ledger, run, counts=Counter({created: 2, updated: 1}))
    keep(ledger, run, counts=Counter({created: 3, ("users", "created", "some_fields_rejected"): 1}))
    ledger.end_run(run, status="completed", calls=12, tokens=60)
    second = ledger.start_run(WAY, dry_run=True)
    one, two = ledger.runs()
    assert one.counts == {"users": {"created": 6, "updated": 1}}
    assert (one.run, one.status, one.calls, one.tokens, one.dry_run) == (
        run,
        "completed",
        12,
        60,
        False,
    )
    assert sum(each["count"] for each in one.reasons) == 7
    assert (two.run, two.status, two.ended, two.dry_run, two.counts) == (
        second,
        "running",
        None,
        True,
        {},
    )


def test_a_batch_that_fails_in_its_middle_leaves_nothing(ledger, run):
    entries = {
        "outcomes": [OutcomeRow("users", "created", "created", key="k", fields=("a", "b"))],
        "counts": Counter({("users", "created", "created"): 1}),
        "links": [link("k", agreed={PAIR: Agreed("a", "b")})],
    }
    broken = Retry("users", "u1", None, "unavailable")
    with pytest.raises(LedgerError):
        keep(ledger, run, **entries, retries=[broken])
    assert find(ledger, "k") == {}
    assert ledger.runs()[0].counts == {}
    with ledger.reading() as db:
        assert db.execute(sa.select(tables.outcomes)).all() == []
    keep(ledger, run, **entries)  # and the ledger goes on working
    assert "k" in find(ledger, "k")


def test_what_the_database_says_tells_nobodys_data(ledger, run):
    broken = Retry("users", "jane@acme.example", None, "unavailable")
    with pytest.raises(LedgerError, match="the ledger's database refused") as caught:
        keep(ledger, run, retries=[broken])
    assert "jane" not in "".join(traceback.format_exception(caught.value))


def test_names_of_any_length_are_kept(ledger, run):
    long = "tap_warehouse-" + "very_" * 60 + "long"
    keep(
        ledger,
        run,
        links=[Link(long, "k" * 900, agreed={(long, long): Agreed("a", "b")})],
        counts=Counter({(long, "created", "created"): 1}),
        retries=[Retry(long, "x" * 900, "{}", "gone")],
    )
    assert ledger.links_by(long, "key", ["k" * 900])["k" * 900].agreed


WRITER = """
import sys
from collections import Counter
from sync_core.ledger import Agreed, Ledger, Link
from sync_core.ledger.writing import Entries, record
url, name = sys.argv[1:]
ledger = Ledger(url, "default")
run = ledger.start_run("journy-to-pipedrive", dry_run=False)
for batch in range(20):
    links = [Link("user", f"{name}-{batch}-{n}") for n in range(5)]
    links += [Link("user", f"both-{n}", agreed={("a", "b"): Agreed(name, name)}) for n in range(50)]
    counts = Counter({("users", "created", "created"): 5})
    record(ledger, run, "journy-to-pipedrive", Entries(links=links, counts=counts))
ledger.close()
"""


def test_processes_that_start_and_write_at_once_all_succeed(ledger_url, open_ledger):
    # They also make the tables at once: nobody has opened the ledger before.
    line = [sys.executable, "-c", WRITER, ledger_url]
    writers = [subprocess.Popen([*line, name]) for name in ("one", "two", "three")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    ledger = open_ledger()
    assert [each.counts["users"]["created"] for each in ledger.runs()] == [100, 100, 100]
    keys = [
        f"{name}-{b}-{n}" for name in ("one", "two", "three") for b in range(20) for n in range(5)
    ]
    assert len(find(ledger, *keys, *(f"both-{n}" for n in range(50)))) == 350


@pytest.mark.parametrize("version", [str(tables.SCHEMA_VERSION + 1), "999", "next"])
def test_a_newer_ledger_is_refused_and_left_as_it_is(open_ledger, version):
    ledger = open_ledger()
    with ledger.transaction() as db:
        db.execute(tables.meta.update().values(value=version))
    with pytest.raises(ConfigurationError, match="update the plugin"):
        open_ledger()


MALFORMED = {
    "no url": "ledger.db",
    "empty": "",
    "a bad port": "postgresql://me:hush-hush@host:port/x",
    "another driver": "postgresql://me:hush-hush@host/x",
    "another database": "mysql://me:hush-hush@host/x",
    "an unknown driver": "sqlite+nothing:///x.db",
}


@pytest.mark.parametrize("url", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_url_is_refused_with_those_that_work_and_without_its_password(url):
    works = r"^ledger_url: .* sqlite:////path/to/ledger.db or postgresql\+psycopg://"
    with pytest.raises(ConfigurationError, match=works) as caught:
        Ledger(url, "default")
    assert "hush-hush@" not in str(caught.value)
