"""Two users with one address: who they are is said, it costs nothing, and they take no turns."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

MAIL = "ann@acme.example"
IDS = {
    ("u1", "u2"): "u1 and u2 have the same e-mail address",
    ("u1", "ann@home.example"): "u1 and another record, whose id is an address, have the same",
    (MAIL, "ann@home.example"): "two records, whose ids are addresses, have the same",
}


@pytest.mark.parametrize(("ids", "text"), IDS.items(), ids=str)
def test_a_duplicate_names_both_by_what_is_no_address(target, ids, text):
    run = target.users(*({"user_id": each, "email": MAIL} for each in ids))
    assert run.text("duplicate_key").startswith(text)
    assert "@" not in run.text("duplicate_key")


def test_who_is_rejected_as_a_duplicate_is_not_looked_up(target, crm):
    crm.person(MAIL)
    users = [{"user_id": each, "email": MAIL} for each in ("u1", "u2")]
    target.users(users[0])
    crm.calls()
    target.users(users[0])
    alone = crm.calls()
    assert target.users(*users).reasons == {"no_difference": 1, "duplicate_key": 1}
    assert crm.calls() == alone


HEALTH = [{"from": "health", "to": "Customer health"}]


@pytest.fixture
def send(target, crm):
    """A run with some users of that address, whose dry run said the same; gives the reasons."""
    person = crm.person(MAIL)

    def run(*ids, health="Good", **more):
        rows = [{"user_id": each, "email": MAIL, "health": health, **more} for each in ids]
        batch, users = target.stream("users", *rows), {"fields": HEALTH}
        dry = target.run(batch, users=users, dry_run=True).counts
        real = target.run(batch, users=users)
        assert real.counts == dry
        label = crm.stored(person)["Customer health"]
        return next(iter(real.reasons), ""), real, label

    run.option = lambda label: crm.option("Customer health", label)
    return run


def test_of_two_that_come_in_turns_the_first_does_not_take_the_person_back(send):
    assert send("u1")[0] == "updated"
    assert send("u2", health="Bad")[0] == "updated", "journy may have made them one user"
    for _ in range(2):
        reason, run, health = send("u1", health="Good")
        assert reason == "duplicate_key"
        assert "u2 and u1 have the same e-mail address" in run.text("duplicate_key")
        assert health == send.option("Bad")
        assert send("u2", health="Bad")[0] == "no_difference"


def test_nor_does_any_of_many_that_had_the_person_once(send):
    ids = ["u1", "u2", "u3", "u4"]
    for each in ids:
        assert send(each)[0] in {"updated", "no_difference"}
    for each in ids[:-1] * 2:
        assert send(each, health="Bad")[0] == "duplicate_key"
    assert send("u4", health="Bad")[0] == "updated"


def test_whichever_comes_first_in_a_batch_the_one_that_has_the_person_keeps_it(send):
    send("u1")
    for order in (("u2", "u1"), ("u1", "u2")):
        _, run, health = send(*order, health="Bad")
        assert run.text("duplicate_key").startswith("u1 and u2 have")
        assert health == send.option("Bad")
    assert send("u2")[0] == "updated", "u1 is perhaps no more"
    for order in (("u1", "u2"), ("u2", "u1")):
        _, run, _ = send(*order)
        assert run.text("duplicate_key").startswith("u2 and u1 have")


def test_who_was_refused_gets_the_person_where_somebody_asks(target, send):
    for each in ("u1", "u2", "u1"):
        send(each)
    ledger = Ledger(target.ledger_url, "default")
    assert release(ledger, reason="duplicate_key") == 1
    ledger.close()
    assert send("u1", health="Bad")[0] == "updated"
    assert send("u2")[0] == "duplicate_key"


LETTING_GO = {"deleted": {"is_deleted": True}, "another address": {"email": "ann@new.example"}}


@pytest.mark.parametrize("news", LETTING_GO.values(), ids=LETTING_GO)
def test_or_where_the_other_one_is_gone(target, send, news):
    for each in ("u1", "u2", "u1"):
        send(each)
    back = {"user_id": "u1", "email": MAIL, "health": "Bad"}
    target.users({"user_id": "u2", "email": MAIL, **news}, fields=HEALTH)
    assert target.users(back, fields=HEALTH).counts["users"].get("rejected", 0) == 0


def test_rows_of_a_table_that_are_numbered_anew_each_day_are_the_same_again(send):
    for day in range(30):
        assert send(f"{day}-1")[0] in {"updated", "no_difference"}


def test_rows_of_a_table_take_no_turns_either(target, crm):
    firm = crm.organization("Acme", custom={"Account ID": "4711"})
    match = {"from": "number", "to": "Account ID"}
    lines = [{"from": "name", "to": "name"}]
    about = {"entity": "organization", "id": "id", "match": match, "fields": lines}
    reasons = []
    for each, name in (("f1", "Birch"), ("f2", "Cedar"), ("f1", "Birch"), ("f2", "Cedar")):
        row = {"id": each, "number": "4711", "name": name}
        run = target.run(target.stream("firms", row), streams={"firms": about})
        reasons += run.reasons
    assert reasons == ["updated", "updated", "duplicate_key", "no_difference"]
    assert crm.stored(firm, "organization")["name"] == "Cedar"


@pytest.mark.parametrize("news", LETTING_GO.values(), ids=LETTING_GO)
@pytest.mark.parametrize("size", [1, 2])
def test_an_address_that_one_gives_up_within_a_run_is_the_next_ones(target, crm, news, size):
    crm.person(MAIL)
    ann, other = {"user_id": "u1", "email": MAIL}, {"user_id": "u9", "email": "u9@acme.example"}
    rows = [ann, other, {**ann, **news}, other, {**ann, "user_id": "u2"}, other]
    run = target.run(target.stream("users", *rows), users={}, batch_size_rows=size)
    assert "duplicate_key" not in run.reasons


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("order", [1, -1], ids=["the former first", "the next one first"])
def test_whose_address_changed_keeps_the_person_whoever_comes_first(target, crm, order, create):
    person = crm.person(MAIL)
    ann = {"user_id": "u1", "email": MAIL, "first_name": "Ann"}
    target.users(ann)
    news = [{**ann, "email": "ann@new.example"}, {**ann, "user_id": "u2", "first_name": "Bob"}]
    for _ in range(3):
        target.users(*news[::order], create=create)
    stored = crm.stored(person)
    assert stored["first_name"] == "Ann"
    assert [each["value"] for each in stored["emails"]] == ["ann@new.example"]
    assert [crm.stored(each)["first_name"] for each in crm.persons()] == ["Ann", "Bob"][
        : 1 + create
    ]


@pytest.mark.parametrize("order", [1, -1], ids=["those who let go first", "those who get it first"])
def test_users_who_hand_their_addresses_on_keep_their_persons(target, crm, order):
    addresses = ["ann@new.example", *(f"{name}@acme.example" for name in ("ann", "bob", "cleo"))]
    persons = [crm.person(each) for each in addresses[1:]]
    ids = [f"u{at}" for at in range(len(persons))]
    target.users(*({"user_id": id_, "email": addresses[at + 1]} for at, id_ in enumerate(ids)))
    news = [{"user_id": id_, "email": addresses[at]} for at, id_ in enumerate(ids)]
    run = target.users(*news[::order], create=True)
    assert {line.journy_id: line.pipedrive_id for line in run.lines} == {
        id_: str(person) for id_, person in zip(ids, persons, strict=True)
    }
    stored = [[each["value"] for each in crm.stored(person)["emails"]] for person in persons]
    assert stored == [[each] for each in addresses[:3]]
    crm.calls()
    assert target.users(*news, create=True).reasons == {"no_difference": 3}
    assert crm.writes() == []


def test_who_gets_a_further_address_of_anothers_person_is_refused(target, crm):
    shared = crm.person("ann@acme.example", "sales@acme.example")
    bob = crm.person("bob@acme.example")
    users = [{"user_id": f"u{at}", "email": f"{name}@acme.example"}
             for at, name in enumerate(("ann", "bob"))]  # fmt: skip
    target.users(*users)
    run = target.users(users[0], {**users[1], "email": "sales@acme.example"})
    assert run.reasons == {"no_difference": 1, "already_linked": 1}
    assert f"person {shared} is kept in step with another user" in run.text("already_linked")
    assert [each["value"] for each in crm.stored(bob)["emails"]] == ["bob@acme.example"]
