"""Creating: only where it is allowed, exactly once whatever gets lost, and never half."""

from __future__ import annotations

import subprocess
import sys

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
POST = ("/pipedrive/api/v2/persons", "POST")
KILLED = """
import os, sys
import sync_core.engine.engine as engine
from target_pipedrive.target import TargetPipedrive

record = engine.record
def dies(ledger, run, direction, entries):
    if entries.counts:
        os._exit(9)
    record(ledger, run, direction, entries)
engine.record = dies
TargetPipedrive.cli(sys.argv[1:])
"""


def people(count):
    names = range(count)
    return [{**ANN, "user_id": f"u{n}", "email": f"ann{n}@acme.example"} for n in names]


def test_creating_is_off_unless_asked_for(target, crm):
    run = target.users(ANN)
    assert run.counts["users"] == {"skipped": 1}
    assert run.text("no_match") == "no person has this e-mail address, and creating is off"
    assert crm.persons() == []


def test_creating_is_asked_for_by_entity(target, crm):
    messages = target.stream("accounts", {"account_id": "a1", "name": "Acme"})
    messages += target.stream("users", ANN)
    run = target.run(messages, accounts={"create": True})
    assert run.counts == {"accounts": {"created": 1}, "users": {"skipped": 1}}
    assert len(crm.organizations()) == 1
    assert crm.persons() == []


def test_a_created_person_has_name_one_address_and_phone(target, crm):
    target.users({**ANN, "phone": "+32 2 555 01 01"}, create=True)
    (person,) = (crm.stored(each) for each in crm.persons())
    assert (person["first_name"], person["last_name"], person["name"]) == ("Ann", "Lee", "Ann Lee")
    assert [(e["value"], e["primary"]) for e in person["emails"]] == [("ann@acme.example", True)]
    assert [(e["value"], e["primary"]) for e in person["phones"]] == [("+32 2 555 01 01", True)]


def test_a_created_organization_has_name_website_and_account_id(target, crm):
    target.accounts({"account_id": "a1", "name": "Acme", "domain": "acme.example"}, create=True)
    (stored,) = (crm.stored(each, "organization") for each in crm.organizations())
    assert (stored["name"], stored["website"], stored["Account ID"]) == (
        "Acme",
        "acme.example",
        "a1",
    )


def test_a_known_website_with_the_same_domain_is_left_as_it_is(target, crm):
    crm.organization("Acme", website="https://www.acme.example/", custom={"Account ID": "a1"})
    run = target.accounts({"account_id": "a1", "name": "Acme", "domain": "acme.example"})
    assert run.counts["accounts"] == {"unchanged": 1}
    assert crm.writes() == []


def test_the_account_id_is_written_into_the_configured_field(target, crm, sandbox):
    sandbox.apply(pipedrive={"add_field": {"entity": "organization", "name": "Customer no",
                                           "type": "varchar"}})  # fmt: skip
    account = {"account_id": "a1", "name": "Acme"}
    target.accounts(account, create=True, external_id_field="customer NO")
    (stored,) = (crm.stored(each, "organization") for each in crm.organizations())
    assert stored["Customer no"] == "a1"
    assert "Account ID" not in stored


@pytest.mark.parametrize("owner", ["bob@acme.com", "BOB@acme.com", "2", 2])
def test_what_is_created_belongs_to_the_owner(target, crm, owner):
    messages = target.stream("accounts", {"account_id": "a1", "name": "Acme"})
    messages += target.stream("users", ANN)
    target.run(messages, owner=owner, users={"create": True}, accounts={"create": True})
    assert [crm.stored(each)["owner_id"] for each in crm.persons()] == [2]
    assert [crm.stored(each, "organization")["owner_id"] for each in crm.organizations()] == [2]


@pytest.mark.parametrize("owner", ["eve@acme.com", "900700800", "gwen@acme.com"])
def test_an_unknown_or_inactive_owner_stops_the_run_before_any_write(target, crm, owner):
    run = target.run(target.stream("users", ANN), owner=owner, users={"create": True})
    assert run.exit_code == 1
    assert "owner: no active user" in run.errors[0]
    assert all(owner not in line.split("|")[-1] for line in run.log.splitlines())
    assert crm.writes() == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_record_without_a_name_is_refused_and_nothing_is_sent(target, crm, dry_run):
    nameless = {"user_id": "u2", "email": "bob@acme.example", "first_name": " "}
    messages = target.stream("users", nameless, ANN)
    run = target.run(messages, users={"create": True}, dry_run=dry_run)
    assert run.counts["users"] == {"created": 1, "rejected": 1}
    assert "the user has no name, which Pipedrive requires" in run.text("incomplete")
    assert len(crm.writes()) == (0 if dry_run else 1)


def test_a_record_whose_name_does_not_fit_is_refused_with_both_reasons(target, crm):
    user = {"user_id": "u1", "email": "ann@acme.example", "first_name": "A" * 300}
    run = target.users(user, create=True)
    assert run.reasons == {"incomplete": 1}
    assert "at most 255 characters fit" in run.lines[0].text
    assert crm.persons() == []


def test_a_person_is_linked_to_the_organization_of_the_users_account(target, crm):
    messages = target.stream("accounts", {"account_id": "a1", "name": "Acme"})
    messages += target.stream("users", {**ANN, "accounts": ["a1", "elsewhere"]})
    target.run(messages, users={"create": True}, accounts={"create": True})
    (organization,) = crm.organizations()
    assert [crm.stored(each)["org_id"] for each in crm.persons()] == [organization]


def test_a_link_that_comes_later_is_caught_up(target, crm):
    user = {**ANN, "accounts": ["a1"]}
    target.users(user, create=True)
    target.accounts({"account_id": "a1", "name": "Acme"}, create=True)
    run = target.users(user, create=True)
    assert run.counts["users"] == {"updated": 1}
    (organization,) = crm.organizations()
    assert [crm.stored(each)["org_id"] for each in crm.persons()] == [organization]


def test_a_user_of_two_linked_accounts_is_linked_to_neither(target, crm):
    accounts = [{"account_id": f"a{n}", "name": f"Acme {n}"} for n in (1, 2)]
    messages = target.stream("accounts", *accounts)
    messages += target.stream("users", {**ANN, "accounts": ["a1", "a2"]})
    run = target.run(messages, users={"create": True}, accounts={"create": True})
    assert run.counts["users"] == {"created": 1}
    assert [crm.stored(each)["org_id"] for each in crm.persons()] == [None]


def test_a_create_whose_answer_is_lost_makes_one_person(target, crm, sandbox):
    sandbox.fault(*POST, action={"drop_after": True})
    first = target.users(ANN, create=True)
    assert first.exit_code == 0
    assert first.counts["users"] == {"deferred": 1}
    assert first.reasons == {"answer_lost": 1}
    assert len(crm.persons()) == 1
    second = target.users(create=True)
    assert second.counts["users"] == {"unchanged": 1}
    assert len(crm.persons()) == 1
    assert target.users(create=True).counts == {}


@pytest.mark.parametrize("batch_size_rows", [1, 500])
def test_a_lost_create_waits_while_searches_lag_also_in_a_later_batch(
    target, crm, sandbox, priced, batch_size_rows
):
    priced(search=1)  # as for a large account
    sandbox.switches.set("pipedrive.search_lag_seconds", 30.0)
    sandbox.fault(*POST, action={"drop_after": True})
    target.users(ANN, create=True)
    bob = {**ANN, "user_id": "u2", "email": "bob@acme.example"}
    again = target.stream("users", bob, ANN)
    run = target.run(again, users={"create": True}, batch_size_rows=batch_size_rows)
    assert run.reasons["answer_lost"] in (1, 2)
    assert len(crm.persons()) == 2
    sandbox.clock.advance(60)
    found = target.run(again, users={"create": True}, batch_size_rows=batch_size_rows)
    assert found.reasons["answer_lost"] == 0
    assert len(crm.persons()) == 2
    assert target.users(create=True).counts == {}


def test_a_create_that_never_arrived_is_sent_again_once_lists_are_sure(
    target, crm, sandbox, monkeypatch
):
    sandbox.fault(*POST, action={"drop_before": True})
    target.users(ANN, create=True)
    assert target.users(create=True).reasons == {"answer_lost": 1}
    assert crm.persons() == []
    monkeypatch.setattr("sync_core.engine.deciding.SETTLE_SECONDS", -1.0)
    assert target.users(create=True).counts["users"] == {"created": 1}
    assert len(crm.persons()) == 1


def test_an_answer_that_is_lost_again_is_waited_for_anew(target, crm, sandbox):
    sandbox.switches.set("pipedrive.search_lag_seconds", 60.0)
    sandbox.fault(*POST, action={"drop_before": True})
    target.users(ANN, create=True)
    sandbox.clock.advance(300)
    sandbox.fault(*POST, action={"drop_after": True})
    assert target.users(create=True).reasons == {"answer_lost": 1}
    assert len(crm.persons()) == 1
    run = target.users(create=True)
    assert "waits until lists are sure to show it" in run.text("answer_lost")
    assert len(crm.persons()) == 1


def test_a_run_that_is_killed_between_create_and_record_leaves_no_second_person(
    target, crm, tmp_path
):
    target.run(target.stream("users"), enabled=False, users={"create": True})
    (tmp_path / "config.json").write_text(
        target.write([target.settings(users={"create": True})]), encoding="utf-8"
    )
    messages = target.write(target.stream("users", *people(3)))
    line = [sys.executable, "-c", KILLED, "--config", str(tmp_path / "config.json")]
    killed = subprocess.run(line, input=messages, text=True, capture_output=True, check=False)
    assert killed.returncode == 9, killed.stderr
    assert killed.stdout == ""
    assert len(crm.persons()) == 3
    run = target.users(*people(3), create=True)
    assert run.exit_code == 0
    assert len(crm.persons()) == 3
    assert target.users(*people(3), create=True).counts["users"] == {"unchanged": 3}


@pytest.mark.usefixtures("hasty")
def test_what_was_kept_stays_kept_where_a_run_ends_before_reaching_it(target, crm, sandbox):
    sandbox.fault(*POST, times=None, action={"status": 429, "body": {}})
    assert target.users(ANN, create=True).reasons == {"rate_limited": 1}
    for _ in range(2):
        sandbox.clear_faults()
        sandbox.fault(*POST, times=None, action={"status": 401, "body": {}})
        assert target.users(create=True).exit_code == 1
    sandbox.clear_faults()
    assert target.users(create=True).counts["users"] == {"created": 1}
    assert len(crm.persons()) == 1


def test_a_table_with_the_whole_name_in_one_column_makes_persons(target, crm):
    columns = {"mail": {"type": "string"}, "who": {"type": "string"}}
    mapping = {
        "entity": "person",
        "match": "mail",
        "create": True,
        "fields": [{"from": "who", "to": "Name"}],
    }
    rows = target.table("customers", columns, {"mail": "ann@acme.example", "who": "Ann Lee-Öz"})
    run = target.run(rows, streams={"customers": mapping})
    assert run.counts["customers"] == {"created": 1}
    (person,) = crm.persons()
    assert crm.stored(person)["name"] == "Ann Lee-Öz"
