"""Account ids with blanks around them, in Pipedrive or in journy: one organization all the same."""

from __future__ import annotations

from itertools import product

import pytest
import requests

TOKEN = "sandbox-token"
STORED = ["acme", " acme ", "acme ", "\tacme", "acme\xa0"]


@pytest.fixture
def stored(crm, sandbox):
    """Lets somebody write an organization with an account id, just as it is."""

    def make(name, account_id):
        key = sandbox.pipedrive.field("organization", "Account ID")["field_code"]
        url, headers = f"{sandbox.pipedrive_url}/api/v2/organizations", {"x-api-token": TOKEN}
        body = {"name": name, "custom_fields": {key: account_id}}
        answer = requests.post(url, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        sandbox.clear_journal()
        return answer.json()["data"]["id"]

    return make


@pytest.mark.parametrize("ids", [*product(["acme", " acme "], STORED)], ids=repr)
@pytest.mark.parametrize("others", [0, 3], ids=["searched for", "listed"])
def test_one_organization_is_found_and_nothing_flaps(target, crm, stored, ids, others):
    given, there = ids
    acme = stored("Acme", there)
    accounts = [{"account_id": given, "name": "Acme"}]
    accounts += [{"account_id": f"other {n}", "name": f"Other {n}"} for n in range(others)]
    run = target.accounts(*accounts, create=True)
    assert run.counts["accounts"].get("created", 0) == others
    assert acme in crm.organizations()
    crm.calls()
    target.accounts(*accounts, create=True)
    assert crm.writes() == []
    assert len(crm.organizations()) == 1 + others


def test_an_id_that_merely_holds_another_is_another_organizations(target, crm, stored):
    stored("Acme Holding", "acme-holding")
    run = target.accounts({"account_id": "acme", "name": "Acme"}, create=True)
    assert run.counts["accounts"] == {"created": 1}


def test_two_organizations_whose_ids_differ_in_blanks_are_refused(target, crm, stored):
    for name, account_id in (("Acme", "acme "), ("Acme Inc", " acme")):
        stored(name, account_id)
    run = target.accounts({"account_id": "acme", "name": "Acme"}, create=True)
    assert run.reasons == {"several_matches": 1}


def test_a_users_account_is_known_with_blanks_around_its_id(target, crm):
    accounts = target.stream("accounts", {"account_id": "acme", "name": "Acme"})
    ann = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann"}
    users = target.stream("users", {**ann, "accounts": [" acme "]})
    target.run(accounts + users, users={"create": True}, accounts={"create": True})
    (person,), (organization,) = crm.persons(), crm.organizations()
    assert crm.stored(person)["org_id"] == organization


def test_both_searches_for_a_new_one_count_where_a_list_may_be_cheaper(target, crm, priced):
    priced(listing=50)
    run = target.accounts(
        *({"account_id": f"new-{n}", "name": f"New {n}"} for n in range(2)), create=True
    )
    assert run.counts["accounts"] == {"created": 2}
    asked = crm.calls("GET")
    assert not [each for each in asked if "itemSearch" in each]  # 2 x 2 x 20, against 50
    assert len([each for each in asked if each.startswith("GET /api/v2/organizations?")]) == 1
