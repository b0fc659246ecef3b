"""Ids and match keys that no service can hold are refused with their field's name, alone."""

from __future__ import annotations

import pytest

ANN = {"user_id": "u1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee"}
BOB = {**ANN, "user_id": "u2", "email": "bob@acme.example", "first_name": "Bob"}

IMPOSSIBLE = {
    "NUL in the address": ({"email": "ann\x00@acme.example"}, "email"),
    "a line break in the address": ({"email": "ann\n@acme.example"}, "email"),
    "an address beyond any length": ({"email": "a" * 300 + "@acme.example"}, "email"),
    "NUL in the id": ({"user_id": "u\x001"}, "user_id"),
    "an id beyond any length": ({"user_id": "u" * 5_000}, "user_id"),
    "an id of too many digits": ({"user_id": 10**4_000}, "user_id"),
}


@pytest.mark.parametrize(("change", "field"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_impossible_id_or_key_is_refused_with_its_field_and_the_others_go_on(
    target, crm, change, field
):
    run = target.users(ANN, {**ANN, "user_id": "u3", **change}, BOB, create=True)
    assert run.exit_code == 0, run.log
    assert run.counts["users"] == {"created": 2, "rejected": 1}
    assert run.text("malformed").startswith(f"{field}: ")
    assert "acme.example" not in run.text("malformed")
    assert len(crm.persons()) == 2
    again = target.users(ANN, {**ANN, "user_id": "u3", **change}, BOB, create=True)
    assert again.counts["users"] == {"unchanged": 2, "rejected": 1}


@pytest.mark.parametrize(
    "email", ["  ann@acme.example\n", "ÄNN@acme.example", "a" * 242 + "@b.example"]
)
def test_an_unusual_address_counts(target, crm, email):
    assert target.users({**ANN, "email": email}, create=True).counts["users"] == {"created": 1}
    assert target.users({**ANN, "email": email}).counts["users"] == {"unchanged": 1}


@pytest.mark.parametrize("account", ["a\x001", "a" * 300, 10**4_000], ids=["NUL", "long", "digits"])
def test_an_impossible_account_is_no_account(target, crm, account):
    crm.organization("Acme", custom={"Account ID": "a1"})
    target.accounts({"account_id": "a1", "name": "Acme"})
    run = target.users({**ANN, "accounts": [account, "a1"]}, create=True)
    assert run.counts["users"] == {"created": 1}, run.log
    (person,) = crm.persons()
    assert crm.stored(person)["org_id"] == 1


NFC, NFD = "zo\u00eb@acme.example", "zoe\u0308@acme.example"


@pytest.mark.parametrize(("stored", "told"), [(NFC, NFD), (NFD, NFC)], ids=["composed", "not"])
@pytest.mark.parametrize("others", [0, 5], ids=["searched", "listed"])
def test_an_accent_is_one_letter_however_it_is_encoded(target, crm, stored, told, others):
    person = crm.person(stored)
    users = [{"user_id": f"x{at}", "email": f"x{at}@acme.example"} for at in range(others)]
    run = target.users({**ANN, "email": told, "health": "Good"}, *users, create=True,
                       fields=[{"from": "health", "to": "Customer health"}])  # fmt: skip
    assert run.counts["users"]["updated"] == 1
    assert crm.stored(person)["Customer health"]
    assert [each["value"] for each in crm.stored(person)["emails"]] == [stored]


def test_a_value_with_a_control_character_is_refused_alone(target, crm):
    person = crm.person("ann@acme.example")
    fields = [
        {"from": "lifecycle", "to": "Lifecycle stage"},
        {"from": "health", "to": "First name"},
    ]
    run = target.users({**ANN, "lifecycle": "a\0b", "health": "Anna"}, fields=fields)
    assert run.reasons == {"some_fields_rejected": 1}
    assert "Lifecycle stage: expected text without control characters" in run.lines[0].text
    assert crm.stored(person)["first_name"] == "Anna"


def test_an_id_that_is_written_with_a_decimal_point_is_the_same_number(target, crm):
    about = {"entity": "person", "match": "mail", "id": "number", "create": True,
             "fields": [{"from": "first", "to": "First name"}]}  # fmt: skip
    columns = {
        "number": {"type": "number"},
        "mail": {"type": "string"},
        "first": {"type": "string"},
    }
    for number, mail in ((12.0, "ann@acme.example"), (12, "ann@new.example")):
        row = {"number": number, "mail": mail, "first": "Ann"}
        run = target.run(target.table("customers", columns, row), streams={"customers": about})
        assert sum(run.counts["customers"].get(each, 0) for each in ("created", "updated")) == 1
    assert len(crm.persons()) == 1
