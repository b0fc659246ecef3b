"""What was deleted in Pipedrive by others: the rest is written, and the run learns of it once."""

from __future__ import annotations

import pytest
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "accounts": ["a1"]}
ACME = {"account_id": "a1", "name": "Acme"}
SCORE = {"from": "churn_score", "to": "Churn score"}
HEALTH = {"from": "health", "to": "Customer health"}
INTERESTS = {"from": "interests", "to": "Interests"}


@pytest.fixture
def sync(target):
    """Runs with some users and accounts, in the order in which they are named."""

    def run(**records):
        messages = [each for name in records for each in target.stream(name, *records[name])]
        users = {"create": True, "fields": [SCORE]}
        return target.run(messages, users=users, accounts={"create": True})

    return run


@pytest.fixture
def acme(sync, crm):
    """An organization that was linked, and that somebody has deleted since."""
    sync(accounts=[ACME])
    (organization,) = crm.organizations()
    crm.delete(organization, "organizations")
    return organization


def persons_writes(crm):
    return [call for call in crm.writes() if "/persons" in call]


@pytest.mark.parametrize("there", [True, False], ids=["a change", "a new person"])
def test_a_deleted_organization_keeps_nothing_else_of_a_person_back(sync, crm, acme, there):
    if there:
        crm.person("ann@acme.example")
    run = sync(users=[{**ANN, "churn_score": 5}])
    assert run.reasons == {"some_fields_rejected": 1}
    assert f"organization {acme} was deleted or merged" in run.text("some_fields_rejected")
    (person,) = crm.persons()
    assert crm.stored(person)["Churn score"] == 5
    assert crm.stored(person)["org_id"] is None


def test_who_joins_the_account_of_a_deleted_organization_is_not_sent_again(sync, crm):
    sync(accounts=[ACME], users=[{**ANN, "accounts": []}])
    (organization,) = crm.organizations()
    crm.delete(organization, "organizations")
    run = sync(users=[ANN])
    assert f"organization {organization} was deleted" in run.text("refused")
    crm.calls()
    for _ in range(2):
        assert sync(users=[ANN]).counts["users"] == {"unchanged": 1}
        assert persons_writes(crm) == []


@pytest.mark.parametrize("again", [[], [ANN]], ids=["without coming again", "coming again"])
def test_once_the_account_has_another_organization_its_users_are_linked_to_that(
    sync, crm, acme, again
):
    sync(users=[ANN])
    run = sync(accounts=[ACME], users=again)
    assert run.counts["accounts"] == {"created": 1}
    assert run.counts["users"] == {"updated": 1}
    (person,) = crm.persons()
    assert crm.stored(person)["org_id"] == crm.organizations()[-1] != acme
    assert sync(accounts=[ACME], users=[ANN]).counts == {
        "accounts": {"unchanged": 1}, "users": {"unchanged": 1},
    }  # fmt: skip


def test_the_accounts_of_other_organizations_stay_linked(sync, crm):
    sync(accounts=[ACME, {"account_id": "a2", "name": "Birch"}])
    deleted, other = crm.organizations()
    crm.delete(deleted, "organizations")
    sync(users=[ANN])
    sync(users=[{**ANN, "accounts": ["a2"]}])
    (person,) = crm.persons()
    assert crm.stored(person)["org_id"] == other


def test_who_waits_for_another_organization_is_not_kept_as_refused(sync, crm, target):
    sync(accounts=[ACME], users=[{**ANN, "accounts": []}])
    crm.delete(*crm.organizations(), "organizations")
    for _ in range(2):
        sync(users=[ANN])
    ledger = Ledger(target.ledger_url, "default")
    assert release(ledger, reason="refused") == 0
    ledger.close()


def test_who_is_linked_to_an_account_is_not_compared_again_since_another_value_was_refused(
    sync, sandbox
):
    sync(accounts=[ACME], users=[ANN])
    gone = {"remove_field": {"entity": "person", "name": "Churn score"}}
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", action={"apply": {"pipedrive": gone}})
    run = sync(users=[{**ANN, "first_name": "Anna", "churn_score": 5}])
    assert run.reasons == {"some_fields_rejected": 1}


def test_a_merged_organizations_account_goes_on_with_the_one_that_is_left(sync, crm, by_hand):
    sync(accounts=[ACME])
    (former,) = crm.organizations()
    left = crm.organization("Acme Inc", website="https://acme.example")
    by_hand("PUT", f"v1/organizations/{former}/merge", {"merge_with_id": left})
    sync(users=[ANN])
    sync(accounts=[ACME], users=[])
    (person,) = crm.persons()
    assert crm.stored(person)["org_id"] == left


def test_the_users_of_a_deleted_organization_cost_one_refusal(sync, crm, acme):
    users = [{**ANN, "user_id": f"u{n}", "email": f"ann{n}@acme.example"} for n in range(200)]
    sync(users=[{**each, "accounts": []} for each in users])
    crm.calls()
    run = sync(users=[{**each, "churn_score": 5} for each in users])
    assert run.reasons == {"some_fields_rejected": 200}
    calls = crm.calls()
    assert len([call for call in calls if "PATCH" in call]) < 230, "those under way, and once more"
    assert calls.count(f"GET /api/v2/organizations/{acme}") == 1
    again = sync(accounts=[ACME], users=[])  # those of whom it was foreseen wait for it as well
    assert again.counts["users"] == {"updated": 200}
    assert {crm.stored(each)["org_id"] for each in crm.persons()} == {crm.organizations()[-1]}


def test_an_organization_that_is_there_and_refused_stays_linked(sync, crm, sandbox):
    sync(accounts=[ACME])
    crm.person("ann@acme.example")
    body = {"success": False, "error": "Validation failed: org_id: not yours"}
    sandbox.fault("/pipedrive/api/v2/persons/*", "PATCH", action={"status": 400, "body": body})
    run = sync(users=[{**ANN, "churn_score": 5}])
    assert "org_id: not yours" in run.text("some_fields_rejected")
    crm.calls()
    sync(users=[{**ANN, "churn_score": 5}])
    assert persons_writes(crm) == []
    assert sync(accounts=[{**ACME, "name": "Acme Inc"}]).counts["accounts"] == {"updated": 1}
    assert len(crm.organizations()) == 1


#: What is deleted, the line that writes to it, its value, and one that is there still.
DELETED = {
    "an option": ("Customer health", {"label": "Good"}, HEALTH, "Good", "Bad"),
    "an option of several": (
        "Interests",
        {"label": "Billing"},
        INTERESTS,
        ["Billing", "Analytics"],
        ["Analytics"],
    ),
    "a field": ("Customer health", {}, HEALTH, "Good", None),
}


@pytest.mark.parametrize("case", DELETED.values(), ids=DELETED)
def test_what_is_deleted_amid_a_run_is_refused_for_few_records_and_known_for_the_others(
    target, crm, sandbox, case
):
    name, option, line, value, living = case
    persons = [crm.person(f"ann{n}@acme.example") for n in range(600)]
    gone = {
        "remove_option" if option else "remove_field": {"entity": "person", "name": name, **option}
    }
    sandbox.fault("/pipedrive/api/v2/persons*", "GET", action={"apply": {"pipedrive": gone}})
    users = [
        {"user_id": f"u{n}", "email": f"ann{n}@acme.example", "churn_score": n + 1,
         line["from"]: value if n < 599 else living}
        for n in range(600)
    ]  # fmt: skip
    run = target.users(*users, fields=[SCORE, line])
    assert run.counts["users"] == {"updated": 600}
    assert run.reasons["some_fields_rejected"] == 599, "all but the last"
    assert len([call for call in crm.calls() if "PATCH" in call]) < 640, "those that were under way"
    assert [crm.stored(each)["Churn score"] for each in persons] == list(range(1, 601))
    assert bool(living) == (name in crm.stored(persons[-1]))
