from __future__ import annotations

import pytest


def catalogue(journy, kind="users"):
    rows = journy.get(f"/properties/{kind}").json()["data"]
    return {row["name"]: row for row in rows}


def test_null_deletes_a_property_and_an_empty_string_keeps_it(nobody):
    nobody.upsert_user({"phone": "1", "title": "CEO"}, userId="u-1")
    nobody.upsert_user({"phone": None, "title": ""}, userId="u-1")
    properties = nobody.user(userId="u-1")["properties"]
    assert "phone" not in properties
    assert properties["title"] == ""


def test_properties_that_a_write_does_not_name_stay(nobody):
    nobody.upsert_user({"phone": "1"}, userId="u-1")
    nobody.upsert_user({"title": "CEO"}, userId="u-1")
    properties = nobody.user(userId="u-1")["properties"]
    assert (properties["phone"], properties["title"]) == ("1", "CEO")


def test_an_array_is_replaced_as_a_whole(nobody):
    nobody.upsert_user({"interests": ["Billing", "Analytics"]}, userId="u-1")
    nobody.upsert_user({"interests": ["Analytics"]}, userId="u-1")
    assert nobody.user(userId="u-1")["properties"]["interests"] == ["Analytics"]


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ("2026-11-01", True, "Expected a date but found a boolean."),
        ("2026-11-01T09:00:00Z", "soon", "Expected a date but found a string."),
        ("text", 5, "Expected a string but found a number."),
        (5, "5", "Expected a number but found a string."),
        (5.5, True, "Expected a number but found a boolean."),
        (True, 1, "Expected a boolean but found a number."),
        (["a"], "a", "Expected an array but found a string."),
        ("text", ["a"], "Expected a string but found an array."),
    ],
)
def test_the_first_value_fixes_the_type_and_the_rest_of_a_write_is_taken(
    nobody, first, then, message
):
    nobody.upsert_user({"custom": first}, userId="u-1")
    answer = nobody.upsert_user({"custom": then, "title": "CEO"}, userId="u-1")
    assert answer["rejected"] == {"custom": message}
    properties = nobody.user(userId="u-1")["properties"]
    assert properties["custom"] == first
    assert properties["title"] == "CEO"


def test_the_type_holds_for_other_users_too_and_for_accounts_apart(nobody):
    nobody.upsert_user({"custom": 5}, userId="u-1")
    assert "custom" in nobody.upsert_user({"custom": "x"}, userId="u-2")["rejected"]
    assert "rejected" not in nobody.upsert_account({"custom": "x"}, accountId="a-1")


def test_the_catalogue_fixes_the_type_of_what_it_knows(nobody):
    answer = nobody.upsert_user({"registered_at": True, "logins_30d": "many"}, userId="u-1")
    assert answer["rejected"] == {
        "registered_at": "Expected a date but found a boolean.",
        "logins_30d": "Expected a number but found a string.",
    }


def test_a_string_property_takes_a_text_that_looks_like_a_date(nobody):
    assert "rejected" not in nobody.upsert_user({"title": "2026-11-01"}, userId="u-1")


def test_null_and_an_empty_string_fix_no_type(nobody):
    nobody.upsert_user({"custom": ""}, userId="u-1")
    nobody.upsert_user({"custom": None}, userId="u-1")
    assert "rejected" not in nobody.upsert_user({"custom": 5}, userId="u-1")


def test_an_empty_string_fits_every_type(nobody):
    nobody.upsert_user({"logins_30d": 5}, userId="u-1")
    assert "rejected" not in nobody.upsert_user({"logins_30d": ""}, userId="u-1")
    assert nobody.user(userId="u-1")["properties"]["logins_30d"] == ""


def test_types_can_be_left_open(nobody):
    nobody.switches.set("journy.property_types", "any")
    nobody.upsert_user({"custom": 5}, userId="u-1")
    assert "rejected" not in nobody.upsert_user({"custom": "five"}, userId="u-1")


def test_a_new_property_enters_the_catalogue_with_its_first_value(nobody):
    nobody.upsert_user({"deal_size": None}, userId="u-1")
    assert "deal_size" not in catalogue(nobody)
    nobody.upsert_user({"deal_size": 5}, userId="u-1")
    row = {"name": "deal_size", "label": "Deal size", "isComputed": False}
    assert catalogue(nobody)["deal_size"] == row
    assert "deal_size" not in catalogue(nobody, "accounts")


def test_an_unknown_property_can_be_rejected(nobody):
    nobody.switches.set("journy.unknown_properties", "reject")
    answer = nobody.upsert_user({"custom": 5, "title": "CEO"}, userId="u-1")
    assert answer["rejected"] == {"custom": "This property doesn't exist."}
    assert nobody.user(userId="u-1")["properties"]["title"] == "CEO"


def test_an_unknown_property_can_vanish_in_silence(nobody):
    nobody.switches.set("journy.unknown_properties", "drop")
    assert "rejected" not in nobody.upsert_user({"custom": 5}, userId="u-1")
    assert "custom" not in nobody.user(userId="u-1")["properties"]


@pytest.mark.parametrize(
    ("given", "kept"), [("hasDog", "hasdog"), (" Deal Size ", "deal_size"), ("a-b.c", "a_b_c")]
)
def test_a_name_is_turned_into_lower_snake_case(nobody, given, kept):
    nobody.upsert_user({given: 5}, userId="u-1")
    assert nobody.user(userId="u-1")["properties"][kept] == 5


def test_a_name_without_a_letter_or_digit_is_rejected(nobody):
    assert "!!" in nobody.upsert_user({"!!": 5}, userId="u-1")["rejected"]


def test_names_can_be_kept_as_they_are_or_held_to_the_rule(nobody):
    nobody.switches.set("journy.property_names", "as_is")
    nobody.upsert_user({"hasDog": True}, userId="u-1")
    assert nobody.user(userId="u-1")["properties"]["hasDog"] is True
    nobody.switches.set("journy.property_names", "reject")
    assert "hasCat" in nobody.upsert_user({"hasCat": True}, userId="u-1")["rejected"]


def test_a_computed_property_is_rejected_and_stays(nobody):
    nobody.upsert_user({"logins_30d": 30}, userId="u-1")
    answer = nobody.upsert_user({"health": "Bad", "email": "x@example.com"}, userId="u-1")
    text = "This property is computed and can't be written."
    assert answer["rejected"] == {"health": text, "email": text}
    assert nobody.user(userId="u-1")["properties"]["health"] == "Good"


def test_a_computed_property_can_be_ignored_in_silence(nobody):
    nobody.switches.set("journy.computed_writes", "ignore")
    assert "rejected" not in nobody.upsert_user({"health": "Bad"}, userId="u-1")
    assert nobody.user(userId="u-1")["properties"]["health"] == "Normal"


def test_the_catalogues_mark_what_is_computed_and_never_tell_a_type(journy):
    for kind in ("users", "accounts"):
        rows = catalogue(journy, kind)
        computed = {name for name, row in rows.items() if row["isComputed"]}
        assert {"health", "stage", "churn_score", "conversion_score", "segments"} <= computed
        assert all(set(row) <= {"name", "label", "isComputed", "group"} for row in rows.values())
    assert not catalogue(journy)["first_name"]["isComputed"]


def test_every_property_of_every_record_is_in_the_catalogue(journy):
    for kind in ("users", "accounts"):
        known = set(catalogue(journy, kind))
        for row in journy.everything(f"/{kind}", limit=500):
            assert set(row["properties"]) <= known
