"""Mapping lines into journy, and both directions of them: values arrive, and then it rests."""

from __future__ import annotations

import pytest
import requests

PERSON = {"id": 1, "emails": [{"value": "ann@acme.example", "primary": True}]}
USER = "ann@acme.example"


def persons(plugins, values, fields):
    run = plugins.persons({**PERSON, **values}, create=True, fields=fields)
    assert run.exit_code == 0, run.log
    return run


FORMS = [
    ({"from": ["lifecycle_stage", "first_name"]}, {"first_name": "Ann"}, "Ann"),
    ({"value": ["crm"]}, {}, ["crm"]),
    ({"value": 5}, {}, 5),
    ({"template": "{first_name} is {Lifecycle stage}"},
     {"first_name": "Ann", "lifecycle_stage": "Lead"}, "Ann is Lead"),
    ({"from": "Lifecycle stage", "map": {"lead": "new", "x": None}}, {"lifecycle_stage": "Lead"},
     "new"),
    ({"from": "Contract value"}, {"contract_value": {"value": 5, "currency": "EUR"}}, 5),
    ({"from": "Contract value"}, {"contract_value": {"value": "2026-01-01", "until": "2026-02-01"}},
     "2026-01-01/2026-02-01"),
]  # fmt: skip


@pytest.mark.usual("journy.unknown_properties")
@pytest.mark.parametrize(("given", "values", "stored"), FORMS, ids=str)
def test_each_form_of_a_line_arrives_in_journy_once(plugins, journy, given, values, stored):
    fields = [{"to": "thing", **given}]
    persons(plugins, values, fields)
    assert journy.user(USER)["thing"] == stored
    journy.writes()
    assert persons(plugins, values, fields).counts["persons"] == {"unchanged": 1}
    assert journy.writes() == []


@pytest.mark.parametrize("problem", [{"currency": "EUR"}, {"zone": "UTC"}, {"merge": "add"}])
def test_what_journy_s_properties_do_not_know_is_an_unknown_key(plugins, problem):
    run = plugins.persons(PERSON, fields=[{"from": "first_name", "to": "x", **problem}])
    assert run.exit_code == 1
    (key,) = problem
    assert f"persons.fields[0]: unknown key '{key}'" in run.log


def test_both_ends_of_a_line_and_its_double_are_refused_together(plugins):
    fields = [{"from": "fist_name", "to": "email"}, {"from": "nobody", "to": "x"},
              {"from": "first_name", "to": "X"}]  # fmt: skip
    run = plugins.persons(PERSON, fields=fields)
    assert run.exit_code == 1
    for said in (
        "persons.fields[0]: stream persons has no field 'fist_name'",
        "persons.fields[0]: 'email' identifies a record in journy and can't be mapped",
        "persons.fields[1]: stream persons has no field 'nobody'",
        "persons.fields[2]: 'x' is already the target of persons.fields[1]",
    ):
        assert run.log.count(said) == 1, said


@pytest.mark.usual("journy.unknown_properties")
def test_a_field_of_the_organization_reaches_the_user(plugins, journy):
    acme = {"id": 7, "name": "Acme", "account_id": "a1", "mrr": 50}
    fields = [{"from": "organization.MRR", "to": "mrr"},
              {"template": "{first_name} at {organization.name}", "to": "who"}]  # fmt: skip
    text = plugins.stream("organizations", acme)
    text += plugins.stream("persons", {**PERSON, "org_id": 7, "first_name": "Ann"})
    run = plugins.write(text, persons={"create": True, "fields": fields}, organizations={})
    assert run.exit_code == 0, run.log
    assert (journy.user(USER)["mrr"], journy.user(USER)["who"]) == (50, "Ann at Acme")
    journy.writes()
    text = plugins.stream("organizations")
    text += plugins.stream("persons", {**PERSON, "org_id": 7, "first_name": "Anna"})
    run = plugins.write(text, persons={"create": True, "fields": fields}, organizations={})
    user = journy.user(USER)
    assert (user["mrr"], user["who"], user["first_name"]) == (50, "Anna at Acme", "Anna")
    text = plugins.stream("organizations", {**acme, "mrr": 60}) + plugins.stream("persons")
    run = plugins.write(text, persons={"create": True, "fields": fields}, organizations={})
    assert run.counts["persons"] == {"updated": 1}
    user = journy.user(USER)
    assert (user["mrr"], user["who"], user["first_name"]) == (60, "Anna at Acme", "Anna")
    journy.writes()
    plugins.write(text, persons={"create": True, "fields": fields}, organizations={})
    assert journy.writes() == []


def test_wrong_lines_of_two_streams_are_one_error_before_any_write(plugins, journy):
    organizations = plugins.stream("organizations", {"id": 7, "name": "Acme", "account_id": "a1"})
    persons = plugins.stream("persons", PERSON)
    ahead = "".join(each.partition("\n")[0] + "\n" for each in (persons, organizations))
    wrong = {
        "organizations": {"create": True, "fields": [{"from": "MMR", "to": "mrr"}]},
        "persons": {"create": True, "fields": [{"from": "organization.MMR", "to": "mrr"}]},
    }
    run = plugins.write(ahead + organizations + persons, **wrong)
    assert run.exit_code == 1
    first, second = run.errors
    assert "organizations.fields[0]: stream organizations has no field 'MMR'" in first
    assert "persons.fields[0]: stream organizations has no field 'MMR'" in second
    assert "did you mean 'mrr'" in first
    assert run.states == []
    assert journy.writes() == []
    right = {name: {**each, "fields": []} for name, each in wrong.items()}
    run = plugins.write(ahead + organizations + persons, **right)
    assert run.counts == {"organizations": {"created": 1}, "persons": {"created": 1}}, run.log
    assert journy.user(USER)["accounts"] == []


def test_wrong_destinations_and_wrong_sources_are_listed_together(plugins, journy):
    organizations = {"fields": [{"from": "mrr", "to": "3 R"}]}
    fields = [{"from": "naem", "to": "title"}]
    settings = {"organizations": organizations, "persons": {"fields": fields}}
    run = plugins.write(plugins.stream("persons", PERSON), **settings)
    assert run.exit_code == 1
    first, second = run.errors
    assert "organizations.fields[0]: '3 R' can't be a journy property" in first
    assert "persons.fields[0]: stream persons has no field 'naem'" in second
    assert journy.writes() == []


def test_a_domain_field_that_is_not_there_is_named_with_near_ones(plugins, journy):
    run = plugins.organizations({"id": 1, "account_id": "a1"}, domain_field="websit", create=True)
    assert run.exit_code == 1
    assert "organizations.domain_field" in run.errors[0]
    assert "did you mean 'website'" in run.errors[0]
    assert journy.writes() == []


# Both directions


class Sync:
    """Ann in Pipedrive and in journy, and both directions in turn."""

    def __init__(self, plugins, sandbox, journy, lines, properties):
        self.plugins, self.sandbox, self.journy, self.lines = plugins, sandbox, journy, lines
        identity = {"userId": "u1", "email": USER}
        journy.put("users", identity, first_name="Ann", last_name="Lee", **properties)
        self.rest()

    def round(self):
        self.journy.writes()
        for tap, target, stream in (("tap-journy", "target-pipedrive", "users"),
                                    ("tap-pipedrive", "target-journy", "persons")):  # fmt: skip
            code, text, log = self.plugins.call(tap)
            assert code == 0, log
            settings = {stream: {"create": True, "fields": self.lines[stream]}}
            run = self.plugins.write(text, target, **settings)
            assert run.exit_code == 0, run.log
            assert not run.reasons["some_fields_rejected"], run.lines
        return self.journy.writes()

    def rest(self):
        rounds = 0
        while self.round():
            rounds += 1
            assert rounds <= 2, "it doesn't come to rest"

    def field(self, label):
        return self.sandbox.pipedrive.field("person", label)

    def options(self, label):
        return {one["label"]: one["id"] for one in self.field(label)["options"]}

    def stored(self, *labels):
        (row,) = self.sandbox.pipedrive.rows("person").values()
        return [row["custom_fields"].get(self.field(label)["field_code"]) for label in labels]

    def edit_person(self, values):
        (person,) = self.sandbox.pipedrive.rows("person")
        url = f"{self.sandbox.pipedrive_url}/api/v2/persons/{person}"
        body = {"custom_fields": {self.field(k)["field_code"]: v for k, v in values.items()}}
        headers = {"x-api-token": "sandbox-token"}
        answer = requests.patch(url, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text

    def edit_user(self, **properties):
        self.sandbox.clock.advance(2)
        self.journy.put("users", {"userId": "u1"}, **properties)

    def user(self, *names):
        return [self.journy.user("u1").get(name) for name in names]


@pytest.fixture
def sync(plugins, sandbox, journy):
    return lambda lines, **properties: Sync(plugins, sandbox, journy, lines, properties)


#: journy's property, Pipedrive's field, what the line to it says besides; the first value, and how
#: it is stored; an edit in Pipedrive, and what journy then says; the opposite
BOTH_WAYS = [
    ("words", "Lifecycle stage", {}, "Lead", "Lead", "Won", "Won", "Lost", "Lost"),
    ("score", "Churn score", {}, 5, 5, 7.5, 7.5, 8, 8),
    ("worth", "Contract value", {"currency": "EUR"}, 5, {"value": 5, "currency": "EUR"},
     {"value": 6, "currency": "USD"}, 6, 7, {"value": 7, "currency": "EUR"}),
    ("period", "Contract period", {},
     "2026-01-01/2026-02-01", {"value": "2026-01-01", "until": "2026-02-01"},
     {"value": "2026-03-01", "until": "2026-04-01"}, "2026-03-01/2026-04-01",
     "2026-05-01/2026-06-01", {"value": "2026-05-01", "until": "2026-06-01"}),
    ("hour", "Preferred call time", {},
     "9:00", {"value": "09:00:00", "timezone_id": 0, "timezone_name": "Europe/London"},
     {"value": "10:00:00", "timezone_name": "Asia/Tokyo"}, "10:00:00",
     "11:00", {"value": "11:00:00", "timezone_id": 0, "timezone_name": "Asia/Tokyo"}),
    ("seen", "Last seen", {}, "2026-01-31T09:00:00Z", "2026-01-31", "2026-02-01", "2026-02-01",
     "2026-02-02", "2026-02-02"),
    ("boss", "Account manager", {}, 1, 1, 2, 2, 1, 1),
]  # fmt: skip


@pytest.mark.usual("journy.unknown_properties")
def test_fields_of_each_type_go_both_ways_and_rest(sync):
    names, labels, details, first, stored, edits, arrived, later, shown = zip(
        *BOTH_WAYS, strict=True
    )
    there = [
        {"from": n, "to": t, **more} for n, t, more in zip(names, labels, details, strict=True)
    ]
    back = [{"from": t, "to": n} for n, t in zip(names, labels, strict=True)]
    both = sync({"users": there, "persons": back}, **dict(zip(names, first, strict=True)))
    assert both.stored(*labels) == list(stored)
    assert both.user(*names) == list(first), "the first values have no echo"
    both.edit_person(dict(zip(labels, edits, strict=True)))
    both.rest()
    assert both.user(*names) == list(arrived)
    both.edit_user(**dict(zip(names, later, strict=True)))
    both.rest()
    assert both.stored(*labels) == list(shown)
    assert both.user(*names) == list(later), "an edit has no echo"


@pytest.mark.usual("journy.unknown_properties")
def test_a_map_there_and_its_opposite_back_come_to_rest(sync):
    label, words = "Customer health", {"trial": "Good", "churned": "Bad"}
    opposite = {said: word for word, said in words.items()}
    there, back = {"from": "words", "to": label}, {"from": label, "to": "words"}
    lines = {"users": [{**there, "map": words}], "persons": [{**back, "map": opposite}]}
    both = sync(lines, words="trial")
    options = both.options(label)
    assert (both.stored(label), both.user("words")) == ([options["Good"]], ["trial"])
    both.edit_person({label: options["Bad"]})
    both.rest()
    assert both.user("words") == ["churned"]
    both.edit_user(words="trial")
    both.rest()
    assert both.stored(label) == [options["Good"]]


@pytest.mark.usual("journy.unknown_properties")
def test_computed_lines_with_lines_back_come_to_rest_after_each_edit(sync):
    labels, names = ("Lifecycle stage", "Notes on fit", "Product ID"), ("one", "two", "nickname")
    forms = ({"value": "constant"}, {"template": "{first_name}: {words}"},
             {"from": ["nickname", "words"]})  # fmt: skip
    lines = {
        "users": [{"to": label, **form} for label, form in zip(labels, forms, strict=True)],
        "persons": [{"from": t, "to": name} for t, name in zip(labels, names, strict=True)],
    }
    both = sync(lines, words="Lead", nickname="Nic")
    assert both.stored(*labels) == ["constant", "Ann: Lead", "Nic"]
    assert both.user(*names) == ["constant", "Ann: Lead", "Nic"]
    both.edit_person(dict.fromkeys(labels, "Edited"))
    both.rest()
    assert both.user(*names) == ["Edited", "Edited", "Edited"]
    both.edit_user(words="Lost")
    both.rest()
    assert both.stored(*labels)[0] == "Edited", "a constant that didn't change takes nothing back"


@pytest.mark.usual("journy.unknown_properties")
def test_a_line_to_journy_that_comes_back_writes_what_its_source_still_says(plugins, journy):
    person = {**PERSON, "lifecycle_stage": "Lead", "churn_score": 5}
    for source, stored in (("Lifecycle stage", "Lead"), ("Churn score", "5"),
                           ("Lifecycle stage", "Lead")):  # fmt: skip
        line = {"from": source, "to": "words", "map": {"5": "5"}, "otherwise": "Lead"}
        plugins.persons(person, create=True, fields=[line])
        assert journy.user(USER)["words"] == stored
