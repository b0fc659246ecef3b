"""One account id or address of two records: neither is chosen, until one of them lets it go."""

from __future__ import annotations

import pytest
import requests
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import forget

ON = {"create": True}
SIZES = [1, 500]
EMAIL = [{"value": "ann@acme.example", "primary": True}]


def acme(name="Acme", key="a1"):
    return {"id": 5, "name": name, "account_id": key}


def birch(name="Birch", key="a1"):
    return {"id": 8, "name": name, "account_id": key}


def person(number, home):
    emails = [{"value": f"p{number}@acme.example", "primary": True}]
    return {"id": number, "first_name": "Ann", "emails": emails, "org_id": home}


@pytest.fixture(params=SIZES, ids=["batches", "one batch"])
def send(request, plugins, journy):
    """A run of some organizations, whose dry run said the same; gives the reasons."""

    def run(*organizations, persons=()):
        text = plugins.stream("organizations", *organizations) + plugins.stream("persons", *persons)
        settings = {"persons": ON, "organizations": ON, "batch_size_rows": request.param}
        dry = plugins.write(text, dry_run=True, **settings).counts
        journy.writes()
        real = plugins.write(text, **settings)
        assert real.counts == dry
        return real.reasons

    return run


def name(journy):
    return journy.account("a1")["name"]


ORDERS = {
    "both": [(acme, birch)] * 3,
    "the other way round": [(birch, acme)] * 3,
    "first this, then that": [(acme, birch), (birch, acme)] * 2,
    "in turns": [(acme,), (birch,)] * 3,
    "one of them twice": [(birch,), (birch,), (acme,), (acme,)],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_of_two_with_one_account_id_neither_is_written_from_then_on(send, journy, order):
    send(acme("First"), birch())
    for turn, organizations in enumerate(order):
        reasons = send(*(each(f"Name {turn} {each.__name__}") for each in organizations))
        assert reasons == {"duplicate_key": len(organizations)}
        assert journy.writes() == []
    assert name(journy) == "First"


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_nor_do_they_take_turns_after_a_lost_ledger(send, plugins, journy, order):
    send(acme("First"), birch())
    plugins.forget()
    both_came = False
    for turn, organizations in enumerate(order):
        reasons = send(*(each(f"Name {turn}") for each in organizations))
        writes = journy.writes()
        assert not both_came or writes == []
        both_came = both_came or "duplicate_key" in reasons


def test_once_the_holder_has_no_id_any_more_the_other_one_gets_it(send, journy):
    send(acme())
    assert send(acme(key=None), birch()) == {"no_match_key": 1, "updated": 1}
    assert name(journy) == "Birch"


def test_it_gets_it_in_a_later_run_as_well(send, journy):
    send(acme())
    send(acme(key=None))
    assert name(journy) == "Acme"
    assert send(birch()) == {"updated": 1}
    assert name(journy) == "Birch"
    assert send(acme(key="a2")) == {"created": 1}
    assert name(journy) == "Birch"


def test_one_that_empties_its_id_and_fills_it_again_keeps_it(send, journy):
    send(acme())
    send(acme(key=None))
    assert send(acme("Acme Ltd")) == {"updated": 1}
    assert send(birch()) == {"duplicate_key": 1}
    assert name(journy) == "Acme Ltd"


LETTING_GO = {
    "emptied": (acme(key=None), "no_match_key"),
    "another id": (acme(key="a2"), "created"),
    "deleted": ({"id": 5, "is_deleted": True}, "deleted"),
}


@pytest.mark.parametrize(("news", "reason"), LETTING_GO.values(), ids=LETTING_GO)
def test_who_was_rejected_is_tried_again_once_the_other_lets_go(send, journy, news, reason):
    send(acme())
    send(birch())
    assert send(news) == {reason: 1, "updated": 1}
    assert name(journy) == "Birch"
    assert send() == {}
    assert send(birch("Birch Ltd")) == {"updated": 1}


@pytest.mark.parametrize(("news", "reason"), LETTING_GO.values(), ids=LETTING_GO)
def test_it_is_also_tried_again_by_the_run_that_rejected_it(send, journy, news, reason):
    send(acme())
    found = send(birch(), news)
    assert found.get("updated") == found[reason] == 1
    assert name(journy) == "Birch"


def test_of_three_the_last_that_is_left_gets_it(send, journy):
    send(acme(), birch(), {**birch("Cedar"), "id": 9})
    assert send(acme(key=None)) == {"no_match_key": 1}
    assert name(journy) == "Acme"
    assert send(birch(key="b1")) == {"created": 1, "updated": 1}
    assert name(journy) == "Cedar"


def test_the_one_who_had_it_goes_on_where_the_other_lets_go(send, journy):
    send(acme())
    send(birch())
    send(acme("Acme Ltd"))
    assert name(journy) == "Acme"
    assert send(birch(key="b1")) == {"created": 1, "updated": 1}
    assert name(journy) == "Acme Ltd"


def test_where_nobody_tells_that_the_other_is_gone_forgetting_the_id_settles_it(
    send, plugins, journy
):
    send(acme())
    send(birch())
    ledger = Ledger(plugins.ledger_url, "default")
    forget(ledger, "a1")
    ledger.close()
    assert send(birch()) == {"created": 1}
    assert name(journy) == "Birch"


def test_two_that_swap_their_ids_one_after_the_other_are_both_written(send, journy):
    send(acme(), birch(key="b1"), persons=[person(1, 5), person(2, 8)])
    assert send(acme(key="b1")) == {"duplicate_key": 1}
    send(birch(key="a1"))
    assert name(journy) == "Birch"
    assert journy.account("b1")["name"] == "Acme"
    homes = [journy.user(f"p{n}@acme.example")["accounts"] for n in (1, 2)]
    assert homes == [["b1"], ["a1"]]


def test_a_person_is_no_rival_of_an_organization_with_the_same_number(send, journy):
    send(acme(), birch())
    assert send(acme("Acme 2"), birch())["duplicate_key"] == 2
    assert send(persons=[person(5, None), person(8, None)]) == {"created": 2}
    assert send(persons=[{**person(5, None), "id": 9}]) == {"duplicate_key": 1}
    twins = [{**person(number, None), "emails": EMAIL} for number in (5, 8)]
    assert send(persons=twins)["duplicate_key"] == 1
    assert send(persons=twins) == {"duplicate_key": 2}
    assert send(acme("Acme 3", key="b1"))["created"] == 1
    assert name(journy) == "Birch"
    assert send(persons=twins) == {"duplicate_key": 2}
    assert send(acme("Acme 4", key="b1"), birch("Birch 2")) == {"updated": 2}


def test_members_follow_where_the_account_is_taken_over_of_one_without_id(send, journy):
    send(acme(), birch(key="b1"), persons=[person(1, 5), person(2, 8)])
    send(acme(key=None))
    send(birch(key="a1"))
    assert journy.user("p2@acme.example")["accounts"] == ["a1"]
    send(acme(key="a3"))
    assert journy.user("p1@acme.example")["accounts"] == ["a3"]


def test_who_takes_an_address_that_is_anothers_user_id_in_one_batch_overwrites_nobody(
    plugins, journy
):
    ann = {"id": 1, "first_name": "Ann", "emails": EMAIL}
    plugins.persons(ann, create=True)
    moved = {**ann, "emails": [{"value": "ann@new.example", "primary": True}]}
    run = plugins.persons(moved, {**ann, "id": 3, "first_name": "Bob"}, create=True)
    assert run.reasons["already_linked"] == 1
    assert journy.user("ann@acme.example")["first_name"] == "Ann"
    assert plugins.persons({**moved, "first_name": "Anna"}).reasons == {"updated": 1}
    assert journy.user("ann@acme.example")["first_name"] == "Anna"


@pytest.mark.parametrize("dry_run", [True, False])
def test_who_takes_an_address_that_is_anothers_user_id_later_overwrites_nobody_either(
    plugins, journy, dry_run
):
    ann = {"id": 1, "first_name": "Ann", "emails": EMAIL}
    plugins.persons(ann, create=True)
    moved = {**ann, "emails": [{"value": "ann@new.example", "primary": True}]}
    plugins.persons(moved, create=True)
    journy.writes()
    bob = [{**ann, "id": 3, "first_name": "Bob"}]
    run = plugins.write(plugins.stream("persons", *bob), persons={"create": True}, dry_run=dry_run)
    assert run.reasons == {"already_linked": 1}
    assert "whose id is its address" in run.text("already_linked")
    assert "@" not in run.text("already_linked")
    assert journy.writes() == []
    assert journy.user("ann@acme.example")["first_name"] == "Ann"


def test_who_was_merged_into_another_is_no_rival_once_that_is_told(plugins, journy):
    ann = {"id": 1, "first_name": "Ann", "emails": EMAIL}
    plugins.persons(ann, create=True)
    merged = {"id": 1, "is_deleted": True}
    run = plugins.persons({**ann, "id": 3, "last_name": "Stone"}, merged, create=True)
    assert run.reasons == {"updated": 1, "deleted": 1}
    assert journy.user("ann@acme.example")["last_name"] == "Stone"


def test_both_directions_agree_that_neither_is_chosen(plugins, sandbox, journy):
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"}, last_name="Lee")
    for last_name in ("Lee", "Ley"):
        body = {"first_name": "Ann", "last_name": last_name, "emails": EMAIL}
        url, headers = f"{sandbox.pipedrive_url}/api/v2/persons", {"x-api-token": "sandbox-token"}
        assert requests.post(url, json=body, headers=headers, timeout=10).ok
    plugins.write(plugins.call("tap-pipedrive")[1], persons=ON)
    journy.writes()
    for _ in range(2):
        text = plugins.call("tap-journy")[1]
        assert plugins.write(text, "target-pipedrive", users=ON).reasons["several_matches"] == 1
        text = plugins.call("tap-pipedrive")[1]
        assert plugins.write(text, persons=ON).reasons["duplicate_key"] == 2
    assert journy.writes() == []
