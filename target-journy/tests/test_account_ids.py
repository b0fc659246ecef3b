"""An organization whose account id changes stands for another account from then on."""

from __future__ import annotations

import pytest

ACME = {"id": 1, "name": "Acme", "website": "acme.example", "account_id": "a1", "mrr": 5}
LINES = {"fields": [{"from": "MRR", "to": "mrr"}]}


@pytest.fixture
def acme(plugins):
    """An organization whose account was made."""
    plugins.organizations(ACME, create=True, **LINES)
    return ACME


@pytest.mark.parametrize(
    ("given", "known"), [(7, "7"), (7.0, "7"), (7.5, "7.5"), (" a b ", "a b"), ("007", "007")]
)
def test_an_id_is_a_text_whatever_the_type_of_its_field(plugins, journy, given, known):
    run = plugins.organizations({**ACME, "account_id": given}, create=True)
    assert run.counts == {"organizations": {"created": 1}}
    assert journy.account(known)["name"] == "Acme"


@pytest.mark.parametrize("given", [None, "", "  ", True, []])
def test_what_is_no_id_makes_no_account(plugins, journy, given):
    assert plugins.organizations({**ACME, "account_id": given}).reasons == {"no_match_key": 1}
    assert journy.writes() == []


def test_the_account_of_another_id_gets_all_values_also_where_none_of_them_changed(
    plugins, journy, acme
):
    journy.put("accounts", {"accountId": "a2"})
    run = plugins.organizations({**acme, "account_id": "a2"}, create=True, **LINES)
    assert run.counts == {"organizations": {"created": 1}}
    account = journy.account("a2")
    assert (account["name"], account["mrr"]) == ("Acme", 5)
    assert journy.account("a1")["name"] == "Acme"


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("rule", ["id_wins", "contact_wins", "refuse", "merge"])
def test_the_domain_stays_with_the_account_that_has_it_whichever_identifier_counts(
    plugins, journy, sandbox, acme, rule
):
    sandbox.apply(switches={"journy.identity_conflict": rule})
    other = {**acme, "account_id": "a2"}
    sandbox.fault("/journy/accounts/upsert", "POST", times=None, action={"status": 503})
    plugins.organizations(other, create=True, **LINES)
    sandbox.clear_faults()
    run = plugins.organizations(other, create=True, **LINES)
    assert run.counts == {"organizations": {"created": 1}}
    assert "domain: account a1 has it already" in run.text("some_fields_rejected")
    assert journy.account("a2")["mrr"] == 5
    assert journy.account("a1")["domain"] == "acme.example"
    journy.writes()
    plugins.organizations(other, create=True, **LINES)
    assert journy.writes() == []


def test_the_account_of_another_id_is_not_made_where_creating_is_off(plugins, journy, acme):
    journy.writes()
    for _ in range(2):
        run = plugins.organizations({**acme, "account_id": "a2", "mrr": 6}, **LINES)
        assert run.reasons == {"no_match": 1}
    assert journy.writes() == []


def test_a_second_run_after_a_changed_id_writes_nothing(plugins, journy, acme):
    other = {**acme, "account_id": "a2"}
    plugins.organizations(other, create=True, **LINES)
    journy.writes()
    plugins.organizations(other, create=True, **LINES)
    assert journy.writes() == []


def test_an_organization_deleted_with_a_changed_id_takes_only_the_known_account_along(
    plugins, journy, acme
):
    journy.put("accounts", {"accountId": "a2"}, name="Birch")
    gone = {**acme, "account_id": "a2", "is_deleted": True}
    plugins.organizations(gone, create=True, on_delete="delete", **LINES)
    assert journy.account("a2")["name"] == "Birch"
    with pytest.raises(KeyError):
        journy.account("a1")
