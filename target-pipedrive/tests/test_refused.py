"""What Pipedrive refuses is sent once: again only where something changed, or somebody asks."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "churn_score": 1}
SCORE = {"from": "churn_score", "to": "Churn score"}
PERSONS = "/pipedrive/api/v2/persons*"


@pytest.fixture
def sync(target):
    """Syncs Ann, who is made where she isn't there."""

    def run(*lines, **values):
        return target.users({**ANN, **values}, create=True, fields=list(lines) or [SCORE])

    return run


@pytest.fixture(params=["PATCH", "POST"], ids=["a change", "a new person"])
def refused(request, sync, crm, sandbox):
    """What Ann's person is refused by; lets it through again."""
    if request.param == "PATCH":
        crm.person("ann@acme.example")
    action = {"status": 400, "body": {"success": False, "error": "not like this"}}
    sandbox.fault(PERSONS, request.param, times=None, action=action)
    run = sync()
    assert run.reasons == {"refused": 1}
    assert "not like this" in run.text("refused")
    assert "isn't sent again" in run.text("refused")
    assert "mended in Pipedrive alone, let `connector retry` send it" in run.text("refused")
    assert len(crm.writes()) == 1
    return sandbox.clear_faults


def ask_again(target):
    ledger = Ledger(target.ledger_url, "default")
    try:
        return release(ledger)
    finally:
        ledger.close()


def test_a_record_that_is_refused_whole_is_neither_sent_nor_looked_up_again(sync, crm, refused):
    for _ in range(2):
        run = sync()
        assert run.reasons == {"refused": 1}
        assert "`connector retry`" in run.text("refused")
        assert [call for call in crm.calls() if "/persons" in call] == []


@pytest.mark.usefixtures("refused")
def test_a_later_run_says_where_the_reason_stands_and_how_it_is_sent_once_that_is_mended(sync):
    run = sync()
    assert "earlier lines of this record in `connector log`" in run.text("refused")
    assert "mended in Pipedrive alone, let `connector retry` send it" in run.text("refused")
    (line,) = [each for each in run.log.splitlines() if "1 rejected, refused: " in each]
    assert "`connector retry`" in line


def test_it_is_sent_once_a_mapped_value_is_another(sync, crm, refused):
    sync()
    refused()
    assert sync(churn_score=2).counts["users"].keys() <= {"created", "updated"}
    (person,) = crm.persons()
    assert crm.stored(person)["Churn score"] == 2


def test_it_is_sent_once_its_line_says_something_else(sync, crm, refused):
    refused()
    run = sync({**SCORE, "map": {"1": 5}})
    assert run.counts["users"].keys() <= {"created", "updated"}


def test_it_is_sent_once_pipedrives_fields_are_others(sync, crm, refused):
    refused()
    crm.add_options(f"personFields/{crm.key('Customer health')}/options", "Superb")
    assert sync().counts["users"].keys() <= {"created", "updated"}


def test_it_is_sent_where_a_person_asks_for_it(target, sync, crm, refused):
    sync()
    assert ask_again(target) == 1
    assert sync().reasons == {"refused": 1}
    assert len(crm.writes()) == 1, "it was tried, and refused again"
    sync()
    assert crm.writes() == []
    refused()
    assert ask_again(target) == 1
    assert target.users(create=True, fields=[SCORE]).counts["users"].keys() <= {
        "created",
        "updated",
    }
    assert ask_again(target) == 0


def test_a_dry_run_foretells_that_it_is_not_sent(target, refused):
    users = {"create": True, "fields": [SCORE]}
    run = target.run(target.stream("users", ANN), users=users, dry_run=True)
    assert run.reasons == {"refused": 1}


def test_without_the_ledger_it_is_sent_once_more(target, sync, crm, refused):
    target.forget()
    assert sync().reasons == {"refused": 1}
    assert len(crm.writes()) == 1


def test_a_field_that_is_refused_alone_is_not_sent_again(sync, crm, sandbox, bodies):
    crm.person("ann@acme.example")
    body = {"success": False, "error": "Validation failed: phones: not allowed"}
    sandbox.fault(PERSONS, "PATCH", times=1, action={"status": 400, "body": body})
    assert sync(phone="+3225550101").reasons == {"some_fields_rejected": 1}
    bodies.clear()
    assert sync(phone="+3225550101").reasons == {"no_difference": 1}
    assert sync(phone="+3225550101", churn_score=2).reasons == {"updated": 1}
    assert [list(sent) for _, sent in bodies] == [["custom_fields"]]
    assert sync(phone="+3225550102", churn_score=2).reasons == {"updated": 1}


def test_a_change_whose_every_field_is_refused_is_not_sent_again(sync, crm, sandbox):
    crm.person("ann@acme.example")
    sync()
    key = crm.key("Churn score")
    body = {"success": False, "error": f"Validation failed: custom_fields.{key}: no"}
    sandbox.fault(PERSONS, "PATCH", times=None, action={"status": 400, "body": body})
    crm.calls()
    run = sync(churn_score=2)
    assert run.reasons == {"refused": 1}
    assert f"custom_fields.{key}: no" in run.text("refused")
    assert len(crm.writes()) == 1
    assert sync(churn_score=2).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


@pytest.mark.parametrize("named", ["first_name", "emails"])
def test_a_new_person_is_not_tried_without_what_every_person_needs(sync, crm, sandbox, named):
    body = {"success": False, "error": f"Validation failed: {named}: no"}
    sandbox.fault(PERSONS, "POST", times=None, action={"status": 400, "body": body})
    run = sync()
    assert run.reasons == {"refused": 1}
    assert f"{named}: no" in run.text("refused")
    assert len(crm.writes()) == 1


def test_a_new_person_is_made_without_what_is_refused_and_not_needed(sync, crm, sandbox):
    body = {"success": False, "error": "Validation failed: phones: no"}
    sandbox.fault(PERSONS, "POST", action={"status": 400, "body": body})
    assert sync(phone="+3225550101").reasons == {"some_fields_rejected": 1}
    (person,) = crm.persons()
    assert crm.stored(person)["Churn score"] == 1


def test_a_field_is_named_by_its_whole_name_alone(target, crm, sandbox):
    firm = crm.organization("Acme", {"Account ID": "a1"}, website="acme.example")
    error = "Validation failed: website: not a hostname"
    action = {"status": 400, "body": {"success": False, "error": error}}
    sandbox.fault("/pipedrive/api/v2/organizations*", "PATCH", times=1, action=action)
    lines = [
        {"from": source, "to": to, "conflict": "journy"}
        for source, to in (("name", "name"), ("domain", "website"))
    ]
    account = {"account_id": "a1", "name": "Acme Ltd", "domain": "acme.test"}
    run = target.accounts(account, external_id_field="Account ID", fields=lines)
    assert run.reasons == {"some_fields_rejected": 1}
    stored = crm.stored(firm, "organization")
    assert (stored["name"], stored["website"]) == ("Acme Ltd", "acme.example")
