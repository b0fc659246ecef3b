"""Two new records of one batch that share a further key: one is made, as if they had come apart."""

from __future__ import annotations

import pytest
from sync_core.pipedrive.destination import PipedriveDestination

LIFECYCLE = {"from": "lifecycle", "to": "Lifecycle stage"}
BY_NUMBER = {"create": True, "match": [LIFECYCLE], "fields": [LIFECYCLE]}
ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "lifecycle": "4711"}
BOB = {**ANN, "user_id": "u2", "email": "bob@acme.example", "first_name": "Bob"}
POST = ("/pipedrive/api/v2/persons", "POST")


@pytest.mark.parametrize("dry_run", [False, True])
def test_of_two_users_with_one_further_key_one_is_created(target, crm, dry_run):
    batch = target.stream("users", ANN, BOB)
    run = target.run(batch, users=BY_NUMBER, dry_run=dry_run)
    assert run.counts["users"] == {"created": 1, "rejected": 1}
    assert len(crm.persons()) == (0 if dry_run else 1)
    again = target.run(batch, users=BY_NUMBER)
    assert again.reasons["already_linked"] == 1
    assert len(crm.persons()) == 1


def test_the_second_of_them_is_told_whose_record_it_is(target, crm):
    run = target.users(ANN, BOB, **BY_NUMBER)
    (person,) = crm.persons()
    assert run.text("already_linked") == (
        f"person {person} is kept in step with another user, by another of its keys; take one of "
        "the keys off it, or merge the two"
    )


def test_of_two_accounts_with_one_domain_one_organization_is_made(target, crm):
    firms = [{"account_id": each, "name": each, "domain": "acme.example"} for each in ("a1", "a2")]
    match = [{"from": "domain", "to": "website"}]
    run = target.accounts(*firms, create=True, match=match)
    assert run.counts["accounts"] == {"created": 1, "rejected": 1}
    assert len(crm.organizations()) == 1


def test_one_whose_turn_comes_after_a_refused_create_is_made(target, crm, sandbox):
    sandbox.fault(*POST, action={"status": 400, "body": {"error": "no"}})
    run = target.users(ANN, BOB, **BY_NUMBER)
    assert run.counts["users"] == {"created": 1, "rejected": 1}
    assert [crm.stored(each)["first_name"] for each in crm.persons()] == ["Bob"]


def test_one_whose_turn_comes_after_a_lost_create_waits(target, crm, sandbox):
    sandbox.fault(*POST, action={"drop_after": True})
    assert target.users(ANN, BOB, **BY_NUMBER).reasons == {"answer_lost": 2}
    assert len(crm.persons()) == 1


def test_a_key_that_an_update_brings_is_not_given_to_a_new_record(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "lifecycle": "1"}, **BY_NUMBER)
    run = target.users(ANN, BOB, **BY_NUMBER)
    assert run.counts["users"] == {"updated": 1, "rejected": 1}
    assert crm.persons() == [person]


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_key_that_no_new_record_would_hold_stands_in_nobodys_way(target, crm, dry_run):
    unmapped = {"create": True, "match": [LIFECYCLE]}
    run = target.run(target.stream("users", ANN, BOB), users=unmapped, dry_run=dry_run)
    assert run.counts["users"] == {"created": 2}


@pytest.mark.parametrize("dry_run", [False, True])
def test_people_who_share_any_of_their_addresses_make_one_person(target, crm, dry_run):
    rows = [
        {"id": name, "match": [{"value": each} for each in mails], "mails": mails}
        for name in ("ann", "bob")
        for mails in [[f"{name}@acme.example", "office@acme.example"]]
    ]
    columns = {"id": {"type": "string"}, "match": {"type": "array"}, "mails": {"type": "array"}}
    fields = [{"from": "id", "to": "First name"}, {"from": "mails", "to": "emails"}]
    about = {"entity": "person", "match": "match", "id": "id", "create": True, "fields": fields}
    batch = target.table("people", columns, *rows)
    run = target.run(batch, streams={"people": about}, dry_run=dry_run)
    assert run.counts["people"] == {"created": 1, "rejected": 1}
    assert len(crm.persons()) == (0 if dry_run else 1)


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_another_stream_made_is_planned_as_found_by_another_key(target, crm, dry_run):
    accounts = target.stream("accounts", {"account_id": "a1", "name": "Acme"})
    batch = accounts + target.stream("firms", {"id": "f1", "name": "Acme"})
    batch.sort(key=lambda message: message["type"] != "SCHEMA")  # announced first, as by our taps
    firms = {"entity": "organization", "match": {"from": "name", "to": "Name"}, "create": True}
    run = target.run(batch, accounts={"create": True}, streams={"firms": firms}, dry_run=dry_run)
    assert run.counts == {"accounts": {"created": 1}, "firms": {"unchanged": 1}}
    assert len(crm.organizations()) == (0 if dry_run else 1)


@pytest.fixture
def looks(monkeypatch):
    """How many records are looked for, as often as any are."""
    sizes, match = [], PipedriveDestination.match

    def watch(self, plan, items):
        sizes.append(len(items))
        return match(self, plan, items)

    monkeypatch.setattr(PipedriveDestination, "match", watch)
    return sizes


@pytest.mark.parametrize("refused", [0, 2])
def test_a_placeholder_that_many_share_takes_no_turn_for_each_of_them(
    target, crm, sandbox, looks, refused
):
    people = [{**ANN, "user_id": f"u{n}", "email": f"p{n}@acme.example"} for n in range(40)]
    if refused:
        sandbox.fault(*POST, times=refused, action={"status": 400, "body": {"error": "no"}})
    run = target.users(*people, **BY_NUMBER)
    assert run.counts["users"] == {"created": 1, "rejected": 39}
    assert [crm.stored(each)["emails"][0]["value"] for each in crm.persons()] == [
        f"p{refused}@acme.example"
    ]
    assert looks == [40, 39 - refused]
