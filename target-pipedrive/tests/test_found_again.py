"""Without the ledger only the key finds a record, so none is made that its key doesn't find."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
TEXT = {"type": ["string", "null"]}


@pytest.fixture
def accounts(target, sandbox):
    """Accounts whose id stands in a number field."""
    field = {"entity": "organization", "name": "Number", "type": "double"}
    sandbox.apply(pipedrive={"add_field": field})

    def run(*ids):
        records = [{"account_id": each, "name": f"Acme {each}"} for each in ids]
        return target.accounts(*records, create=True, external_id_field="Number")

    return run


def refused_for(sandbox, path, field):
    body = {"success": False, "error": f"Validation failed: {field}: not allowed"}
    action = {"status": 400, "body": body}
    sandbox.fault(f"/pipedrive/api/v2/{path}", "POST", times=1, action=action)


@pytest.mark.parametrize("account", ["abc", "007", "7.0", "1e3", "+7", "12345678901234567"])
def test_an_id_that_a_number_field_holds_otherwise_or_not_at_all_makes_no_organization(
    accounts, crm, account
):
    run = accounts(account, "8")
    assert run.counts["accounts"] == {"created": 1, "rejected": 1}
    assert "Number" in run.text("incomplete")
    assert "found again" in run.text("incomplete")
    assert len(crm.organizations()) == 1


def test_an_id_that_a_number_field_holds_as_it_is_makes_one_organization(accounts, crm, target):
    accounts("7")
    target.forget()
    assert accounts("7").counts["accounts"] == {"unchanged": 1}
    assert len(crm.organizations()) == 1


def test_a_person_whose_address_the_service_refuses_is_not_made_without_it(target, crm, sandbox):
    refused_for(sandbox, "persons", "emails")
    run = target.users(ANN, create=True)
    assert run.reasons == {"refused": 1}
    assert "emails: not allowed" in run.text("refused")
    assert crm.persons() == []


def test_an_organization_whose_id_the_service_refuses_is_not_made_without_it(target, crm, sandbox):
    refused_for(sandbox, "organizations", crm.key("Account ID", "organization"))
    run = target.accounts({"account_id": "a1", "name": "Acme"}, create=True)
    assert run.reasons == {"refused": 1}
    assert crm.organizations() == []


def test_what_else_the_service_refuses_of_a_new_person_is_left_out(target, crm, sandbox):
    refused_for(sandbox, "persons", "phones")
    run = target.users({**ANN, "phone": "+3225550101"}, create=True)
    assert run.reasons == {"some_fields_rejected": 1}
    assert len(crm.persons()) == 1


def test_what_else_the_service_refuses_of_a_new_organization_is_left_out(target, crm, sandbox):
    refused_for(sandbox, "organizations", "website")
    acme = {"account_id": "a1", "name": "Acme", "domain": "acme.example"}
    run = target.accounts(acme, create=True, domain_field="website")
    assert run.reasons == {"some_fields_rejected": 1}
    assert len(crm.organizations()) == 1


def test_a_name_that_was_refused_is_named_where_it_is_lacking(target, crm):
    run = target.users({**ANN, "first_name": "x" * 300, "last_name": None}, create=True)
    assert "has no name" in run.text("incomplete")
    assert "at most 255 characters fit, got 300" in run.text("incomplete")
    assert crm.persons() == []


FIRMS = {"id": TEXT, "name": TEXT}
#: What a stream's key is compared with, the key, and how a record has it already.
FOUND_BY = [
    ("website", "https://www.Acme.example/de", {"website": "acme.example"}, None),
    ("name", "Cafe\u0301 Acme", {"name": "Café Acme"}, None),
    ("Account ID", "Cafe\u0301", {}, {"Account ID": "Café"}),
]


@pytest.mark.parametrize("case", FOUND_BY, ids=lambda case: case[0])
def test_a_key_finds_what_says_the_same_in_another_spelling(target, crm, case):
    field, key, own, custom = case
    crm.organization(**{"name": "Acme", **own}, custom=custom)
    messages = target.table("firms", FIRMS, {"id": key, "name": "Acme"})
    lines = [] if field == "name" else [{"from": "name", "to": "Name"}]
    match = {"from": "id", "to": field}
    firms = {"entity": "organization", "match": match, "create": True, "fields": lines}
    for _ in range(2):
        run = target.run(messages, streams={"firms": firms})
        assert run.exit_code == 0, run.log
        assert len(crm.organizations()) == 1
        target.forget()
