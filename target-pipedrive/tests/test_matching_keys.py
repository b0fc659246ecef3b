"""Further match keys, in the configured order: they may find a record, and never make one."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
HEALTH = [{"from": "health", "to": "Customer health"}]
#: Persons by e-mail, else by the CRM's own number.
PERSON = {"match": [{"from": "lifecycle", "to": "Lifecycle stage"}], "fields": HEALTH}
#: Organizations by account id, else by domain, else by name.
ORGANIZATION = {
    "match": [{"from": "domain", "to": "website"}, {"from": "name", "to": "name"}],
    "fields": [{"from": "mrr", "to": "MRR"}],
}
ACME = {"account_id": "a1", "name": "Acme", "domain": "acme.example", "mrr": 5}


@pytest.fixture(params=[1, 2_000], ids=["listed", "searched"])
def _way(request, priced):
    """Whether to look records up by a list or, as in a larger account, by searches."""
    if request.param > 1:
        priced(search=1)


pytestmark = pytest.mark.usefixtures("_way")


def health(crm, person):
    return crm.stored(person)["Customer health"]


def test_a_person_whose_address_is_unknown_is_found_by_the_next_key(target, crm):
    person = crm.person("ann@home.example", custom={"Lifecycle stage": "4711"})
    crm.person("bob@home.example", custom={"Lifecycle stage": "4712"})
    user = {**ANN, "lifecycle": "4711", "health": "Good"}
    run = target.users(user, create=True, **PERSON)
    assert run.counts["users"] == {"updated": 1}
    assert health(crm, person) == crm.option("Customer health", "Good")
    assert len(crm.persons()) == 2
    again = target.users(user, create=True, **PERSON)
    assert again.counts["users"] == {"unchanged": 1}


def test_keys_that_agree_find_the_one_record(target, crm):
    person = crm.person("ann@acme.example", custom={"Lifecycle stage": "4711"})
    run = target.users({**ANN, "lifecycle": "4711", "health": "Good"}, **PERSON)
    assert run.counts["users"] == {"updated": 1}
    assert health(crm, person) == crm.option("Customer health", "Good")


def test_keys_that_find_different_records_are_rejected_naming_both(target, crm):
    first = crm.person("ann@acme.example")
    second = crm.person("ann@home.example", custom={"Lifecycle stage": "4711"})
    run = target.users({**ANN, "lifecycle": "4711", "health": "Good"}, create=True, **PERSON)
    assert run.counts["users"] == {"rejected": 1}
    assert run.text("several_matches") == (
        f"its e-mail address finds person {first}, its Lifecycle stage finds person {second}; "
        "merge them or correct one"
    )
    assert crm.writes() == []


def test_a_further_key_that_finds_several_is_rejected_naming_all(target, crm):
    twins = [crm.person(custom={"Lifecycle stage": "4711"}) for _ in range(2)]
    run = target.users({**ANN, "lifecycle": "4711"}, create=True, **PERSON)
    assert run.counts["users"] == {"rejected": 1}
    assert f"finds person {twins[0]} and {twins[1]}" in run.text("several_matches")
    assert crm.writes() == []


def test_a_user_without_an_address_is_found_by_a_further_key(target, crm):
    person = crm.person(custom={"Lifecycle stage": "4711"})
    user = {"user_id": "u1", "email": None, "lifecycle": "4711", "health": "Good"}
    assert target.users(user, create=True, **PERSON).counts["users"] == {"updated": 1}
    run = target.users({**user, "email": "ann@acme.example"}, create=True, **PERSON)
    assert run.counts["users"] == {"updated": 1}
    assert crm.persons() == [person]
    assert crm.stored(person)["emails"][0]["value"] == "ann@acme.example"


def test_a_user_without_an_address_is_never_created(target, crm):
    run = target.users({"user_id": "u1", "lifecycle": "4711"}, create=True, **PERSON)
    assert run.reasons == {"no_match_key": 1}
    assert "without which none is created" in run.text("no_match_key")
    assert crm.persons() == []


def test_who_has_none_of_the_keys_is_created_by_the_first(target, crm):
    run = target.users({**ANN, "lifecycle": "4711"}, create=True, **PERSON)
    assert run.counts["users"] == {"created": 1}


@pytest.mark.parametrize(
    "stored", ["acme.example", "https://www.acme.example/about", "HTTP://ACME.example"]
)
def test_an_organization_is_found_by_its_domain_however_it_is_spelled(target, crm, stored):
    acme = crm.organization("Acme Ltd", website=stored)
    run = target.accounts(ACME, create=True, **ORGANIZATION)
    assert run.counts["accounts"] == {"updated": 1}
    assert crm.stored(acme, "organization")["MRR"] == 5
    assert crm.stored(acme, "organization")["Account ID"] == "a1"
    assert len(crm.organizations()) == 1


@pytest.mark.parametrize(
    "stored", ["acme.example", "ACME.example", "https://www.Acme.example/", "www.acme.example"]
)
def test_a_domain_in_a_field_of_the_companys_own_is_found_however_it_is_spelled(
    target, crm, by_hand, stored
):
    by_hand("POST", "api/v2/organizationFields", {"field_name": "Domain", "field_type": "varchar"})
    acme = crm.organization("Acme Ltd", custom={"Domain": stored})
    match = [{"from": "domain", "to": "Domain"}]
    run = target.accounts({**ACME, "domain": "Acme.Example"}, create=True, match=match)
    assert run.counts["accounts"] == {"updated": 1}
    assert crm.organizations() == [acme]
    assert crm.stored(acme, "organization")["Domain"] == stored


def test_an_organization_is_found_by_its_name_where_nothing_else_finds_it(target, crm):
    acme = crm.organization("Acme")
    crm.organization("Acme Ltd")
    assert target.accounts(ACME, **ORGANIZATION).counts["accounts"] == {"updated": 1}
    assert crm.stored(acme, "organization")["MRR"] == 5


def test_the_account_id_comes_before_domain_and_name(target, crm):
    right = crm.organization("Elsewhere", custom={"Account ID": "a1"})
    run = target.accounts({**ACME, "domain": None, "name": "Other"}, **ORGANIZATION)
    assert run.counts["accounts"] == {"updated": 1}
    assert crm.stored(right, "organization")["MRR"] == 5


def test_a_name_that_points_elsewhere_than_the_account_id_is_rejected(target, crm):
    first = crm.organization("Elsewhere", custom={"Account ID": "a1"})
    second = crm.organization("Acme")
    run = target.accounts(ACME, **ORGANIZATION)
    text = run.text("several_matches")
    assert (
        f"its Account ID finds organization {first}, its name finds organization {second}" in text
    )


def test_a_stream_takes_a_list_of_keys(target, crm):
    person = crm.person("ann@home.example", custom={"Lifecycle stage": "4711"})
    text = {"type": ["string", "null"]}
    columns = {"mail": text, "number": text, "first": text}
    rows = target.table(
        "customers", columns, {"mail": "ann@acme.example", "number": "4711", "first": "A"}
    )
    mapping = {
        "entity": "person",
        "match": ["mail", {"from": "number", "to": "Lifecycle stage"}],
        "fields": [{"from": "first", "to": "First name"}],
    }
    run = target.run(rows, streams={"customers": mapping})
    assert run.counts["customers"] == {"updated": 1}
    assert crm.stored(person)["first_name"] == "A"


@pytest.mark.parametrize("stored", ["ann@acme.example", "ann@home.example"])
def test_each_address_of_a_list_of_texts_matches(target, crm, stored):
    person = crm.person(stored)
    columns = {"mails": {"type": "array"}, "first": {"type": "string"}}
    row = {"mails": ["ann@acme.example", "ann@home.example"], "first": "A"}
    fields = [{"from": "first", "to": "First name"}, {"from": "mails", "to": "emails"}]
    people = {"entity": "person", "match": "mails", "create": True, "fields": fields}
    run = target.run(target.table("people", columns, row), streams={"people": people})
    assert run.counts["people"] == {"updated": 1}
    assert {each["value"] for each in crm.stored(person)["emails"]} == set(row["mails"])
    again = target.run(target.table("people", columns, row), streams={"people": people})
    assert again.counts["people"] == {"unchanged": 1}
    assert crm.persons() == [person]


WRONG = {
    "no list": ({"from": "health", "to": "Churn score"}, "users.match: expected a list"),
    "no ends": ([{"from": "health"}], "users.match[0]: 'to' is a required property"),
    "an unknown field": ([{"from": "health", "to": "Lifecycle stag"}], "'Lifecycle stage'"),
    "a choice": ([{"from": "health", "to": "Customer health"}], "can't be matched by"),
    "an unknown column": ([{"from": "helth", "to": "Lifecycle stage"}], "'health'"),
}


@pytest.mark.parametrize(("match", "text"), WRONG.values(), ids=WRONG)
def test_a_match_that_cannot_be_ends_the_run_before_any_write(target, crm, match, text):
    crm.person("ann@acme.example")
    run = target.users({**ANN, "health": "Good"}, match=match, fields=HEALTH)
    assert run.exit_code == 1
    assert text in run.log
    assert "Traceback" not in run.log
    assert crm.writes() == []
