"""Mapping lines at work: what arrives, what is cleared, and that a second run writes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from sync_core.pipedrive.values.table import table

ANN = {"user_id": "u1", "email": "ann@acme.example"}
STAGE = "Lifecycle stage"


def line(label=STAGE, **given):
    return {"to": label, **given}


#: line, what the user has, what arrives
FORMS = [
    ({"from": ["lifecycle", "health"]}, {"health": "Good"}, "Good"),
    ({"from": ["lifecycle", "health"]}, {"health": "Good", "lifecycle": "Trial"}, "Trial"),
    ({"value": "journy"}, {}, "journy"),
    ({"template": "{health}: {churn_score} ({newsletter})"},
     {"health": "Good", "churn_score": 5, "newsletter": True}, "Good: 5 (yes)"),
    ({"from": "health", "map": {"good": "Happy", "bad": "Unhappy"}}, {"health": "Good"}, "Happy"),
    ({"from": "health", "map": {"bad": "Unhappy"}, "otherwise": "Fine"}, {"health": "Good"},
     "Fine"),
    ({"from": "newsletter", "map": {True: "in", False: "out"}}, {"newsletter": False}, "out"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "values", "stored"), FORMS, ids=str)
def test_each_form_of_a_line_arrives_once_and_rests(target, crm, given, values, stored):
    person = crm.person("ann@acme.example")
    user, fields = {**ANN, **values}, [line(**given)]
    assert target.users(user, fields=fields).counts["users"] == {"updated": 1}
    assert crm.stored(person)[STAGE] == stored
    crm.calls()
    assert target.users(user, fields=fields).counts["users"] == {"unchanged": 1}
    target.forget()
    assert target.users(user, fields=fields).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


@pytest.mark.parametrize("write", ["if_empty", "on_create"])
def test_a_value_that_does_not_fit_is_no_matter_where_none_would_be_written(target, crm, write):
    person = crm.person("ann@acme.example", custom={"Churn score": 7})
    fields = [{"from": "lifecycle", "to": "Churn score", "write": write}]
    run = target.users({**ANN, "lifecycle": "high"}, fields=fields)
    assert run.counts["users"] == {"unchanged": 1}
    crm.change(person, custom={"Churn score": None})
    run = target.users({**ANN, "lifecycle": "higher"}, fields=fields)
    assert run.counts["users"] == {"rejected" if write == "if_empty" else "unchanged": 1}


def test_a_value_that_does_not_fit_a_new_record_is_told_whenever_it_would_be_written(target, crm):
    user = {**ANN, "first_name": "Ann", "lifecycle": "high"}
    fields = [{"from": "lifecycle", "to": "Churn score", "write": "on_create"}]
    run = target.users(user, create=True, fields=fields)
    assert run.reasons == {"some_fields_rejected": 1}


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"from": ["lifecycle", "health"]}, {"health": "Good"}),
        ({"template": "is {health}"}, {"health": "Good"}),
        ({"from": "health", "map": {"good": "Happy", "none": None}}, {"health": "Good"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("write", ["always", "if_empty"])
def test_what_vanishes_at_its_source_clears_the_field_unless_if_empty(
    target, crm, given, values, write
):
    person = crm.person("ann@acme.example")
    fields = [line(**given, write=write)]
    target.users({**ANN, **values}, fields=fields)
    filled = crm.stored(person)[STAGE]
    target.users({**ANN, "health": "none" if "map" in given else None}, fields=fields)
    assert filled
    assert crm.stored(person).get(STAGE) == (None if write == "always" else filled)


def test_a_value_that_the_map_does_not_have_is_refused_alone_and_not_repeated(target, crm):
    person = crm.person("ann@acme.example")
    fields = [line(**{"from": "health", "map": {"bad": "Unhappy"}}),
              {"from": "churn_score", "to": "Churn score"}]  # fmt: skip
    run = target.users({**ANN, "health": "Secret word", "churn_score": 5}, fields=fields)
    assert run.counts["users"] == {"updated": 1}
    text = run.text("some_fields_rejected")
    assert text == (
        f"{STAGE}: the line's `map` has no entry for the value; add one, or `otherwise`"
    )
    assert "Secret" not in run.log
    assert crm.stored(person)["Churn score"] == 5


@pytest.mark.parametrize("value", [{"city": "Ghent"}, ["a", {"city": "Ghent"}], ["a", ["b"]]])
def test_an_object_in_a_template_is_refused_alone_and_not_spelled_out(target, crm, value):
    person = crm.person("ann@acme.example")
    score = {"from": "churn_score", "to": "Churn score"}
    fields = [line(template="{health} in {interests}"), score]
    user = {**ANN, "health": "Good", "interests": value, "churn_score": 5}
    run = target.users(user, fields=fields)
    assert f"{STAGE}: expected text, got a" in run.text("some_fields_rejected")
    assert crm.stored(person).get(STAGE) is None
    assert crm.stored(person)["Churn score"] == 5


def test_blank_entries_of_a_list_say_nothing(target, crm):
    person = crm.person("ann@acme.example")
    fields = [line(**{"from": "interests"}), line("Interests", **{"from": "interests"})]
    run = target.users({**ANN, "interests": ["Billing", "", None, " ", "Analytics"]}, fields=fields)
    assert run.counts["users"] == {"updated": 1}
    options = [crm.option("Interests", label) for label in ("Analytics", "Billing")]
    stored = crm.stored(person)
    assert (stored[STAGE], sorted(stored["Interests"])) == ("Billing, Analytics", options)


def test_a_new_template_and_a_new_constant_take_the_old_one_s_place(target, crm):
    person = crm.person("ann@acme.example")
    for given in ({"template": "a {health}"}, {"template": "b {health}"}):
        target.users({**ANN, "health": "Good"}, fields=[line(**given)])
    assert crm.stored(person)[STAGE] == "b Good"
    for value in ("one", "two"):
        target.users(ANN, fields=[line("Notes on fit", value=value)])
    assert crm.stored(person)["Notes on fit"] == "two"


def test_two_lines_from_one_source_are_kept_apart(target, crm):
    person = crm.person("ann@acme.example")
    fields = [line(**{"from": "health"}), line("Notes on fit", **{"from": "health"}),
              line("Product ID", **{"from": "health", "map": {"good": 1, "bad": 2}})]  # fmt: skip
    for health in ("Good", "Bad"):
        target.users({**ANN, "health": health}, fields=fields)
    stored = crm.stored(person)
    assert (stored[STAGE], stored["Notes on fit"], stored["Product ID"]) == ("Bad", "Bad", "2")
    crm.calls()
    assert target.users({**ANN, "health": "Bad"}, fields=fields).counts["users"] == {"unchanged": 1}


def test_a_list_of_numbers_becomes_as_many_phones(target, crm):
    person = crm.person("ann@acme.example", phones=[{"value": "+32 1", "primary": True}])
    user, fields = (
        {**ANN, "interests": ["+321", "+32 2", "+32 3"]},
        [line("phones", **{"from": "interests"})],
    )
    assert target.users(user, fields=fields).counts["users"] == {"updated": 1}
    assert [one["value"] for one in crm.stored(person)["phones"]] == ["+32 1", "+32 2", "+32 3"]
    target.forget()
    assert target.users(user, fields=fields).counts["users"] == {"unchanged": 1}


@pytest.mark.usual("pipedrive.patch_lists")
def test_the_only_number_of_a_list_follows_where_it_changes(target, crm):
    person = crm.person("ann@acme.example")
    fields = [{"from": "interests", "to": "phones"}]
    for number in ("+3225550101", "+3225550202"):
        target.users({**ANN, "interests": [number]}, fields=fields)
        assert [each["value"] for each in crm.stored(person)["phones"]] == [number]


def test_what_is_spelled_otherwise_in_pipedrive_follows_where_it_changes(target, crm):
    phones = [{"value": "+32 2 555 01 01", "primary": True, "label": "work"}]
    person = crm.person("Ann@Acme.example", phones=phones)
    user = {**ANN, "email": "ann@acme.example", "phone": "+3225550101"}
    target.users(user)
    assert target.users({**user, "email": "ann@new.example", "phone": "+3225550202"}).exit_code == 0
    stored = crm.stored(person)
    assert [each["value"] for each in stored["emails"]] == ["ann@new.example"]
    assert [each["value"] for each in stored["phones"]] == ["+3225550202"]
    assert stored["phones"][0]["label"] == "work"


# The account of a user

ACCOUNTS = {"create": True}
ACME = {"account_id": "a1", "name": "Acme", "plan": "Growth"}


def both(target, account, user, fields, **users):
    messages = target.stream("accounts", *([account] if account else []))
    messages += target.stream("users", user)
    return target.run(messages, accounts=ACCOUNTS, users={"fields": fields, **users})


def test_a_property_of_the_account_reaches_the_person(target, crm):
    person = crm.person("ann@acme.example")
    user = {**ANN, "accounts": ["a1"]}
    fields = [line(**{"from": "account.plan"}),
              line("Notes on fit", template="{health} at {account.name}")]  # fmt: skip
    both(target, ACME, {**user, "health": "Good"}, fields)
    stored = crm.stored(person)
    assert (stored[STAGE], stored["Notes on fit"]) == ("Growth", "Good at Acme")
    crm.calls()
    both(target, ACME, {**user, "health": "Good"}, fields)
    assert crm.writes() == []
    both(target, {**ACME, "plan": None}, {**user, "health": "Good"}, fields)
    assert crm.stored(person).get(STAGE) is None


def test_an_account_that_does_not_come_by_leaves_the_field_as_it_is(target, crm):
    person = crm.person("ann@acme.example")
    fields = [line(**{"from": "account.plan"}), {"from": "churn_score", "to": "Churn score"}]
    both(target, ACME, {**ANN, "accounts": ["a1"]}, fields)
    run = both(target, None, {**ANN, "accounts": ["a1"], "churn_score": 5}, fields)
    assert run.lines[0].fields == "Churn score"
    assert crm.stored(person)[STAGE] == "Growth"
    both(target, {**ACME, "plan": "Free"}, {**ANN, "accounts": ["a1"], "churn_score": 5}, fields)
    assert crm.stored(person)[STAGE] == "Free"


def test_a_new_person_of_an_account_that_does_not_come_by_is_made_without_the_field(target, crm):
    user = {**ANN, "first_name": "Ann", "accounts": ["elsewhere"]}
    run = both(target, None, user, [line(**{"from": "account.plan"})], create=True)
    assert "accounts never came by for 1 record: what account.… names is left" in run.log
    assert run.reasons == {"created": 1}
    (person,) = crm.persons()
    assert STAGE not in crm.stored(person)


@pytest.mark.parametrize(
    ("name", "streams", "problem"),
    [
        ("account.paln", ("accounts", "users"), "accounts has no field 'paln'; did you mean"),
        ("account.plan", ("users",), "comes from the stream accounts, which has to come before"),
    ],
)  # fmt: skip
def test_an_account_s_field_that_can_not_come_is_refused_before_a_person_is_written(
    target, crm, name, streams, problem
):
    crm.person("ann@acme.example")
    records = {"accounts": [], "users": [ANN]}
    messages = [m for each in streams for m in target.stream(each, *records[each])]
    run = target.run(messages, users={"fields": [line(**{"from": name})]})
    assert run.exit_code == 1
    assert any("users.fields[0]" in error and problem in error for error in run.errors), run.log
    assert crm.writes() == []


def test_the_lines_of_the_readme_arrive(target, crm):
    readme = Path(__file__).resolve().parents[1] / "README.md"
    told = readme.read_text("utf-8").split("\n## Where a value comes from\n")[1]
    (block, *_) = re.findall(r"```yaml\n(.*?)```", told, re.DOTALL)
    config = yaml.safe_load(block)["plugins"]["loaders"][0]["config"]
    person = crm.person(
        "ann@acme.example", custom={"Interests": [crm.option("Interests", "Billing")]}
    )
    crm.organization("Acme", custom={"Account ID": "a1"})
    user = {**ANN, "first_name": "Ann", "Mobile phone": "+32 2", "nickname": None, "tier": "gold",
            "call_at": "2026-01-31T09:00:00Z", "contract": 5, "topics": ["Reporting"],
            "accounts": ["a1"]}  # fmt: skip
    users = target.stream("users", user)
    known = users[0]["schema"]["properties"]
    users[0]["schema"]["properties"] = {**{column: {} for column in user}, **known}
    run = target.run(target.stream("accounts", ACME) + users, **config)
    assert run.counts == {"accounts": {"updated": 1}, "users": {"updated": 1}}, run.log
    stored = crm.stored(person)
    assert [stored[name] for name in ("Support line", "Notes on fit", STAGE, "Customer health",
                                      "Contract value")] == [
        "+32 2", "Ann", "Growth", crm.option("Customer health", "Good"),
        {"value": 5, "currency": "EUR"}]  # fmt: skip
    time = {"value": "10:00:00", "timezone_id": 0, "timezone_name": "Europe/Brussels"}
    assert stored["Preferred call time"] == time
    assert stored["Interests"] == [
        crm.option("Interests", each) for each in ("Billing", "Reporting")
    ]
    assert "Product ID" not in stored, "only what is created gets it"
    (organization,) = crm.organizations()
    assert crm.stored(organization, "organization")["name"] == "Acme (Growth)"


def test_the_readme_has_the_table_of_types():
    text = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
    told = text.split("<!-- types: begin, from sync_core.pipedrive.values.table -->\n")[1]
    assert told.split("<!-- types: end -->")[0] == table()
