"""What a record said when it was last in step is remembered until anything about it changes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sync_core.engine.claims import Owners
from sync_core.ledger import Agreed, Link
from sync_core.ledger.writing import Entries, record

WAY = "journy-to-pipedrive"
PAIR, OTHER = ("abc", "plan"), ("def", "size")


@pytest.fixture
def keep(ledger):
    run = ledger.start_run(WAY, dry_run=False)
    return lambda *links: record(ledger, run, WAY, Entries(links=list(links)))


@pytest.fixture
def find(ledger):
    return lambda key="k": ledger.links_by("user", "key", [key])[key]


@pytest.fixture
def known(keep, find):
    """A link that was found in step from both sides."""
    link = Link("user", "k", "7", "u1", agreed={PAIR: Agreed("a", "b"), OTHER: Agreed("c", "d")})
    link.find_in_step("journy", "j1")
    keep(link)
    stored = find()
    stored.find_in_step("pipedrive", "p1")
    keep(stored)
    return find


def test_both_sides_have_marks_of_their_own(known):
    assert known().steps == {"journy": "j1", "pipedrive": "p1"}
    assert not known().changed


def test_a_mark_that_is_there_already_changes_nothing(known):
    link = known()
    link.find_in_step("journy", "j1")
    assert not link.changed
    assert not link.is_read


def agree(link):
    link.agree(PAIR, Agreed("a", "new"))


def forget(link):
    del link.agreed[PAIR]
    link.changed = True


CHANGES = {
    "another value": agree,
    "no value": forget,
    "another key": lambda link: link.rename("new"),
    "another record here": lambda link: link.place("pipedrive", "8"),
    "another record there": lambda link: link.place("journy", "u2"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_else_changes_ends_the_marks_of_both_sides(known, keep, find, change):
    link = known()
    change(link)
    assert link.changed  # or it would not be stored
    keep(link)
    assert not any(find(link.key).steps.values())


@pytest.mark.parametrize("mark", ["j1", "j2"])  # the same as before the change, or another
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_mark_that_is_found_after_the_change_holds_for_its_side_alone(
    known, keep, find, change, mark
):
    link = known()
    change(link)
    link.changed = False
    link.find_in_step("journy", mark)
    assert link.changed
    keep(link)
    assert {side: each for side, each in find(link.key).steps.items() if each} == {"journy": mark}


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "no value"])
def test_a_mark_that_was_found_just_before_the_change_ends_as_well(known, name):
    link = known()
    link.find_in_step("journy", "j2")
    CHANGES[name](link)
    assert not link.lasting_steps


def test_marks_of_a_link_that_only_was_asked_for_what_is_agreed_on_stay(known, keep, find):
    link = known()
    assert link.agreed
    link.belong("acme", "m")
    keep(link)
    assert find().steps == {"journy": "j1", "pipedrive": "p1"}


def test_agreed_values_are_read_for_all_links_at_once_and_only_when_one_is_asked_for(ledger, keep):
    links = [Link("user", f"k{n}", str(n), changed=True, agreed={PAIR: Agreed(str(n), "b")})
             for n in range(1200)]  # fmt: skip
    keep(*links)
    statements = []
    sa.event.listen(
        ledger.engine, "before_cursor_execute",
        lambda _db, _cursor, statement, *_rest: statements.append(statement),
    )  # fmt: skip
    found = ledger.links_by("user", "key", [link.key for link in links])
    assert not [each for each in statements if "FROM agreed" in each]
    assert {link.agreed[PAIR].pipedrive for link in found.values()} == {str(n) for n in range(1200)}
    assert len([each for each in statements if "FROM agreed" in each]) == 3


def test_an_unread_link_that_moves_to_another_id_keeps_what_was_agreed_on(known, keep, find):
    link = known()
    link.place("journy", "u2")
    assert not link.is_read
    keep(link)
    assert find().agreed == {PAIR: Agreed("a", "b"), OTHER: Agreed("c", "d")}


def test_another_record_in_pipedrive_is_not_known_by_what_was_known_of_the_one_before():
    link = Link("user", "k", "7", "u1", "2026-03-01T12:00:00.000000Z", "stamp")
    link.place("journy", "u2")
    assert (link.stamp, link.pipedrive_updated) == ("stamp", "2026-03-01T12:00:00.000000Z")
    link.place("pipedrive", "8")
    assert (link.stamp, link.pipedrive_updated) == ("", "")


def test_a_record_vouches_for_no_value_that_was_agreed_on_since_it_was_seen():
    link = Link("user", "k", "7", "u1", agreed={PAIR: Agreed("a", "b")}, stamp="stamp")
    link.agree(PAIR, Agreed("a", "new"))
    assert link.stamp  # the other side's value is none of its own
    link.agree(PAIR, Agreed("new", "new"))
    assert not link.stamp
    link.vouch("stamp")
    link.agree(OTHER, Agreed("c", "d"))
    assert not link.stamp


def test_a_name_belongs_to_who_claims_it_first_in_any_batch():
    owners = Owners()
    names = [("user", "a"), ("user", "b"), ("account", "a")]
    with owners.of(names) as claimed:
        assert claimed.claim(("user", "a"), "1") == "1"
        assert claimed.claim(("user", "a"), "2") == "1"
        assert claimed.claim(("account", "a"), "3") == "3"
    with owners.of(names) as claimed:
        assert claimed.claim(("user", "a"), "4") == "1"
        assert claimed.claim(("user", "b"), "4") == "4"


def test_more_names_than_one_query_asks_for_have_owners():
    owners, names = Owners(), [("user", f"k{n}") for n in range(1300)]
    for owner in ("1", "2"):
        with owners.of(names) as claimed:
            assert {claimed.claim(name, owner) for name in names} == {"1"}
