"""Persons to users: which user, which properties, which account."""

from __future__ import annotations

import json

import pytest

ANN = {
    "id": 1,
    "first_name": "Ann",
    "last_name": "Lee",
    "emails": [{"value": "Ann@Acme.example", "primary": True}],
    "phones": [{"value": "+32 2 555 01 01", "primary": True}],
    "update_time": "2026-03-04T10:00:00Z",
}
USERS = "/journy/users/upsert"
TEXT = {"type": ["string", "null"]}


def journys_users(*records):
    """The stream of tap-journy as text."""
    schema = {"type": "object", "properties": {"user_id": TEXT, "email": TEXT, "first_name": TEXT}}
    messages = [{"type": "SCHEMA", "stream": "users", "schema": schema, "key_properties": []}]
    messages += [{"type": "RECORD", "stream": "users", "record": record} for record in records]
    return "".join(json.dumps(message) + "\n" for message in messages)


def people(count, **more):
    return [
        {"id": n, "first_name": "Ann", "emails": [{"value": f"ann{n}@acme.example"}], **more}
        for n in range(1, count + 1)
    ]


def line(source, target, **more):
    return {"from": source, "to": target, **more}


def test_a_new_users_id_is_the_address_in_lower_case(plugins, journy):
    run = plugins.persons(ANN, create=True)
    assert run.counts["persons"] == {"created": 1}
    assert journy.users() == ["ann@acme.example"]
    user = journy.user("ann@acme.example")
    assert (user["first_name"], user["last_name"]) == ("Ann", "Lee")
    assert (user["phone"], user["email"]) == ("+32 2 555 01 01", "ann@acme.example")


def test_a_user_whose_id_is_known_keeps_it(plugins, journy, sandbox):
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"}, first_name="Anna")
    user = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann"}
    plugins.write(journys_users(user), "target-pipedrive", users={"create": True})
    (person,) = sandbox.pipedrive.rows("person")
    later = {**ANN, "id": person, "last_name": "Stone", "update_time": "2099-01-01T00:00:00Z"}
    run = plugins.persons(later)
    assert run.counts["persons"] == {"updated": 1}
    assert journy.users() == ["u1"]
    assert journy.user("u1")["last_name"] == "Stone"


def test_update_only_skips_a_person_who_is_not_known_in_journy(plugins, journy):
    run = plugins.persons(ANN)
    assert run.counts["persons"] == {"skipped": 1}
    said = "no user is known to have this e-mail address, and creating is off"
    assert run.text("no_match") == said
    assert "The ledger knows no user yet, and journy can't be read, so every person is " in run.log
    assert "skipped while creating is off" in run.log
    assert journy.writes() == []


def test_a_user_who_exists_in_journy_is_the_same_after_the_import(plugins, journy):
    journy.put("users", {"userId": "u1", "email": "ann@acme.example"}, phone="1", title="Boss")
    plugins.persons(ANN, create=True)
    assert len(journy.users()) == 1
    assert journy.user(journy.users()[0])["title"] == "Boss"


def test_two_persons_with_one_address_are_rejected_with_both_ids(plugins, journy):
    second = {**ANN, "id": 7, "emails": [{"value": "ann@acme.example", "primary": True}]}
    run = plugins.persons(ANN, second, create=True)
    assert run.counts["persons"] == {"created": 1, "rejected": 1}
    assert run.text("duplicate_key").startswith("1 and 7 have the same e-mail address")
    assert len(journy.users()) == 1


def test_a_person_who_was_deleted_leaves_the_address_to_another(plugins, journy):
    plugins.persons(ANN, create=True)
    gone = plugins.persons({"id": 1, "is_deleted": True}, create=True)
    assert gone.reasons == {"deleted": 1}
    run = plugins.persons({**ANN, "id": 9, "last_name": "Stone"}, create=True)
    assert run.counts["persons"] == {"updated": 1}
    assert journy.user("ann@acme.example")["last_name"] == "Stone"


def test_a_person_whose_address_changed_is_still_the_same_user(plugins, journy):
    plugins.persons(ANN, create=True)
    moved = {**ANN, "emails": [{"value": "ann@new.example", "primary": True}], "last_name": "Stone"}
    run = plugins.persons(moved, create=True)
    assert run.counts["persons"] == {"updated": 1}
    assert journy.users() == ["ann@acme.example"]
    assert journy.user("ann@acme.example")["last_name"] == "Stone"


def test_an_address_that_moves_to_another_user_takes_no_values_along(plugins, journy):
    bob = {**ANN, "id": 2, "first_name": "Bob", "emails": [{"value": "bob@acme.example"}]}
    plugins.persons(ANN, bob, create=True)
    run = plugins.persons({**ANN, "emails": [{"value": "bob@acme.example"}]}, create=True)
    assert run.reasons["duplicate_key"] == 1
    assert journy.user("bob@acme.example")["first_name"] == "Bob"
    assert journy.user("ann@acme.example")["first_name"] == "Ann"


TYPES = [
    ("churn_score", 0.25, 0.25),
    ("churn_score", 3, 3),
    ("newsletter", False, False),
    ("newsletter", True, True),
    ("interests", ["Billing", "Analytics"], ["Billing", "Analytics"]),
    ("interests", ["Billing", 1.5, 2, True, None, " "], ["Billing", "1.5", "2", "true"]),
    ("lifecycle_stage", "12", "12"),
    ("lifecycle_stage", "Zoë 🚀", "Zoë 🚀"),
    ("contract_value.currency", {"value": 5, "currency": "EUR"}, "EUR"),
]


@pytest.mark.usual("journy.unknown_properties")
@pytest.mark.parametrize(("source", "value", "stored"), TYPES)
def test_a_value_keeps_its_type(plugins, journy, source, value, stored):
    person = {**ANN, source.partition(".")[0]: value}
    plugins.persons(person, create=True, fields=[line(source, "fit")])
    found = journy.user("ann@acme.example")["fit"]
    assert found == stored
    assert type(found) is type(stored)


def test_an_object_is_refused_and_the_rest_is_written(plugins, journy):
    person = {**ANN, "contract_value": {"currency": "EUR", "until": 1}}
    run = plugins.persons(person, create=True, fields=[line("contract_value", "contract")])
    assert run.counts["persons"] == {"created": 1}
    assert "contract: expected text, a number" in run.text("some_fields_rejected")


@pytest.mark.parametrize("empty", [None, "", [], "  "])
def test_an_empty_value_is_never_sent(plugins, journy, bodies, empty):
    fields = [line("lifecycle_stage", "lifecycle")]
    plugins.persons({**ANN, "lifecycle_stage": "Trial"}, create=True, fields=fields)
    bodies.clear()
    run = plugins.persons({**ANN, "lifecycle_stage": empty, "first_name": None}, fields=fields)
    assert run.counts["persons"] == {"unchanged": 1}
    assert bodies == []
    assert journy.user("ann@acme.example")["lifecycle"] == "Trial"


def test_only_what_changed_is_sent(plugins, bodies):
    plugins.persons(ANN, create=True)
    bodies.clear()
    plugins.persons({**ANN, "last_name": "Stone"})
    (sent,) = bodies
    assert sent == (
        "POST",
        {
            "identification": {"userId": "ann@acme.example", "email": "ann@acme.example"},
            "properties": {"last_name": "Stone"},
        },
    )


@pytest.mark.usual("journy.property_types")
def test_a_property_that_journy_rejects_is_reported_and_the_rest_is_accepted(plugins, journy):
    fields = [line("churn_score", "role"), line("lifecycle_stage", "lifecycle")]
    person = {**ANN, "churn_score": 5, "lifecycle_stage": "Trial"}
    journy.put("users", {"userId": "x"}, role="Boss", lifecycle="Lead")
    run = plugins.persons(person, create=True, fields=fields)
    assert run.exit_code == 0
    assert run.counts["persons"] == {"created": 1}
    assert run.text("some_fields_rejected").startswith("role: Expected a string")
    assert "role" not in run.lines[0].fields
    assert journy.user("ann@acme.example")["lifecycle"] == "Trial"


def test_a_user_is_put_into_the_account_of_the_persons_organization(plugins, journy):
    text = plugins.stream("organizations", {"id": 5, "name": "Acme", "account_id": "a1"})
    text += plugins.stream("persons", {**ANN, "org_id": 5})
    both = {"persons": {"create": True}, "organizations": {"create": True}}
    plugins.write(text, **both)
    assert journy.user("ann@acme.example")["accounts"] == ["a1"]
    journy.writes()
    plugins.write(text, **both)
    assert journy.writes() == []


def test_memberships_go_out_in_groups_of_a_hundred(plugins, journy):
    text = plugins.stream("organizations", {"id": 5, "name": "Acme", "account_id": "a1"})
    text += plugins.stream("persons", *people(250, org_id=5))
    plugins.write(text, persons={"create": True}, organizations={"create": True})
    calls = [call for call in journy.writes() if "accounts/users/add" in call]
    assert len(calls) == 3
    assert all(journy.user(user)["accounts"] == ["a1"] for user in journy.users())


def test_a_membership_that_fails_is_tried_again_by_the_next_run(plugins, journy, sandbox, hasty):
    text = plugins.stream("organizations", {"id": 5, "name": "Acme", "account_id": "a1"})
    text += plugins.stream("persons", {**ANN, "org_id": 5})
    both = {"persons": {"create": True}, "organizations": {"create": True}}
    sandbox.fault("/journy/accounts/users/add", times=5, action={"status": 503})
    run = plugins.write(text, **both)
    assert run.counts["persons"] == {"deferred": 1}
    assert journy.user("ann@acme.example")["accounts"] == []
    plugins.write(plugins.stream("organizations") + plugins.stream("persons"), **both)
    assert journy.user("ann@acme.example")["accounts"] == ["a1"]


def test_the_same_input_twice_writes_nothing_the_second_time(plugins, journy):
    plugins.persons(*people(7), create=True)
    assert len(journy.writes()) == 7
    run = plugins.persons(*people(7), create=True)
    assert run.counts["persons"] == {"unchanged": 7}
    assert journy.writes() == []


def test_without_the_ledger_everything_is_sent_once_more_and_nothing_doubles(plugins, journy):
    plugins.persons(*people(7), create=True)
    users = journy.users()
    plugins.forget()
    journy.writes()
    run = plugins.persons(*people(7), create=True)
    assert run.counts["persons"] == {"created": 7}
    assert "journy can't be read, so every person is sent once" in run.log
    assert len(journy.writes()) == 7
    assert journy.users() == users


def test_a_run_that_dies_has_saved_the_state_of_what_it_delivered(plugins, journy, sandbox):
    text = plugins.stream("persons", *people(10)) + plugins.stream("persons", *people(20)[10:])
    sandbox.fault(USERS, "POST", times=None, after=10, action={"status": 401, "body": {}})
    run = plugins.write(text, persons={"create": True}, batch_size_rows=10)
    assert run.exit_code == 1
    assert len(run.states) == 1
    assert len(journy.users()) == 10
