"""Two runs that hold one link at a time: neither takes back what the other has stored of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sync_core.ledger import Agreed, Link, tables
from sync_core.ledger.rows.agreed import NO_VALUE
from sync_core.ledger.writing import Entries, record

THERE, BACK = "journy-to-pipedrive", "pipedrive-to-journy"
PAIR, OTHER = ("abc", "plan"), ("def", "size")
EARLY, LATE = "2026-03-01T12:00:00.000000Z", "2026-03-01T12:05:00.000000Z"


class Side:
    """A run in one direction."""

    def __init__(self, ledger, way):
        self.ledger, self.way = ledger, way
        self.run = ledger.start_run(way, dry_run=False)

    def keep(self, *links):
        record(self.ledger, self.run, self.way, Entries(links=list(links)))

    def find(self, key="k"):
        return self.ledger.links_by("user", "key", [key]).get(key)


@pytest.fixture
def sides(open_ledger):
    return Side(open_ledger(), THERE), Side(open_ledger(), BACK)


@pytest.fixture
def held(sides):
    """A link that was in step on both sides, as each of two runs has read it."""
    one, _ = sides
    agreed = {PAIR: Agreed("a", "b"), OTHER: Agreed("c", "d")}
    link = Link("user", "k", "7", "u1", EARLY, "stamp", dict(agreed), changed=True)
    link.find_in_step("journy", "j1")
    one.keep(link)
    link = one.find()
    link.find_in_step("pipedrive", "p1")
    one.keep(link)
    return tuple(side.find() for side in sides)


def test_a_link_that_both_find_new_has_what_each_of_them_knows(sides):
    one, other = sides
    one.keep(Link("user", "k", journy_id="u1", related=("acme", "m"), changed=True))
    other.keep(Link("user", "k", pipedrive_id="7", agreed={PAIR: Agreed("a", "b")}, changed=True))
    found = one.find()
    assert (found.pipedrive_id, found.journy_id, found.related) == ("7", "u1", ("acme", "m"))
    assert found.agreed == {PAIR: Agreed("a", "b")}


@pytest.mark.parametrize("last", [0, 1])
def test_ids_and_relations_stay_as_whoever_changed_them_left_them(sides, held, last):
    (one, _), (first, second) = sides, held
    first.place("pipedrive", "8")
    second.place("journy", "u2")
    second.belong("acme", "m")
    for at in (1 - last, last):
        sides[at].keep(held[at])
    found = one.find()
    assert (found.pipedrive_id, found.journy_id, found.related) == ("8", "u2", ("acme", "m"))


def test_values_on_which_each_agreed_are_all_kept(sides, held):
    (one, other), (first, second) = sides, held
    first.agree(PAIR, Agreed("new", "b"))
    second.agree(OTHER, Agreed("c", "new"))
    other.keep(second)
    one.keep(first)
    assert one.find().agreed == {PAIR: Agreed("new", "b"), OTHER: Agreed("c", "new")}


def test_what_is_not_agreed_on_any_more_is_forgotten_and_nothing_else(sides, held):
    (one, other), (first, second) = sides, held
    second.agree(OTHER, Agreed("c", "new"))
    other.keep(second)
    del first.agreed[PAIR]
    first.changed = True
    one.keep(first)
    assert one.find().agreed == {OTHER: Agreed("c", "new")}


def test_marks_from_before_the_other_agreed_on_something_do_not_come_back(sides, held):
    (one, other), (first, second) = sides, held
    second.agree(PAIR, Agreed("a", "new"))
    other.keep(second)
    first.find_in_step("pipedrive", "p2")
    first.vouch("stamp of before")
    one.keep(first)
    found = one.find()
    assert (found.stamp, *found.steps.values()) == ("", "", "")


def test_our_last_write_stays_the_last(sides, held):
    (one, other), (first, second) = sides, held
    first.pipedrive_updated = LATE
    one.keep(first)
    second.belong("acme", "m")
    other.keep(second)
    assert one.find().pipedrive_updated == LATE


def test_a_link_that_the_other_has_renamed_is_neither_doubled_nor_named_back(sides, held):
    (one, other), (first, second) = sides, held
    second.rename("new")
    other.keep(second)
    first.agree(PAIR, Agreed("a", "new"))
    one.keep(first)
    assert one.find("k") is None
    assert one.find("new").agreed == {PAIR: Agreed("a", "new"), OTHER: Agreed("c", "d")}


def test_a_link_that_was_forgotten_meanwhile_is_stored_anew(sides, held):
    (one, _), (first, _) = sides, held
    with one.ledger.transaction() as db:
        db.execute(tables.agreed.delete())
        db.execute(tables.links.delete())
    first.belong("acme", "m")
    one.keep(first)
    assert (one.find().pipedrive_id, one.find().journy_id) == ("7", "u1")


def test_who_stores_a_link_twice_is_nobody_else(sides, held):
    (one, _), (first, _) = sides, held
    fresh = Link("user", "fresh", "9", "u9", stamp="stamp", changed=True)
    fresh.find_in_step("journy", "j1")
    for link in (first, fresh):
        one.keep(link)
        link.belong("acme", "m")
        one.keep(link)
        found = one.find(link.key)
        assert (found.stamp, found.steps["journy"], found.related) == ("stamp", "j1", ("acme", "m"))
    with one.ledger.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(tables.links)).scalar_one() == 2


def test_who_stores_a_renamed_link_twice_keeps_what_was_agreed_on(sides, held):
    (one, _), (first, _) = sides, held
    first.rename("new")
    one.keep(first)
    first.belong("acme", "m")
    one.keep(first)
    found = one.find("new")
    assert (found.id, found.related) == (first.id, ("acme", "m"))
    assert found.agreed == {PAIR: Agreed("a", "b"), OTHER: Agreed("c", "d")}


def test_what_each_saw_empty_stays_known_and_what_one_has_filled_does_not(sides, held):
    (one, other), (first, _) = sides, held
    filled, empty, late = ("ghi", "score"), ("jkl", "stage"), ("mno", "plan")
    for pair in (filled, empty):
        first.vacate(pair)
    assert first.changed
    one.keep(first)
    first, second = (side.find() for side in sides)
    second.agree(filled, Agreed("e", "f"))
    other.keep(second)
    first.vacate(late)
    one.keep(first)
    found = one.find()
    known = [found.known(pair) for pair in (filled, empty, late, ("mno", "size"))]
    assert known == [Agreed("e", "f"), NO_VALUE, NO_VALUE, None]


def test_what_we_have_filled_stays_filled_though_the_other_stored_the_link_meanwhile(sides, held):
    (one, other), (first, _) = sides, held
    filled, late = ("ghi", "score"), ("mno", "plan")
    first.vacate(filled)
    one.keep(first)
    first, second = (side.find() for side in sides)
    second.vacate(late)
    other.keep(second)
    first.agree(filled, Agreed("e", "f"))
    del first.agreed[filled]  # its line went, and came back
    assert first.known(filled) is None
    first.changed = True
    one.keep(first)
    found = one.find()
    assert [found.known(pair) for pair in (filled, late)] == [None, NO_VALUE]


def test_what_we_have_agreed_on_counts_though_the_other_saw_it_empty_meanwhile(sides, held):
    (one, other), (first, second) = sides, held
    pair = ("ghi", "score")
    second.vacate(pair)
    other.keep(second)
    first.agree(pair, Agreed("e", "f"))
    one.keep(first)
    assert one.find().known(pair) == Agreed("e", "f")


def test_of_two_links_with_one_key_in_one_batch_the_last_is_stored_alone(sides):
    one, _ = sides
    one.keep(
        Link("user", "k", "7", agreed={PAIR: Agreed("a", "b")}, changed=True),
        Link("user", "k", "8", agreed={OTHER: Agreed("c", "d")}, changed=True),
    )
    found = one.find()
    assert (found.pipedrive_id, found.agreed) == ("8", {OTHER: Agreed("c", "d")})
