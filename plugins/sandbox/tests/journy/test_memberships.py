from __future__ import annotations

import pytest


def remove(journy, account, *users):
    members = [{"identification": user} for user in users]
    return journy.post("/accounts/users/remove", {"account": account, "users": members})


def test_members_show_on_both_sides(nobody):
    nobody.upsert_user(userId="u-1", email="jo@example.com")
    nobody.add_members(
        {"accountId": "a-1"}, {"email": "JO@example.com"}, {"email": "x@example.com"}
    )
    nobody.add_members({"domain": "acme.example"}, {"userId": "u-1"})
    assert nobody.account(accountId="a-1")["members"] == ["u-1", "x@example.com"]
    assert nobody.user(userId="u-1")["accounts"] == ["a-1", "acme.example"]


def test_removing_answers_204_without_a_body_and_keeps_the_user(nobody):
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"}, {"userId": "u-2"})
    answer = remove(nobody, {"accountId": "a-1"}, {"userId": "u-1"}, {"userId": "unknown"})
    assert answer.status_code == 204
    assert answer.content == b""
    assert "X-RateLimit-Remaining" in answer.headers
    assert nobody.account(accountId="a-1")["members"] == ["u-2"]
    assert nobody.user(userId="u-1")["accounts"] == []


def test_a_removed_member_is_remembered_until_it_comes_back(nobody):
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"})
    account = nobody.service.world.accounts.by_external["a-1"]
    remove(nobody, {"accountId": "a-1"}, {"userId": "u-1"})
    assert len(account.former) == 1
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"})
    assert len(account.former) == 0


def test_removing_creates_nobody(nobody):
    remove(nobody, {"accountId": "a-1"}, {"userId": "u-1"})
    assert nobody.service.counts()["users"] == nobody.service.counts()["accounts"] == 0


def test_unknown_members_can_be_ignored(nobody):
    nobody.switches.set("journy.link_unknown", "ignore")
    nobody.upsert_account(accountId="a-1")
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"})
    nobody.add_members({"accountId": "a-2"}, {"userId": "u-1"})
    assert nobody.account(accountId="a-1")["members"] == []
    assert nobody.service.counts()["users"] == 0


@pytest.mark.parametrize(
    ("path", "who", "other"),
    [("/users", {"userId": "u-1"}, "/accounts"), ("/accounts", {"accountId": "a-1"}, "/users")],
)
def test_deleting_is_accepted_and_cuts_the_links(nobody, path, who, other):
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"})
    answer = nobody.call("DELETE", path, {"identification": who})
    assert answer.status_code == 202
    assert answer.json()["message"]
    assert nobody.everything(path) == []
    (left,) = nobody.everything(other)
    assert left.get("members", left.get("accounts")) == []


def test_deleting_somebody_unknown_is_accepted_too(journy):
    before = journy.service.counts()
    answer = journy.call("DELETE", "/users", {"identification": {"userId": "unknown"}})
    assert answer.status_code == 202
    assert journy.service.counts() == before


def test_who_was_deleted_can_come_back_empty(nobody):
    nobody.upsert_user({"title": "CEO"}, userId="u-1")
    nobody.call("DELETE", "/users", {"identification": {"userId": "u-1"}})
    nobody.upsert_user(userId="u-1")
    assert "title" not in nobody.user(userId="u-1")["properties"]


def test_web_activity_is_linked_to_a_user(nobody):
    body = {"deviceId": "d-1", "identification": {"email": "jo@example.com"}}
    assert nobody.post("/link", body).status_code == 201
    user = nobody.service.world.users.by_contact["jo@example.com"]
    assert nobody.service.world.devices == {"d-1": user.key}
