"""Writing: one PATCH with only what differs, each value in the destination's type."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example"}


def line(source, label, **more):
    return {"from": source, "to": label, **more}


@pytest.mark.usual("pipedrive.patch_custom_fields")
def test_a_patch_holds_only_what_differs(target, crm, bodies):
    person = crm.person("ann@acme.example", custom={"Churn score": 0.5, "Lifecycle stage": "Trial"})
    bodies.clear()
    user = {**ANN, "churn_score": 0.5, "lifecycle": "Customer"}
    fields = [line("churn_score", "Churn score"), line("lifecycle", "Lifecycle stage")]
    target.users(user, fields=fields)
    assert bodies == [("PATCH", {"custom_fields": {crm.key("Lifecycle stage"): "Customer"}})]
    assert crm.writes() == [f"PATCH /api/v2/persons/{person}"]


def test_other_values_addresses_phones_labels_and_owner_stay(target, crm):
    person = crm.person(
        "ann@home.example",
        "ann@acme.example",
        phones=[{"value": "+32 2 555 01 01", "primary": True, "label": "home"}],
        label_ids=[next(iter(crm.sandbox.pipedrive.field("person", "Labels")["options"]))["id"]],
        owner_id=2,
        custom={"Contract value": {"value": 5, "currency": "EUR"}},
    )
    before = crm.stored(person)
    user = {**ANN, "phone": "+32 2 555 01 99", "health": "Good"}
    fields = [line("phone", "phones"), line("health", "Customer health")]
    run = target.users(user, fields=fields)
    assert run.lines[0].fields == "phones, Customer health"
    after = crm.stored(person)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"phones", "Customer health", "custom_fields", "update_time"}
    assert after["phones"][0] == before["phones"][0]
    numbers = [(one["value"], one["primary"]) for one in after["phones"]]
    assert numbers == [("+32 2 555 01 01", True), ("+32 2 555 01 99", False)]


def test_a_phone_that_is_only_written_otherwise_is_the_same(target, crm):
    crm.person("ann@acme.example", phones=[{"value": "+3225550101", "primary": True}])
    assert target.users({**ANN, "phone": "+32 2 555-01-01"}).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


def test_one_part_of_a_name_changes_and_the_other_stays(target, crm):
    person = crm.person("ann@acme.example", name="Ann Lee")
    user = {**ANN, "first_name": "Ann", "last_name": "Lee"}
    target.users(user)
    target.users({**user, "last_name": "Lee-Stone"})
    assert crm.stored(person)["name"] == "Ann Lee-Stone"


#: column, Pipedrive field, value in journy, what has to be stored; a callable finds an option's id
FITTING = [
    ("churn_score", "Churn score", 0.25, 0.25),
    ("churn_score", "Churn score", 3.0, 3),
    ("lifecycle", "Churn score", " 12.5 ", 12.5),
    ("churn_score", "Lifecycle stage", 7, "7"),
    ("health", "Customer health", "Good", "Good"),
    ("health", "Customer health", " gOOd ", "Good"),
    ("newsletter", "Newsletter", True, "Yes"),
    ("newsletter", "Newsletter", False, "No"),
    ("interests", "Interests", ["Billing", "analytics"], {"Billing", "Analytics"}),
    ("last_seen_at", "Last seen", "2026-03-04", "2026-03-04"),
    ("last_seen_at", "Last seen", "2026-03-04T23:59:59.999Z", "2026-03-04"),
    ("phone", "Support line", "+32 2 555 01 01", "+32 2 555 01 01"),
    ("lifecycle", "Notes on fit", "long " * 200, ("long " * 200).strip()),
    ("lifecycle", "Lifecycle stage", "Zoë 🚀 Ωmega", "Zoë 🚀 Ωmega"),
    ("last_seen_at", "Lifecycle stage", "2026-03-04T10:00:00.000Z", "2026-03-04T10:00:00.000Z"),
]


@pytest.mark.parametrize(
    "case",
    FITTING,
    ids=[f"{type(v).__name__} {c} into {label}" for c, label, v, _ in FITTING],
)
def test_a_value_arrives_in_the_fields_own_type(target, crm, case):
    column, label, value, stored = case
    person = crm.person("ann@acme.example")
    user = {**ANN, column: value}
    run = target.users(user, fields=[line(column, label)])
    assert run.counts["users"] == {"updated": 1}, run.lines
    found = crm.stored(person)[label]
    options = crm.sandbox.pipedrive.field("person", label)["options"] or []
    labels = {option["id"]: option["label"] for option in options}
    shown = {labels[one] for one in found} if isinstance(found, list) else labels.get(found, found)
    assert shown == stored
    assert type(found) is not bool
    crm.calls()
    target.forget()
    assert target.users(user, fields=[line(column, label)]).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []


#: column, Pipedrive field, value, what the refusal says
BAD = [
    ("lifecycle", "Churn score", "1,5", "expected a number with a decimal point"),
    ("lifecycle", "Churn score", "1.234.567", "expected a number with a decimal point"),
    ("newsletter", "Churn score", True, "expected a number"),
    ("health", "Customer health", "Goood", "did you mean 'Good'?"),
    ("interests", "Interests", ["Billing", "Cooking"], "no option of the field fits"),
    ("last_seen_at", "Last seen", "yesterday", "expected a date as YYYY-MM-DD"),
    ("last_seen_at", "Last seen", "2026-02-30", "expected a date as YYYY-MM-DD"),
    ("lifecycle", "Lifecycle stage", "x" * 256, "at most 255 characters fit, got 256"),
]


@pytest.mark.parametrize("case", BAD, ids=[f"{v!s:.12} into {t}" for _, t, v, _ in BAD])
@pytest.mark.parametrize("exists", [True, False], ids=["on update", "on create"])
def test_a_bad_value_is_refused_alone_and_the_rest_is_written(target, crm, case, exists):
    column, label, value, why = case
    if exists:
        crm.person("ann@acme.example")
    fields = [line(column, label), line("logins_30d", "Conversion score")]
    user = {**ANN, "first_name": "Ann", "last_name": "Lee", column: value, "logins_30d": 5}
    run = target.users(user, create=True, fields=fields)
    assert run.counts["users"] == {"updated" if exists else "created": 1}
    text = run.text("some_fields_rejected")
    assert text.startswith(f"{label}: ")
    assert why in text
    (person,) = crm.persons()
    assert crm.stored(person)["Conversion score"] == 5
    assert label not in crm.stored(person)
    assert label not in run.lines[0].fields


def test_a_record_whose_every_change_is_bad_is_rejected_and_nothing_is_sent(target, crm):
    crm.person("ann@acme.example")
    fields = [line("lifecycle", "Churn score")]
    run = target.users({**ANN, "lifecycle": "high"}, fields=fields)
    assert run.counts["users"] == {"rejected": 1}
    assert "Churn score: expected a number" in run.text("bad_value")
    assert "a user (Pipedrive person 1) rejected (bad_value): Churn score" in run.log
    assert crm.writes() == []


@pytest.mark.parametrize("told", ["text", "beside"])
def test_a_field_that_the_service_refuses_is_reported_and_the_rest_is_written(
    target, crm, sandbox, told
):
    sandbox.switches.set("pipedrive.refused_field", told)
    person = crm.person("ann@acme.example")
    gone = {"remove_field": {"entity": "person", "name": "Lifecycle stage"}}
    sandbox.fault("/pipedrive/api/v2/persons/search", "GET", action={"apply": {"pipedrive": gone}})
    fields = [line("lifecycle", "Lifecycle stage"), line("churn_score", "Churn score")]
    run = target.users({**ANN, "lifecycle": "Trial", "churn_score": 1}, fields=fields)
    assert run.exit_code == 0
    assert run.counts["users"] == {"updated": 1}
    assert run.text("some_fields_rejected").startswith("Lifecycle stage: refused by the service")
    assert run.lines[0].fields == "Churn score"
    assert crm.stored(person)["Churn score"] == 1


def test_a_refused_record_does_not_stop_the_others(target, crm, sandbox):
    ids = [crm.person(f"p{n}@acme.example") for n in range(4)]
    path = f"/pipedrive/api/v2/persons/{ids[1]}"
    sandbox.fault(path, "PATCH", times=None, action={"status": 400, "body": {"error": "no"}})
    users = [
        {"user_id": f"u{n}", "email": f"p{n}@acme.example", "churn_score": n} for n in range(4)
    ]
    run = target.users(*users, fields=[line("churn_score", "Churn score")])
    assert run.exit_code == 0
    assert run.counts["users"] == {"updated": 3, "rejected": 1}
    assert "no" in run.text("refused")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"first_name": "Zoë", "last_name": "Ångström"}, "Zoë Ångström"),
        ({"first_name": "李", "last_name": None}, "李"),
        ({"first_name": "", "last_name": "Lee"}, "Lee"),
        ({"first_name": "<b>Ann</b>", "last_name": "O'Neil & Co"}, "<b>Ann</b> O'Neil & Co"),
    ],
    ids=["unicode", "null", "empty", "html"],
)
def test_names_arrive_as_they_are(target, crm, values, shown):
    run = target.users({**ANN, **values}, create=True)
    assert run.counts["users"] == {"created": 1}
    assert [crm.stored(each)["name"] for each in crm.persons()] == [shown]
    assert target.users({**ANN, **values}, create=True).counts["users"] == {"unchanged": 1}


def test_a_name_that_is_too_long_is_refused_and_not_cut(target, crm):
    long = {**ANN, "first_name": "Ann", "last_name": "x" * 300}
    run = target.users(long, create=True)
    assert run.counts["users"] == {"created": 1}
    assert "Last name: at most 255 characters" in run.text("some_fields_rejected")
    assert [crm.stored(each)["name"] for each in crm.persons()] == ["Ann"]


def test_a_phone_that_is_null_and_one_that_is_blank_change_nothing(target, crm):
    crm.person("ann@acme.example", phones=[{"value": "+3225550101", "primary": True}])
    for phone in (None, "", "  "):
        run = target.users({**ANN, "phone": phone})
        assert run.counts["users"] == {"unchanged": 1}
    assert crm.writes() == []
