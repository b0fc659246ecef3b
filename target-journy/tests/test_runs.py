"""Accounts, settings and runs of target-journy."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

ANN = {"id": 1, "first_name": "Ann", "emails": [{"value": "ann@acme.example", "primary": True}]}
ACME = {"id": 5, "name": "Acme", "website": "https://www.acme.example/about", "account_id": "A-1"}


def refused(run, journy, *sentences):
    assert run.exit_code == 1
    assert "Traceback" not in run.log
    assert run.states == []
    assert len(run.errors) == len(sentences), run.errors
    for found, parts in zip(run.errors, sentences, strict=True):
        for part in parts:
            assert part in found
    assert journy.writes() == []


def test_an_organization_becomes_an_account_with_id_name_and_domain(plugins, journy):
    run = plugins.organizations(ACME, create=True)
    assert run.counts["organizations"] == {"created": 1}
    account = journy.account("A-1")
    assert (account["name"], account["domain"]) == ("Acme", "acme.example")


def test_an_organization_without_the_id_is_skipped(plugins, journy):
    run = plugins.organizations({**ACME, "account_id": None}, create=True)
    assert run.text("no_match_key") == "the organization has no Account ID to match by"
    assert journy.writes() == []


def test_two_organizations_with_one_account_id_are_rejected_with_both_ids(plugins, journy):
    run = plugins.organizations(ACME, {**ACME, "id": 8}, create=True)
    assert run.counts["organizations"] == {"created": 1, "rejected": 1}
    assert run.text("duplicate_key").startswith("5 and 8 have the same Account ID")


def test_a_website_that_is_no_domain_is_refused_alone(plugins, journy):
    run = plugins.organizations({**ACME, "website": "our intranet"}, create=True)
    assert run.counts["organizations"] == {"created": 1}
    assert "domain: expected a domain such as" in run.text("some_fields_rejected")
    assert journy.account("A-1")["name"] == "Acme"


def test_every_wrong_line_is_listed_at_once(plugins, journy):
    persons = [
        {"from": "churn_score", "to": "churn_score"},
        {"from": "churn_score", "to": "email"},
        {"from": "churn_score", "to": "30 Days!"},
    ]
    organizations = [{"from": "mrr", "to": "health"}]
    run = plugins.write(
        plugins.stream("persons", ANN),
        persons={"create": True, "fields": persons},
        organizations={"fields": organizations},
    )
    refused(
        run,
        journy,
        ("organizations.fields[0]", "computes the property 'health' itself"),
        ("persons.fields[0]", "computes the property 'churn_score' itself"),
        ("persons.fields[1]", "'email' identifies a record"),
        ("persons.fields[2]", "'30 Days!' can't be a journy property"),
    )


def test_an_unknown_source_and_a_property_that_is_a_target_twice(plugins, journy):
    fields = [{"from": "churn", "to": "fit"}]
    run = plugins.persons(ANN, create=True, fields=fields)
    refused(run, journy, ("persons.fields[0]", "no field 'churn'", "did you mean 'churn_score'"))
    fields = [{"from": name, "to": "fit"} for name in ("churn_score", "lifecycle_stage")]
    run = plugins.persons(ANN, create=True, fields=fields)
    refused(run, journy, ("persons.fields[1]", "already the target of persons.fields[0]"))


@pytest.mark.usual("journy.unknown_properties")
def test_a_property_that_journy_lacks_gets_a_name_in_lower_snake_case(plugins, journy):
    fields = [{"from": "churn_score", "to": "Fit score (CRM)"}]
    run = plugins.persons({**ANN, "churn_score": 7}, create=True, fields=fields)
    assert journy.user("ann@acme.example")["fit_score_crm"] == 7
    assert "the user property fit_score_crm" in run.log


def test_names_that_become_one_and_those_of_computed_properties_are_refused(plugins, journy):
    fields = [{"from": "churn_score", "to": name} for name in ("Fit score", "fit_score")]
    run = plugins.persons(ANN, create=True, fields=fields)
    refused(run, journy, ("persons.fields[1]", "already the target of persons.fields[0]"))
    fields = [{"from": "churn_score", "to": name} for name in ("Churn-Score", "User ID")]
    run = plugins.persons(ANN, create=True, fields=fields)
    refused(
        run,
        journy,
        ("persons.fields[0]", "computes the property 'churn_score' itself"),
        ("persons.fields[1]", "'user_id' identifies a record"),
    )


def test_an_account_id_field_that_is_not_there(plugins, journy):
    run = plugins.organizations(ACME, create=True, external_id_field="Acount ID")
    refused(run, journy, ("organizations.external_id_field", "did you mean 'account_id'"))


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({"api_key": "another-key"}, ("401", "check the credential")),
        ({"api_key": None}, ("api_key is missing",)),
        ({"persons": {"creat": True}}, ("persons: unknown key 'creat'", "did you mean 'create'")),
        ({"person": {}}, ("person: target-journy has no such setting", "did you mean 'persons'")),
    ],
)
def test_settings_that_cannot_work(plugins, journy, settings, parts):
    run = plugins.write(plugins.stream("persons", ANN), **settings)
    refused(run, journy, parts)
    assert "another-key" not in run.log


def test_a_malformed_record_is_rejected_alone(plugins, journy):
    run = plugins.persons(ANN, {"first_name": "Nobody"}, None, {**ANN, "id": [1]}, create=True)
    assert run.exit_code == 0
    assert run.counts["persons"]["created"] == 1
    assert run.counts["persons"]["rejected"] >= 2
    assert len(run.states) == 1


def test_a_dry_run_counts_like_the_real_one_and_writes_nothing(plugins, journy):
    text = plugins.stream("organizations", ACME, {**ACME, "id": 6, "account_id": None})
    text += plugins.stream("persons", {**ANN, "org_id": 5}, {"id": 2}, {**ANN, "id": 3})
    both = {"persons": {"create": True}, "organizations": {"create": True}}
    dry = plugins.write(text, dry_run=True, **both)
    assert dry.out == ""
    assert journy.writes() == []
    real = plugins.write(text, **both)
    assert dry.counts == real.counts
    assert len(real.states) >= 1


def person(number, **values):
    emails = [{"value": f"p{number}@acme.example", "primary": True}]
    return {"id": number, "first_name": "Ann", "emails": emails, **values}


FIRMS = [{"id": number, "name": f"Firm {number}", "account_id": f"a{number}"} for number in (5, 6)]
#: Versions of records that come in one run, each in a batch of its own; a first one had person 1.
AGAIN = {
    "a value and back": [person(1, first_name="Bea"), person(1)],
    "a new one and back": [person(2), person(2, first_name="Bea"), person(2)],
    "home and away": [person(1, org_id=5), person(1, org_id=6), person(1, org_id=None)],
    "an address that moves on": [
        {**person(1), "emails": [{"value": "new@acme.example"}]},
        {**person(3), "emails": person(1)["emails"]},
    ],
    "deleted and back": [person(1, is_deleted=True), person(1), person(1, is_deleted=True)],
}


@pytest.mark.parametrize("persons", AGAIN.values(), ids=AGAIN)
def test_a_dry_run_counts_a_record_that_comes_again_like_the_real_one(plugins, persons):
    settings = {
        "persons": {"create": True, "on_delete": "delete"},
        "organizations": {"create": True},
        "batch_size_rows": 1,
    }
    firms = plugins.stream("organizations", *FIRMS)
    plugins.write(firms + plugins.stream("persons", person(1)), **settings)
    text = firms + plugins.stream("persons", *persons)
    dry, real = (plugins.write(text, dry_run=dry, **settings) for dry in (True, False))
    assert dry.counts == real.counts


def test_switched_off_it_calls_nothing_and_passes_no_state_on(plugins, sandbox):
    run = plugins.write(plugins.stream("persons", ANN), enabled=False, api_key=None)
    assert run.exit_code == 0
    assert run.out == ""
    assert sandbox.journal() == []


@pytest.mark.usefixtures("hasty")
def test_an_upsert_whose_answer_is_lost_is_sent_again_in_the_same_run(plugins, journy, sandbox):
    sandbox.fault("/journy/users/upsert", "POST", action={"drop_after": True})
    run = plugins.persons(ANN, create=True)
    assert run.counts["persons"] == {"created": 1}
    assert journy.users() == ["ann@acme.example"]


def test_no_secret_and_no_personal_data_stands_in_the_debug_log(plugins, sandbox):
    config = plugins.folder / "config.json"
    settings = plugins.settings("target-journy", persons={"create": True})
    config.write_text(json.dumps(settings), encoding="utf-8")
    text = plugins.stream("persons", ANN, {**ANN, "id": 2}) + '{"email": "cut@acme.example\n'
    done = subprocess.run(
        [sys.executable, "-m", "target_journy", "--config", str(config)],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LOGLEVEL": "DEBUG"},
    )
    assert done.returncode == 1
    assert "DEBUG" in done.stderr
    for private in ("sandbox-key", "@acme", "Ann", "cut@"):
        assert private not in done.stdout + done.stderr
