"""`create_missing_fields` and `create_missing_options`: each made once, or said, or refused."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example"}
OFF = "sandbox-token-bob"  # a regular user, who may not change the setup
FIELDS, OPTIONS = {"create_missing_fields": True}, {"create_missing_options": True}
TYPED = {
    "score": {"type": ["number", "null"]},
    "born": {"type": ["string", "null"], "format": "date"},
    "vip": {"type": ["boolean", "null"]},
    "tier": {"type": ["string", "null"], "enum": ["Gold", "Silver", None]},
    "motto": {"type": ["string", "null"]},
    "thing": {"type": ["object", "null"]},
}


def line(source, label, **more):
    return {"from": source, "to": label, **more}


@pytest.fixture
def run(target):
    """Runs of one user with typed columns."""

    def go(values, fields, **settings):
        messages = target.stream("users", {**ANN, **values})
        known = messages[0]["schema"]["properties"]
        messages[0]["schema"]["properties"] = {**known, **TYPED}
        return target.run(messages, users={"fields": fields}, **settings)

    return go


def made(crm, entity="person"):
    """Names and types of the fields that weren't there."""
    fields = crm.sandbox.pipedrive.state.fields[entity].all()
    return {one["field_name"]: one["field_type"] for one in fields if one["field_name"] in NEW}


NEW = ("Score", "Born", "VIP", "Tier", "Motto", "Origin", "Greeting", "Plan name")
LINES = [
    line("score", "Score"),
    line("born", " Born "),
    line("vip", "VIP"),
    line("tier", "Tier"),
    line(["motto", "health"], "Motto"),
    {"value": 5, "to": "Origin"},
    {"template": "Dear {first_name}", "to": "Greeting"},
]


def test_each_missing_field_is_made_once_with_a_type_that_fits_and_filled(run, crm):
    person = crm.person("ann@acme.example")
    values = {"score": 2.5, "born": "2000-01-31", "vip": True, "tier": "gold", "motto": "go",
              "first_name": "Ann"}  # fmt: skip
    found = run(values, LINES, **FIELDS)
    assert found.counts["users"] == {"updated": 1}, found.log
    assert made(crm) == {"Score": "double", "Born": "date", "VIP": "enum", "Tier": "enum",
                         "Motto": "varchar", "Origin": "double",
                         "Greeting": "varchar"}  # fmt: skip
    stored = crm.stored(person)
    assert [stored[name] for name in NEW[:2]] == [2.5, "2000-01-31"]
    assert stored["VIP"] == crm.option("VIP", "Yes")
    assert stored["Tier"] == crm.option("Tier", "Gold")
    assert [stored[name] for name in ("Motto", "Origin", "Greeting")] == ["go", 5, "Dear Ann"]
    crm.calls()
    assert run(values, LINES, **FIELDS).counts["users"] == {"unchanged": 1}
    assert crm.writes() == []
    assert "created the person field 'Score' of type double in Pipedrive" in found.log


def test_a_field_that_is_missing_is_refused_by_name_where_it_may_not_be_made(run, crm):
    found = run({"score": 1}, LINES[:1])
    assert found.exit_code == 1
    assert "users.fields[0]: Pipedrive has no person field 'Score'" in found.log
    assert made(crm) == {}


def test_a_dry_run_says_what_it_would_make_and_what_it_would_write(run, crm):
    crm.person("ann@acme.example")
    values = {"score": 2.5, "tier": "Platinum"}
    found = run(values, [LINES[0], LINES[3]], **FIELDS, **OPTIONS, dry_run=True)
    assert found.counts["users"] == {"updated": 1}, found.log
    assert found.lines[0].text == "would write Score, Tier"
    assert "a real run would create the person field 'Score' of type double" in found.log
    assert "a real run would add an option to 'Tier'" in found.log
    assert made(crm) == {}
    assert crm.writes() == []


def test_nothing_is_made_while_any_line_is_wrong(run, crm):
    lines = [LINES[0], line("scroe", "Born"), line("thing", "VIP"), line("motto", "SCORE "),
             line("motto", "vip"), line("motto", "Born"), line("motto", "add_time"),
             line("moto", "Marketing Stat"), line("born", "Motto", merge="add")]  # fmt: skip
    found = run({"score": 1}, lines, **FIELDS)
    assert found.exit_code == 1
    for said in (
        "users.fields[1]: stream users has no field 'scroe'; did you mean 'score'",
        "users.fields[2]: Pipedrive has no field 'VIP', and what its source holds",
        "users.fields[3]: 'SCORE' is already the target of users.fields[0]",
        "users.fields[4]: 'vip' is already the target of users.fields[2]",
        "users.fields[5]: 'Born' is already the target of users.fields[1]",
        "users.fields[6]: the Pipedrive field 'Created' can't be written",
        "users.fields[7]: stream users has no field 'moto'; did you mean 'motto'",
        "users.fields[8]: the Pipedrive field 'Motto' is of type date, which has no use for merge",
    ):
        assert found.log.count(said) == 1, said
    assert made(crm) == {}


def test_what_is_wrong_with_another_streams_match_field_is_told_with_the_rest(target, crm, by_hand):
    by_hand("DELETE", f"api/v2/organizationFields/{crm.key('Account ID', 'organization')}")
    users, accounts = target.stream("users", ANN), target.stream("accounts", {"account_id": "a1"})
    fields = [line("helth", "Motto"), line("health", "Greeting")]
    found = target.run([users[0], accounts[0]], users={"fields": fields}, **FIELDS)
    assert "accounts.external_id_field: Pipedrive has no organization field 'Account ID'" in (
        found.log
    )
    assert "users.fields[0]: stream users has no field 'helth'" in found.log
    assert made(crm) == {}


def test_a_credential_that_may_not_make_fields_is_told_what_to_do(run, crm):
    crm.person("ann@acme.example")
    found = run({"score": 1}, LINES[:1], **FIELDS, api_token=OFF)
    assert found.exit_code == 1
    (error,) = found.errors
    assert "users.fields[0]: the field is missing, and the credential may not" in error
    assert "contact-fields:full" in error
    assert "create 'Score' of type double by hand" in error


def test_a_field_that_another_run_has_just_made_is_taken_and_not_made_again(run, crm, sandbox):
    crm.person("ann@acme.example")
    other = {"add_field": {"entity": "person", "name": "Score", "type": "double"}}
    sandbox.fault("/pipedrive/api/v2/personFields", "GET", action={"apply": {"pipedrive": other}})
    found = run({"score": 1}, LINES[:1], **FIELDS)
    assert found.counts["users"] == {"updated": 1}, found.log
    assert [call for call in crm.writes() if "Fields" in call] == []
    fields = crm.sandbox.pipedrive.state.fields["person"].all()
    assert [one["field_name"] for one in fields].count("Score") == 1


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_a_field_whose_answer_was_lost_is_looked_for_before_anything_else(run, crm, sandbox, fault):
    crm.person("ann@acme.example")
    sandbox.fault("/pipedrive/api/v2/personFields", "POST", action={fault: True})
    first = run({"score": 1}, LINES[:1], **FIELDS)
    assert (first.exit_code == 0) is (fault == "drop_after"), first.log
    assert run({"score": 1}, LINES[:1], **FIELDS).exit_code == 0
    fields = crm.sandbox.pipedrive.state.fields["person"].all()
    assert [one["field_name"] for one in fields].count("Score") == 1


def test_a_field_of_an_organization_is_made_from_a_map(target, crm):
    organization = crm.organization("Acme", custom={"Account ID": "a1"})
    fields = [line("plan", "Plan name", map={"growth": "G"})]
    messages = target.stream("accounts", {"account_id": "a1", "name": "Acme", "plan": "Growth"})
    target.run(messages, accounts={"fields": fields}, **FIELDS)
    assert made(crm, "organization") == {"Plan name": "varchar"}
    assert crm.stored(organization, "organization")["Plan name"] == "G"


# Options


def labels(crm, label):
    return [one["label"] for one in crm.sandbox.pipedrive.field("person", label)["options"]]


HEALTH = [line("health", "Customer health")]


def test_a_new_option_is_made_once_and_used_by_every_record(target, crm):
    people = [crm.person(f"p{at}@acme.example") for at in range(3)]
    users = [{"user_id": f"u{at}", "email": f"p{at}@acme.example", "health": label}
             for at, label in enumerate(["Stellar", " stellar", "Good"])]  # fmt: skip
    run = target.run(target.stream("users", *users), users={"fields": HEALTH}, **OPTIONS)
    assert run.counts["users"] == {"updated": 3}, run.log
    assert labels(crm, "Customer health") == ["Good", "Normal", "Bad", "Stellar"]
    stellar = crm.option("Customer health", "Stellar")
    assert [crm.stored(one)["Customer health"] for one in people[:2]] == [stellar, stellar]
    crm.calls()
    again = target.run(target.stream("users", *users), users={"fields": HEALTH}, **OPTIONS)
    assert again.counts["users"] == {"unchanged": 3}
    assert crm.writes() == []


def test_new_options_of_a_list_stand_beside_those_that_are_there(target, crm):
    person = crm.person("ann@acme.example")
    fields = [line("interests", "Interests")]
    user = {**ANN, "interests": ["Billing", "Cooking", "Sailing"]}
    target.run(target.stream("users", user), users={"fields": fields}, **OPTIONS)
    chosen = [crm.option("Interests", label) for label in user["interests"]]
    assert sorted(crm.stored(person)["Interests"]) == sorted(chosen)


def test_an_option_is_made_only_for_what_is_written(target, crm):
    crm.person("ann@acme.example", custom={"Customer health": crm.option("Customer health", "Bad")})
    fields = [line("health", "Customer health", write="if_empty")]
    user = {**ANN, "health": "Stellar"}
    run = target.run(target.stream("users", user), users={"fields": fields}, **OPTIONS)
    assert run.counts["users"] == {"unchanged": 1}
    assert "Stellar" not in labels(crm, "Customer health")


@pytest.mark.parametrize(
    ("label", "made"), [("x" * 255, True), ("x" * 256, False), ("👍" * 128, False), ("a\0b", False)]
)
def test_an_option_is_made_only_of_what_a_label_can_be(target, crm, label, made):
    crm.person("ann@acme.example")
    user = {**ANN, "health": label}
    run = target.run(target.stream("users", user), users={"fields": HEALTH}, **OPTIONS)
    assert run.reasons == {"updated" if made else "bad_value": 1}
    assert labels(crm, "Customer health")[3:] == [label] * made


def test_an_option_that_another_run_has_just_made_is_taken(target, crm, sandbox):
    person = crm.person("ann@acme.example")
    path = f"/api/v2/personFields/{crm.key('Customer health')}/options"
    crm._send("POST", path.removeprefix("/api/v2/"), [{"label": "Stellar"}])
    stellar = crm.option("Customer health", "Stellar")
    # The list at the start comes from before; the field itself is asked for again.
    catalogue = sandbox.pipedrive.state.fields["person"]
    stale = [one for one in catalogue.get(crm.key("Customer health"))["options"]
             if one["label"] != "Stellar"]  # fmt: skip
    body = {"success": True, "data": [{**catalogue.get(crm.key("Customer health")),
                                       "options": stale}]}  # fmt: skip
    sandbox.fault("/pipedrive/api/v2/personFields", "GET", action={"status": 200, "body": body})
    run = target.run(target.stream("users", {**ANN, "health": "Stellar"}),
                     users={"fields": HEALTH}, **OPTIONS)  # fmt: skip
    assert run.counts["users"] == {"updated": 1}, run.log
    assert crm.stored(person)["Customer health"] == stellar
    assert [call for call in crm.writes() if "options" in call] == []


@pytest.mark.usefixtures("hasty")
def test_an_option_whose_answer_was_lost_is_looked_for(target, crm, sandbox):
    person = crm.person("ann@acme.example")
    sandbox.fault("/pipedrive/api/v2/personFields/*", "POST", action={"drop_after": True})
    run = target.run(target.stream("users", {**ANN, "health": "Stellar"}),
                     users={"fields": HEALTH}, **OPTIONS)  # fmt: skip
    assert run.counts["users"] == {"updated": 1}, run.log
    assert labels(crm, "Customer health").count("Stellar") == 1
    assert crm.stored(person)["Customer health"] == crm.option("Customer health", "Stellar")


def test_a_credential_that_may_add_no_options_loses_only_the_field(target, crm, sandbox):
    people = [crm.person(f"p{at}@acme.example") for at in range(2)]
    users = [{"user_id": f"u{at}", "email": f"p{at}@acme.example", "health": "Stellar",
              "churn_score": 1} for at in range(2)]  # fmt: skip
    denied = {"status": 403, "body": {"success": False, "error": "no"}}
    sandbox.fault("/pipedrive/api/v2/personFields/*", "POST", action=denied, times=None)
    fields = [*HEALTH, line("churn_score", "Churn score")]
    run = target.run(target.stream("users", *users), users={"fields": fields}, **OPTIONS)
    assert run.counts["users"] == {"updated": 2}, run.log
    assert "may add none: that takes an admin's token" in run.lines[0].text
    assert len([call for call in crm.writes() if "options" in call]) == 1, "asked once is enough"
    assert [crm.stored(one)["Churn score"] for one in people] == [1, 1]


def test_free_text_does_not_flood_a_field_with_options(target, crm, monkeypatch):
    monkeypatch.setattr("sync_core.pipedrive.creating.MOST_OPTIONS", 2)
    for at in range(3):
        crm.person(f"p{at}@acme.example")
    users = [{"user_id": f"u{at}", "email": f"p{at}@acme.example", "health": f"Secret {at}"}
             for at in range(3)]  # fmt: skip
    run = target.run(target.stream("users", *users), users={"fields": HEALTH}, **OPTIONS)
    assert run.counts["users"] == {"updated": 2, "rejected": 1}
    assert "has added 2 already: is this a field of choices?" in run.text("bad_value")
    assert "Secret" not in run.log
