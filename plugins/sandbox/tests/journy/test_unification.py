from __future__ import annotations

import pytest

KINDS = [
    pytest.param("users", "userId", "email", "Jo@Example.com", id="user"),
    pytest.param("accounts", "accountId", "domain", "Acme.Example", id="account"),
]


def upsert(journy, path, **who):
    answer = journy.post(f"/{path}/upsert", {"identification": who})
    assert answer.status_code == 201
    return answer


@pytest.mark.parametrize(("path", "external", "contact", "value"), KINDS)
def test_both_identifiers_fill_in_the_missing_one(nobody, path, external, contact, value):
    upsert(nobody, path, **{contact: value})
    upsert(nobody, path, **{external: "x-1", contact: value})
    upsert(nobody, path, **{external: "x-1"})
    (row,) = nobody.everything(f"/{path}")
    assert (row[external], row[contact]) == ("x-1", value.lower())


@pytest.mark.parametrize(("path", "external", "contact", "value"), KINDS)
def test_an_address_is_found_in_any_case_and_an_id_only_in_its_own(
    nobody, path, external, contact, value
):
    upsert(nobody, path, **{contact: value})
    upsert(nobody, path, **{contact: value.upper()})
    upsert(nobody, path, **{external: "x-1"})
    upsert(nobody, path, **{external: "X-1"})
    rows = nobody.everything(f"/{path}")
    assert sorted(row[external] or "" for row in rows) == ["", "X-1", "x-1"]


@pytest.fixture
def two(nobody):
    nobody.upsert_user({"title": "first", "role": "owner"}, userId="u-1", email="a@example.com")
    nobody.upsert_user({"title": "second", "phone": "2"}, userId="u-2", email="b@example.com")
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-2"})
    return nobody


def titles(journy):
    return {row["userId"]: row["properties"].get("title") for row in journy.everything("/users")}


def test_in_a_conflict_the_owner_of_the_id_gets_the_write(two):
    two.upsert_user({"title": "new"}, userId="u-1", email="b@example.com")
    assert titles(two) == {"u-1": "new", "u-2": "second"}
    assert two.user(userId="u-2")["email"] == "b@example.com"


def test_in_a_conflict_the_owner_of_the_address_may_get_the_write(two):
    two.switches.set("journy.identity_conflict", "contact_wins")
    two.upsert_user({"title": "new"}, userId="u-1", email="b@example.com")
    assert titles(two) == {"u-1": "first", "u-2": "new"}


def test_a_conflict_may_be_refused(two):
    two.switches.set("journy.identity_conflict", "refuse")
    who = {"identification": {"userId": "u-1", "email": "b@example.com"}}
    answer = two.post("/users/upsert", who)
    assert answer.status_code == 400
    assert "two different users" in answer.json()["errors"]["fields"]["identification"]
    assert two.call("DELETE", "/users", who).status_code == 400
    assert titles(two) == {"u-1": "first", "u-2": "second"}


def test_a_conflict_may_merge_both_into_one(two):
    two.switches.set("journy.identity_conflict", "merge")
    two.upsert_user(userId="u-1", email="b@example.com")
    (row,) = two.everything("/users")
    assert (row["userId"], row["email"], row["accounts"]) == ("u-1", "b@example.com", ["a-1"])
    properties = row["properties"]
    assert (properties["title"], properties["phone"]) == ("first", "2")
    assert two.account(accountId="a-1")["members"] == ["u-1"]


@pytest.mark.parametrize(
    ("switch", "user_id", "email"),
    [
        ("keep_id", "u-1", "new@example.com"),
        ("replace_all", "u-1", "new@example.com"),
        ("keep_all", "u-1", "a@example.com"),
    ],
)
def test_a_new_address_for_a_known_id_follows_the_switch(two, switch, user_id, email):
    two.switches.set("journy.identifier_change", switch)
    two.upsert_user(userId="u-1", email="new@example.com")
    assert two.user(userId=user_id)["email"] == email


@pytest.mark.parametrize(
    ("switch", "user_id"), [("keep_id", "u-1"), ("replace_all", "u-9"), ("keep_all", "u-1")]
)
def test_a_new_id_for_a_known_address_follows_the_switch(two, switch, user_id):
    two.switches.set("journy.identifier_change", switch)
    two.upsert_user({"title": "new"}, userId="u-9", email="a@example.com")
    row = two.user(email="a@example.com")
    assert (row["userId"], row["properties"]["title"]) == (user_id, "new")


def test_an_address_that_was_left_can_be_taken_by_another(two):
    two.upsert_user(userId="u-1", email="new@example.com")
    two.upsert_user(userId="u-3", email="a@example.com")
    assert two.user(userId="u-3")["email"] == "a@example.com"
