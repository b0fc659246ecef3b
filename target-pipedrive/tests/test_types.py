"""Every type of field against the service: written once, read back the same, cleared, contested.

Blind spot: the sandbox keeps an address as it was sent, while Pipedrive may look it up on a map.
"""

from __future__ import annotations

import pytest
from sync_sandbox.pipedrive.catalogue import SUBFIELDS

ANN = {"user_id": "u1", "email": "ann@acme.example"}
ANY = {"type": ["string", "number", "boolean", "object", "array", "null"]}
UNZONED = {"timezone_id": 0, "timezone_name": "Europe/London"}  # the zone of the credential's user


def parts(**given):
    """An address as it is stored: parts that weren't sent are null."""
    known = SUBFIELDS["address"]
    return {**{part: None for part, _ in known}, **given}


#: field, what its line says besides, the source's value and how it is stored, and another one
TYPES = [
    ("Lifecycle stage", {}, " Lead ", "Lead", "Won"),
    ("Notes on fit", {}, ["a", "b"], "a, b", "c"),
    ("Support line", {}, "+32 2", "+32 2", "+32 3"),
    ("Churn score", {}, "12.50", 12.5, 13),
    ("Contract value", {"currency": "EUR"}, 5, {"value": 5, "currency": "EUR"}, "6 USD"),
    ("Customer health", {}, "good", "Good", "Bad"),
    ("Newsletter", {}, True, "Yes", False),
    ("Interests", {}, ["billing", "Analytics"], ["Analytics", "Billing"], ["Reporting"]),
    ("Last seen", {"zone": "Asia/Tokyo"}, "2026-01-31T20:00:00Z", "2026-02-01", "2026-03-01"),
    ("Contract period", {}, "2026-01-01/2026-02-01",
     {"value": "2026-01-01", "until": "2026-02-01"}, "2026-01-01/2026-03-01"),
    ("Preferred call time", {}, "9:00", {"value": "09:00:00", **UNZONED}, "10:00"),
    ("Office hours", {"zone": "Asia/Tokyo"}, {"value": "09:00", "until": "17:00"},
     {"value": "09:00:00", "until": "17:00:00", "timezone_id": 0, "timezone_name": "Asia/Tokyo"},
     {"value": "09:00", "until": "18:00"}),
    ("Postal address", {}, {"value": "1 Main St", "locality": "Ghent"},
     parts(value="1 Main St", locality="Ghent"), {"value": "2 Main St", "locality": "Ghent"}),
    ("Account manager", {}, "BOB@acme.com", 2, 1),
    ("Sponsor", {}, "beta", "Beta", "acme"),
    ("Mentor", {}, "bea@beta.example", "Bea", "cy@beta.example"),
]  # fmt: skip
LABELS = [label for label, *_ in TYPES]
LINES = [{"from": f"c{at}", "to": case[0], **case[1]} for at, case in enumerate(TYPES)]


def user(at):
    return {**ANN, **{f"c{place}": case[at] for place, case in enumerate(TYPES)}}


NOBODY = {**ANN, **{f"c{place}": None for place in range(len(TYPES))}}


@pytest.fixture
def write(target, crm, sandbox):
    """Two organizations and two persons that are linked by key, and the target with every line."""
    for label, kind in (("Sponsor", "org"), ("Mentor", "people")):
        sandbox.apply(pipedrive={"add_field": {"entity": "person", "name": label, "type": kind}})
    for key in ("acme", "beta"):
        crm.organization(key.title(), custom={"Account ID": key})
    for name in ("Bea", "Cy"):
        crm.person(f"{name.lower()}@beta.example", name=name)
    others = [{"user_id": n, "email": f"{n}@beta.example"} for n in ("bea", "cy")]
    accounts = [{"account_id": key, "name": key.title()} for key in ("acme", "beta")]
    first = target.run(target.stream("accounts", *accounts) + target.stream("users", *others))
    assert first.exit_code == 0, first.log

    def run(record, **more):
        messages = target.stream("users", record)
        known = messages[0]["schema"]["properties"]
        own = dict.fromkeys((line["from"] for line in LINES), ANY)
        messages[0]["schema"]["properties"] = {**known, **own}
        lines = [{**line, **more} for line in LINES]
        return target.run(messages, users={"fields": lines})

    return run


@pytest.fixture
def stored(crm):
    """What a person has, with names in place of ids."""
    entities = {"Sponsor": "organization", "Mentor": "person"}

    def read(person):
        found = crm.stored(person)
        return [_named(crm, label, found.get(label), entities) for label in LABELS]

    return read


def _named(crm, label, value, entities):
    if label in entities and value:
        return crm.sandbox.pipedrive.rows(entities[label])[value]["name"]
    options = crm.sandbox.pipedrive.field("person", label)["options"]
    if not options or value is None:
        return value
    labels = {one["id"]: one["label"] for one in options}
    return [labels[one] for one in value] if isinstance(value, list) else labels[value]


def test_every_type_is_written_once_and_reads_back_the_same(write, crm, target, stored):
    person = crm.person("ann@acme.example")
    assert write(user(2)).lines[0].fields == ", ".join(LABELS)
    assert stored(person) == [case[3] for case in TYPES]
    crm.calls()
    assert write(user(2)).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []
    assert write({**user(2), "phone": "+32 9"}).lines[0].fields == "phones", (
        "one that is looked at again says the same"
    )
    assert write(user(4)).lines[0].fields == ", ".join(LABELS)
    crm.calls()
    assert write(user(4)).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


@pytest.mark.usual("pipedrive.set_null")
def test_what_vanishes_at_its_source_clears_every_type(write, crm, stored):
    person = crm.person("ann@acme.example")
    write(user(2))
    assert write(NOBODY).lines[0].fields == ", ".join(LABELS)
    assert stored(person) == [None] * len(TYPES)
    crm.calls()
    assert write(NOBODY).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_where_the_service_does_not_clear_a_multiple_option_the_others_are_cleared(
    write, crm, stored, sandbox
):
    sandbox.switches.set("pipedrive.set_null", "refuse")
    person = crm.person("ann@acme.example")
    write(user(2))
    run = write(NOBODY)
    assert run.text("some_fields_rejected").startswith("Interests: refused by the service")
    left = [value for value in stored(person) if value is not None]
    assert left == [["Analytics", "Billing"]]


def test_a_field_of_any_type_that_is_filled_is_left_alone_if_empty(write, crm, stored):
    person = crm.person("ann@acme.example")
    write(user(2), write="if_empty")
    assert write(user(4), write="if_empty").counts["users"] == {"unchanged": 1}
    assert write(NOBODY, write="if_empty").counts["users"] == {"unchanged": 1}
    assert stored(person) == [case[3] for case in TYPES]


@pytest.mark.parametrize("winner", ["pipedrive", "journy"])
def test_where_both_sides_moved_the_rule_decides_for_every_type(write, crm, stored, winner):
    person, twin = crm.person("ann@acme.example"), crm.person("twin@acme.example")
    write(user(2))
    write({**user(4), "user_id": "twin", "email": "twin@acme.example"})
    others = crm.stored(twin)
    crm.change(person, custom={label: others[label] for label in LABELS})
    run = write(NOBODY, conflict=winner)
    assert stored(person) == (stored(twin) if winner == "pipedrive" else [None] * len(TYPES))
    assert run.lines[0].text.count("both sides changed it") == len(TYPES)


# Parts that the source doesn't tell


def line(source, label, **more):
    return {"from": source, "to": label, **more}


def test_an_amount_without_a_currency_keeps_the_stored_one_and_is_refused_without(target, crm):
    person = crm.person("ann@acme.example")
    fields = [line("churn_score", "Contract value"), line("logins_30d", "Churn score")]
    run = target.users({**ANN, "churn_score": 5, "logins_30d": 1}, fields=fields)
    assert run.counts["users"] == {"updated": 1}
    text = run.text("some_fields_rejected")
    assert text.startswith("Contract value: expected a currency beside the amount; name one in the")
    crm.change(person, custom={"Contract value": {"value": 1, "currency": "SEK"}})
    target.users({**ANN, "churn_score": 6, "logins_30d": 1}, fields=fields)
    assert crm.stored(person)["Contract value"] == {"value": 6, "currency": "SEK"}


def test_a_new_person_with_an_amount_of_no_currency_is_made_without_it(target, crm):
    user = {**ANN, "first_name": "Ann", "churn_score": 5}
    run = target.users(user, create=True, fields=[line("churn_score", "Contract value")])
    assert run.counts["users"] == {"created": 1}
    assert "expected a currency" in run.text("some_fields_rejected")


def test_a_currency_that_pipedrive_does_not_have_is_refused_alone(target, crm):
    crm.person("ann@acme.example")
    fields = [line("churn_score", "Contract value", currency="XXX"),
              line("logins_30d", "Churn score")]  # fmt: skip
    run = target.users({**ANN, "churn_score": 5, "logins_30d": 1}, fields=fields)
    assert run.lines[0].fields == "Churn score"
    assert run.text("some_fields_rejected").startswith("Contract value: refused by the service")


@pytest.mark.parametrize(
    ("to", "given", "hollow"),
    [
        ("Contract value", {"value": 5, "currency": "EUR"}, {"value": None, "currency": "EUR"}),
        (
            "Contract period",
            {"value": "2026-01-01", "until": "2026-02-01"},
            {"value": None, "until": None},
        ),
        ("Preferred call time", "09:00", {"value": "", "timezone_name": "Europe/Brussels"}),
    ],
)
def test_an_object_without_its_value_empties_the_field(target, crm, to, given, hollow):
    columns = {"user_id": {}, "email": {}, "said": {}}
    person = crm.person("ann@acme.example")

    def say(said):
        record = {"user_id": "u1", "email": "ann@acme.example", "said": said}
        batch = target.table("users", columns, record)
        return target.run(batch, users={"fields": [line("said", to)]})

    say(given)
    assert crm.stored(person)[to] is not None
    assert say(hollow).reasons == {"updated": 1}
    assert crm.stored(person).get(to) is None


def test_choices_are_replaced_or_added_to(target, crm):
    person = crm.person("ann@acme.example")

    def chosen():
        options = crm.sandbox.pipedrive.field("person", "Interests")["options"]
        labels = {one["id"]: one["label"] for one in options}
        return [labels[one] for one in crm.stored(person).get("Interests") or []]

    crm.change(person, custom={"Interests": [crm.option("Interests", "Billing")]})
    add = [line("interests", "Interests", merge="add")]
    target.users({**ANN, "interests": ["Reporting"]}, fields=add)
    assert chosen() == ["Billing", "Reporting"]
    target.users({**ANN, "interests": None}, fields=add)
    assert chosen() == ["Billing", "Reporting"]
    options = [crm.option("Interests", each) for each in ("Reporting", "Integrations")]
    crm.change(person, custom={"Interests": options})
    run = target.users({**ANN, "interests": ["Billing"]}, fields=add)
    assert run.reasons == {"updated": 1}
    assert run.lines[0].text == "", "nobody gave way"
    assert chosen() == ["Reporting", "Integrations", "Billing"]
    target.forget()
    crm.calls()
    assert target.users({**ANN, "interests": ["Billing"]}, fields=add).counts["users"] == {
        "unchanged": 1
    }
    target.users({**ANN, "interests": ["Analytics"]}, fields=[line("interests", "Interests")])
    assert chosen() == ["Analytics"]


@pytest.mark.parametrize(
    "case",
    [
        ("Account manager", "gwen@acme.com", "no active user of this Pipedrive company"),
        ("Account manager", "secret@acme.com", "no active user of this Pipedrive company"),
        ("Sponsor", "secret", "nothing with this key is linked to an organization yet"),
    ],
    ids=str,
)
def test_a_name_that_leads_nowhere_is_refused_and_not_repeated(target, crm, sandbox, case):
    label, value, why = case
    sandbox.apply(pipedrive={"add_field": {"entity": "person", "name": "Sponsor", "type": "org"}})
    crm.person("ann@acme.example")
    run = target.users({**ANN, "lifecycle": value}, fields=[line("lifecycle", label)])
    assert f"{label}: {why}" in run.text("bad_value")
    assert "secret" not in run.log


def test_a_day_that_the_line_s_zone_does_not_have_any_more_costs_no_other_value(target, crm):
    person = crm.person("ann@acme.example")
    user = {**ANN, "last_seen_at": "9999-12-31T23:59:59Z", "lifecycle": "Won"}
    zoned = line("last_seen_at", "Last seen", zone="Europe/Brussels")
    run = target.users(user, fields=[zoned, line("lifecycle", "Lifecycle stage")])
    assert run.exit_code == 0, run.log
    assert "Last seen: expected a point in time" in run.text("some_fields_rejected")
    assert crm.stored(person)["Lifecycle stage"] == "Won"


def test_an_organization_s_address_is_written_and_rests(target, crm):
    organization = crm.organization("Acme", custom={"Account ID": "a1"})
    account = {"account_id": "a1", "name": "Acme", "plan": "1 Main St, Ghent"}
    fields = [line("plan", "Address")]
    assert target.accounts(account, fields=fields).counts["accounts"] == {"updated": 1}
    assert crm.stored(organization, "organization")["address"]["value"] == "1 Main St, Ghent"
    target.forget()
    assert target.accounts(account, fields=fields).counts["accounts"] == {"unchanged": 1}


def test_an_owner_goes_by_e_mail_and_a_mapped_one_before_the_configured_one(target, crm):
    fields = [line("lifecycle", "Owner")]
    new = {"user_id": "u2", "email": "new@acme.example", "first_name": "New"}
    users = target.stream("users", {**ANN, "first_name": "Ann", "lifecycle": "bob@acme.com"}, new)
    settings = {"users": {"fields": fields, "create": True}, "owner": "jane@acme.com"}
    assert target.run(users, **settings).counts["users"] == {"created": 2}
    ids = {crm.stored(each)["first_name"]: each for each in crm.persons()}
    owners = {name: crm.stored(each)["owner_id"] for name, each in ids.items()}
    assert owners == {"Ann": 2, "New": 1}
    crm.calls()
    assert target.run(users, **settings).counts["users"] == {"unchanged": 2}
    users = target.stream("users", {**ANN, "first_name": "Ann", "lifecycle": None})
    target.run(users, **settings)
    assert crm.stored(ids["Ann"])["owner_id"] == 2, "nobody is left without an owner"
    assert crm.writes() == []
