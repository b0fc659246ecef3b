"""Whose record it is: exactly one match is written to, everything else is left alone and said."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
HEALTH = [{"from": "health", "to": "Customer health"}]


def test_an_email_matches_regardless_of_case(target, crm):
    person = crm.person("Ann@ACME.example")
    run = target.users({**ANN, "health": "Good"}, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(person)["Customer health"] == crm.option("Customer health", "Good")


def test_any_of_a_persons_addresses_matches(target, crm):
    person = crm.person("ann@home.example", "ann@acme.example")
    run = target.users({**ANN, "health": "Bad"}, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(person)["Customer health"] == crm.option("Customer health", "Bad")


def test_an_address_that_merely_contains_the_key_does_not_match(target, crm):
    crm.person("joann@acme.example")
    crm.person("ann@acme.example.org")
    run = target.users({**ANN, "health": "Good"}, fields=HEALTH)
    assert run.counts["users"] == {"skipped": 1}
    assert run.reasons == {"no_match": 1}
    assert crm.writes() == []


def test_two_persons_with_the_address_are_rejected_with_both_ids(target, crm):
    first = crm.person("ann@acme.example")
    second = crm.person("ann@home.example", "ANN@acme.example")
    run = target.users({**ANN, "health": "Good"}, create=True, fields=HEALTH)
    assert run.exit_code == 0
    assert run.counts["users"] == {"rejected": 1}
    text = run.text("several_matches")
    assert f"{first}, {second}" in text
    assert "merge them or correct one" in text
    assert crm.writes() == []


def test_organizations_with_near_names_do_not_match(target, crm):
    crm.organization("Acme")
    run = target.accounts({"account_id": "a1", "name": "Acme", "mrr": 5})
    assert run.reasons == {"no_match": 1}
    assert crm.writes() == []


def test_an_account_id_matches_exactly(target, crm):
    crm.organization("Acme", custom={"Account ID": "A1"})
    right = crm.organization("Acme Ltd", custom={"Account ID": "a1"})
    run = target.accounts({"account_id": "a1", "mrr": 5}, fields=[{"from": "mrr", "to": "MRR"}])
    assert run.counts["accounts"] == {"updated": 1}
    assert crm.stored(right, "organization")["MRR"] == 5


def test_two_organizations_with_one_account_id_are_rejected_with_both_ids(target, crm):
    first = crm.organization("Acme", custom={"Account ID": "a1"})
    second = crm.organization("Acme Ltd", custom={"Account ID": "a1"})
    run = target.accounts({"account_id": "a1", "name": "Acme"}, create=True)
    assert run.counts["accounts"] == {"rejected": 1}
    assert f"{first}, {second}" in run.text("several_matches")
    assert crm.writes() == []


def test_a_deleted_person_does_not_match(target, crm):
    crm.delete(crm.person("ann@acme.example"))
    run = target.users({**ANN, "health": "Good"}, fields=HEALTH)
    assert run.reasons == {"no_match": 1}


def test_a_linked_person_who_was_deleted_is_matched_anew_by_address(target, crm):
    gone = crm.person("ann@acme.example")
    target.users({**ANN, "health": "Good"}, fields=HEALTH)
    crm.delete(gone)
    back = crm.person("ann@acme.example")
    run = target.users({**ANN, "health": "Bad"}, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(back)["Customer health"] == crm.option("Customer health", "Bad")


def entries(crm, person, key="emails"):
    return [(one["value"], one["primary"], one["label"]) for one in crm.stored(person)[key]]


@pytest.mark.usual("pipedrive.patch_lists")
def test_a_changed_address_takes_the_place_of_the_one_that_both_sides_had(target, crm):
    person = crm.person("ann@acme.example")
    typed = {"value": "ann@home.example", "primary": False, "label": "home"}
    own = {"value": "Ann@acme.example", "primary": True, "label": "office"}
    crm.change(person, emails=[typed, own])
    target.users({**ANN, "email": "Ann@acme.example", "health": "Good"}, fields=HEALTH)
    run = target.users({**ANN, "email": "ann@new.example"}, create=True, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.persons() == [person]
    assert entries(crm, person) == [
        ("ann@home.example", False, "home"),
        ("ann@new.example", True, "office"),
    ]
    assert target.users({**ANN, "email": "ann@new.example"}).counts["users"] == {"unchanged": 1}


@pytest.mark.usual("pipedrive.patch_lists")
def test_a_changed_phone_takes_the_place_of_the_one_that_both_sides_had(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "phone": "+32 1"})
    crm.change(person, phones=[*crm.stored(person)["phones"], {"value": "+32 9", "label": "home"}])
    target.users({**ANN, "phone": "+32 2"})
    assert [value for value, *_ in entries(crm, person, "phones")] == ["+32 2", "+32 9"]


@pytest.mark.usual("pipedrive.patch_lists")
def test_a_phone_that_gives_way_to_pipedrives_stands_behind_it(target, crm):
    person = crm.person("ann@acme.example", phones=[{"value": "+32 1", "label": "home"}])
    run = target.users({**ANN, "phone": "+32 2"})
    assert run.reasons == {"updated": 1}
    assert run.text("updated").startswith("phones: both sides have a value and never agreed on one")
    assert [value for value, *_ in entries(crm, person, "phones")] == ["+32 1", "+32 2"]
    crm.calls()
    assert target.users({**ANN, "phone": "+32 2"}).counts["users"] == {"unchanged": 1}
    crm.change(person, phones=[{"value": "+32 9", "primary": True}])
    target.users({**ANN, "phone": "+32 3"})
    assert [value for value, *_ in entries(crm, person, "phones")] == ["+32 9", "+32 3"]


def test_it_still_does_where_the_first_try_fails_in_passing(target, crm, sandbox, hasty):
    person = crm.person("ann@acme.example", phones=[{"value": "+32 1"}])
    sandbox.fault(f"/pipedrive/api/v2/persons/{person}", "PATCH", times=5, action={"status": 503})
    target.users({**ANN, "phone": "+32 2"})
    sandbox.clear_faults()
    target.users({**ANN, "phone": "+32 2"})
    assert [value for value, *_ in entries(crm, person, "phones")] == ["+32 1", "+32 2"]


@pytest.mark.usual("pipedrive.patch_lists")
def test_who_is_found_by_another_key_gets_the_users_address_and_keeps_the_primary_one(target, crm):
    person = crm.person("ann@home.example", custom={"Product ID": "X1"})
    columns = {"user_id": {}, "email": {}, "crm": {}}
    record = {"user_id": "u1", "email": "ann@acme.example", "crm": "X1"}
    users = {"match": [{"from": "crm", "to": "Product ID"}], "create": True}
    for _ in range(2):
        target.run(target.table("users", columns, record), users=users)
        target.forget()
    target.users({**ANN, "email": "ann@acme.example"}, create=True)
    assert crm.persons() == [person]
    assert [(value, primary) for value, primary, _ in entries(crm, person)] == [
        ("ann@home.example", True),
        ("ann@acme.example", False),
    ]


@pytest.mark.usual("pipedrive.patch_lists")
def test_an_address_that_only_pipedrive_had_stays_beside_a_changed_one(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "health": "Good"}, fields=HEALTH)
    crm.change(person, emails=[{"value": "ann@home.example", "primary": True}])
    changed = {**ANN, "email": "ann@new.example"}
    fields = [*HEALTH, {"from": "email", "to": "emails", "conflict": "journy"}]
    target.users(changed, fields=fields)
    assert {value for value, *_ in entries(crm, person)} == {"ann@home.example", "ann@new.example"}


def test_with_a_lost_ledger_a_changed_address_joins_those_of_the_person(target, crm):
    person = crm.person("ann@acme.example")
    target.users({**ANN, "phone": "+32 1"})
    target.forget()
    target.users({**ANN, "phone": "+32 2"}, fields=[{"from": "phone", "to": "phones"}])
    assert [value for value, *_ in entries(crm, person, "phones")] == ["+32 1", "+32 2"]


def test_a_changed_address_that_belongs_to_another_person_goes_to_that_one(target, crm):
    old = crm.person("ann@acme.example")
    target.users({**ANN, "health": "Good"}, fields=HEALTH)
    before = crm.stored(old)
    other = crm.person("ann@new.example")
    target.users({"user_id": "u2", "email": "ann@new.example", "health": "Normal"}, fields=HEALTH)
    run = target.users({**ANN, "email": "ann@new.example", "health": "Bad"}, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1}
    assert crm.stored(other)["Customer health"] == crm.option("Customer health", "Bad")
    assert crm.stored(old) == before


def test_an_address_with_another_letter_is_another_address(target, crm):
    gross = {**ANN, "user_id": "u2", "email": "gross@acme.example"}
    users = [{**ANN, "email": "Groß@acme.example"}, gross]
    assert target.users(*users, create=True).counts["users"] == {"created": 2}
    assert target.users(*users, create=True).counts["users"] == {"unchanged": 2}
    target.forget()
    assert target.users(*users, create=True).counts["users"] == {"unchanged": 2}


def test_two_users_with_one_address_make_one_person_and_the_second_is_rejected(target, crm):
    run = target.users(ANN, {**ANN, "user_id": "u2", "email": "ANN@acme.example"}, create=True)
    assert len(crm.persons()) == 1
    assert run.counts["users"] == {"created": 1, "rejected": 1}
    assert "the same e-mail address" in run.text("duplicate_key")


def test_one_address_in_two_streams_makes_one_person(target, crm, sandbox):
    sandbox.switches.set("pipedrive.search_lag_seconds", 60.0)
    columns = {"mail": {"type": "string"}, "first": {"type": "string"}}
    customers = target.table("customers", columns, {"mail": "ann@acme.example", "first": "Ann"})
    mapping = {
        "entity": "person",
        "match": "mail",
        "create": True,
        "fields": [{"from": "first", "to": "First name"}],
    }
    messages = target.stream("users", ANN) + customers
    target.run(messages, users={"create": True}, streams={"customers": mapping})
    assert len(crm.persons()) == 1


def test_several_versions_of_one_user_are_folded_into_one_write(target, crm):
    crm.person("ann@acme.example")
    versions = [{**ANN, "health": health} for health in ("Good", "Normal", "Bad")]
    run = target.users(*versions, fields=HEALTH)
    assert run.counts["users"] == {"unchanged": 2, "updated": 1}
    assert len(crm.writes()) == 1


SEARCH = ("/pipedrive/api/v2/persons/search", "GET")
LIST = ("/pipedrive/api/v2/persons", "GET")
ANSWERS = {
    "429": {"status": 429, "body": {}},
    "500": {"status": 500, "body": {}},
    "malformed": {"malformed": True},
    "without data": {"status": 200, "body": {"success": True}},
    "null": {"status": 200, "body": {"success": True, "data": None}},
    "without an id": {"status": 200, "body": {"success": True, "data": [{"name": "Ann"}]}},
    "cut off": {"drop_after": True},
}


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("path", [SEARCH, LIST], ids=["search", "list"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_lookup_that_fails_is_never_taken_for_not_found(target, crm, sandbox, answer, path):
    # One user is searched for; for two it costs less to see how many persons there are.
    others = [] if path is SEARCH else [{"user_id": "u0", "email": "bob@acme.example"}]
    before = crm.persons()
    sandbox.fault(*path, times=None, action=answer)
    run = target.users({**ANN, "health": "Good"}, *others, create=True, fields=HEALTH)
    assert run.exit_code == 69
    assert "Traceback" not in run.log
    assert len(run.errors) == 1
    assert run.states == []
    assert crm.persons() == before
    sandbox.clear_faults()
    assert target.users(ANN, create=True).counts["users"] == {"created": 1}


def test_an_empty_page_that_others_follow_says_nothing(target, crm, sandbox):
    person = crm.person("ann@acme.example")
    more = {"success": True, "data": [], "additional_data": {"next_cursor": "more"}}
    sandbox.fault(*LIST, action={"status": 200, "body": more})
    other = {"user_id": "u0", "email": "bob@acme.example"}
    run = target.users({**ANN, "health": "Good"}, other, fields=HEALTH)
    assert run.counts["users"] == {"updated": 1, "skipped": 1}, run.log
    assert crm.stored(person)["Customer health"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_lookup_that_is_not_allowed_creates_nothing(target, crm, sandbox, status):
    sandbox.fault(*SEARCH, action={"status": status, "body": {}})
    run = target.users(ANN, create=True)
    assert run.exit_code == 1
    assert f"Pipedrive answered {status} to GET /api/v2/persons/search" in run.errors[0]
    assert "Traceback" not in run.log
    assert crm.writes() == []


def test_a_person_who_has_two_users_addresses_is_kept_in_step_with_the_first_only(target, crm):
    person = crm.person("ann@acme.example", "ann@home.example")
    other = {"user_id": "u2", "email": "ann@home.example", "first_name": "Ann", "health": "Bad"}
    first = target.users({**ANN, "health": "Good"}, other, fields=HEALTH)
    assert first.counts["users"] == {"updated": 1, "rejected": 1}
    assert f"person {person} is kept in step with another user" in first.text("already_linked")

    again = target.users({**other, "health": "Normal"}, fields=HEALTH)
    assert again.reasons == {"already_linked": 1}
    assert crm.stored(person)["Customer health"] == crm.option("Customer health", "Good")


def test_of_two_users_who_swap_their_addresses_none_clears_what_they_never_had(target, crm):
    persons = [crm.person("ann@acme.example"), crm.person("bob@acme.example")]
    ann, bob = {**ANN, "churn_score": 10}, {"user_id": "u2", "churn_score": None}
    fields = [{"from": "churn_score", "to": "Churn score"}]
    for addresses in (("ann", "bob"), ("bob", "ann")):
        users = [
            {**user, "email": f"{name}@acme.example"}
            for user, name in zip((ann, bob), addresses, strict=True)
        ]
        target.users(*users, fields=fields)
    assert [crm.stored(each).get("Churn score") for each in persons] == [10, 10]


def test_two_users_who_swap_their_addresses_stay_in_step(target, crm):
    persons = [crm.person("ann@acme.example"), crm.person("bob@acme.example")]
    for turn, addresses in enumerate(("ann bob", "bob ann", "bob ann")):
        records = [
            {"user_id": f"u{at}", "email": f"{name}@acme.example", "churn_score": 10 * turn + at}
            for at, name in enumerate(addresses.split())
        ]
        fields = [{"from": "churn_score", "to": "Churn score"}]
        assert target.users(*records, fields=fields).counts["users"] == {"updated": 2}
    assert [crm.stored(each)["Churn score"] for each in persons] == [21, 20]
