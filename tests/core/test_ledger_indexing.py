"""The remembered index: which records have which keys, and how far that reaches."""

from __future__ import annotations

import pytest
from sync_core.ledger import Link
from sync_core.ledger.indexing import Extent, Remembered, Sighting
from sync_core.ledger.writing import Entries, record

ANN, BOB = Sighting(1, ("ka", "kb"), "s1"), Sighting(2, ("kb",), "s2")
NOBODY = Sighting(3, (), "s3")


@pytest.fixture
def index(ledger):
    return Remembered(ledger, "person", "emails")


def test_records_are_found_by_each_of_their_keys(index):
    index.note([ANN, BOB, NOBODY])
    assert index.holders(["ka", "kb", "kc"]) == {"ka": {1}, "kb": {1, 2}}
    assert index.stamps([1, 2, 3, 4]) == {1: "s1", 2: "s2", 3: "s3"}


def test_a_record_that_is_seen_again_has_its_latest_keys_only(index):
    index.note([ANN, BOB])
    index.note([Sighting(1, ("kc",), "s9")])
    assert index.holders(["ka", "kb", "kc"]) == {"kb": {2}, "kc": {1}}
    assert index.stamps([1]) == {1: "s9"}


def test_one_that_comes_twice_in_a_page_counts_as_it_came_last(index):
    index.note([ANN, Sighting(1, ("kc", "kc"), "s9")])
    assert index.holders(["ka", "kc"]) == {"kc": {1}}


def test_what_is_gone_is_forgotten(index):
    index.note([ANN, BOB])
    index.note([], [1])
    assert index.holders(["ka", "kb"]) == {"kb": {2}}
    assert index.stamps([1]) == {}


def test_how_far_it_reaches_is_kept_with_the_records(index, ledger):
    assert index.extent() == Extent()
    extent = Extent("2026-03-01T00:00:00.000000Z", 7, "2026-02-01T00:00:00.000000Z", "1/2", 3, 40)
    index.note([ANN], [], extent)
    assert Remembered(ledger, "person", "emails").extent() == extent


def test_to_begin_anew_forgets_all_but_the_size(index):
    index.note([ANN], [], Extent(until="2026-03-01T00:00:00.000000Z", size=7))
    index.forget()
    assert index.holders(["ka"]) == {}
    assert index.extent() == Extent(size=7)


def test_other_fields_entities_and_connections_have_indexes_of_their_own(index, open_ledger):
    index.note([ANN], [], Extent(size=7))
    others = [
        Remembered(open_ledger(), "person", "phones"),
        Remembered(open_ledger(), "organization", "emails"),
        Remembered(open_ledger("other"), "person", "emails"),
    ]
    for other in others:
        assert other.holders(["ka"]) == {}
        assert other.extent() == Extent()
        other.forget()
    assert index.holders(["ka"]) == {"ka": {1}}


def test_more_records_than_one_statement_takes(index):
    index.note(Sighting(number, (f"k{number}",), "s") for number in range(1_700))
    assert len(index.holders(f"k{number}" for number in range(1_700))) == 1_700
    assert len(index.stamps(range(1_700))) == 1_700


def test_our_own_writes_since_a_moment_are_counted(index, ledger):
    links = [
        Link("user", f"k{n}", pipedrive_id=str(n), changed=True, pipedrive_updated=f"2026-0{n}")
        for n in (1, 2, 3)
    ]
    run = ledger.start_run("journy-to-pipedrive", dry_run=False)
    record(ledger, run, "journy-to-pipedrive", Entries(links=links))
    assert index.written_since("user", "2026-02") == 2
    assert index.written_since("account", "2026-02") == 0
    assert index.linked("user") == 3
