"""An account's domain identifies it: no two get the same, whatever journy would make of that."""

from __future__ import annotations

import pytest

ACME = {"id": 5, "name": "Acme", "website": "acme.example", "account_id": "a1", "mrr": 5}
TWIN = {**ACME, "id": 6, "name": "Acme too", "account_id": "a2", "mrr": 7}
LINES = {"fields": [{"from": "MRR", "to": "mrr"}], "create": True}
RULES = ["id_wins", "contact_wins", "refuse", "merge"]


@pytest.fixture(params=RULES)
def rule(request, sandbox):
    """What journy does whose identifiers belong to two accounts."""
    sandbox.apply(switches={"journy.identity_conflict": request.param})


def accounts(journy):
    return [(journy.account(each)["name"], journy.account(each)["domain"]) for each in ("a1", "a2")]


@pytest.mark.parametrize("batches", [1, 2], ids=["in one batch", "in two runs"])
def test_two_organizations_with_one_website_are_two_accounts(plugins, journy, rule, batches):
    both = [ACME, TWIN]
    for batch in [both] if batches == 1 else [[ACME], [TWIN]]:
        run = plugins.organizations(*batch, **LINES)
    assert "domain: account a1 has it" in run.text("some_fields_rejected")
    assert accounts(journy) == [("Acme", "acme.example"), ("Acme too", None)]
    journy.writes()
    plugins.organizations(*both, **LINES)
    assert journy.writes() == []


def test_a_website_that_becomes_anothers_is_refused_alone(plugins, journy, rule):
    plugins.organizations(ACME, {**TWIN, "website": "birch.example"}, **LINES)
    run = plugins.organizations({**TWIN, "mrr": 8}, **LINES)
    assert run.counts["organizations"] == {"updated": 1}
    assert "domain: account a1 has it" in run.text("some_fields_rejected")
    assert journy.account("a2")["mrr"] == 8
    assert accounts(journy) == [("Acme", "acme.example"), ("Acme too", "birch.example")]


def test_a_website_that_becomes_anothers_is_told_also_where_nothing_else_changes(plugins, journy):
    plugins.organizations(ACME, {**TWIN, "website": "birch.example"}, **LINES)
    journy.writes()
    run = plugins.organizations(TWIN, **LINES)
    assert run.reasons == {"bad_value": 1}
    assert "domain: account a1 has it" in run.text("bad_value")
    assert journy.writes() == []


def test_an_account_of_a_known_new_id_leaves_the_domain_to_the_former(plugins, journy, rule):
    plugins.organizations(ACME, {**TWIN, "website": None}, **LINES)
    plugins.organizations({"id": 6, "is_deleted": True})
    plugins.organizations({**ACME, "account_id": "a2", "mrr": 9}, **LINES)
    assert journy.account("a2")["mrr"] == 9
    assert accounts(journy) == [("Acme", "acme.example"), ("Acme", None)]


def test_a_domain_that_was_given_up_may_be_anothers(plugins, journy):
    plugins.organizations(ACME, {**TWIN, "website": None}, **LINES)
    plugins.organizations({**ACME, "website": "birch.example"}, **LINES)
    run = plugins.organizations(TWIN, **LINES)
    assert run.counts["organizations"] == {"updated": 1}
    assert accounts(journy) == [("Acme", "birch.example"), ("Acme too", "acme.example")]


def test_a_dry_run_refuses_it_as_well(plugins, journy):
    text = plugins.stream("organizations", ACME, TWIN)
    run = plugins.write(text, organizations=LINES, dry_run=True)
    assert run.counts["organizations"] == {"created": 2}
    assert [line.fields for line in run.lines if line.key == "a2"] == ["name, mrr"]
