from __future__ import annotations

import base64
import re

import pytest

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def ids(rows):
    return [row["userId"] for row in rows]


def test_a_user_shows_its_identifiers_times_properties_segments_and_accounts(journy):
    for row in journy.everything("/users"):
        assert list(row) == [
            *("userId", "email", "createdAt", "updatedAt"),
            *("properties", "segments", "accounts"),
        ]
        assert MOMENT.fullmatch(row["createdAt"])
        assert MOMENT.fullmatch(row["updatedAt"])
        assert row["createdAt"] <= row["updatedAt"]


def test_an_account_shows_its_identifiers_times_properties_segments_and_members(journy):
    users = {row["userId"]: row for row in journy.everything("/users")}
    for row in journy.everything("/accounts"):
        assert {"accountId", "domain", "createdAt", "updatedAt", "members"} <= set(row)
        for member in row["members"]:
            assert (row["accountId"] or row["domain"]) in users[member]["accounts"]


def test_the_answer_says_that_the_list_is_an_assumption(journy):
    assert journy.get("/users").headers["X-Sandbox-Assumption"] == "listing"
    assert "X-Sandbox-Assumption" not in journy.get("/properties/users").headers


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_the_pages_hold_everybody_once_in_the_order_of_change(journy, limit):
    rows = journy.everything("/users", limit=limit)
    assert len(set(ids(rows))) == len(rows) == 120
    assert rows == sorted(rows, key=lambda row: row["updatedAt"])


def test_a_page_holds_a_hundred_unless_told_otherwise(journy):
    first = journy.get("/users").json()
    assert len(first["data"]) == 100
    assert first["paging"]["next"]
    assert journy.get("/users", limit=120).json()["paging"] == {"next": None}


def test_updated_since_is_inclusive_and_may_have_any_zone(journy):
    rows = journy.everything("/users")
    moment = rows[40]["updatedAt"]
    later = journy.everything("/users", updated_since=moment)
    assert ids(later) == ids(rows[40:])
    shifted = moment.replace("Z", "+00:00")
    assert ids(journy.everything("/users", updated_since=shifted)) == ids(later)
    assert journy.everything("/users", updated_since="2999-01-01T00:00:00Z") == []


def test_what_changes_while_pages_are_read_comes_again_at_the_end(journy):
    first = journy.get("/users", limit=60).json()
    changed = first["data"][0]["userId"]
    journy.upsert_user({"title": "Somebody new"}, userId=changed)
    rest = journy.everything("/users", limit=60, cursor=first["paging"]["next"])
    assert ids(rest)[-1] == changed
    assert set(ids(first["data"]) + ids(rest)) == set(ids(journy.everything("/users")))


def test_who_is_deleted_while_pages_are_read_is_left_out(journy):
    rows = journy.everything("/users")
    first = journy.get("/users", limit=60).json()
    journy.call("DELETE", "/users", {"identification": {"userId": rows[60]["userId"]}})
    rest = journy.everything("/users", limit=60, cursor=first["paging"]["next"])
    assert ids(rest) == ids(rows[61:])


def test_many_changes_within_one_moment_keep_everybody_once(journy):
    journy.clock.freeze(True)
    for number in range(20):
        journy.upsert_user({"title": f"{number}"}, userId=f"u-new-{number % 5}")
    rows = journy.everything("/users", limit=3)
    assert len(set(ids(rows))) == len(rows) == 125
    assert ids(rows)[-5:] == [f"u-new-{number}" for number in range(5)]


def test_the_order_survives_a_clock_that_goes_back(nobody):
    nobody.clock.freeze(True)
    nobody.upsert_user(userId="u-1")
    nobody.clock.advance(-3600)
    nobody.upsert_user(userId="u-2")
    nobody.upsert_user({"title": "x"}, userId="u-1")
    nobody.clock.advance(3600)
    nobody.upsert_user({"title": "y"}, userId="u-1")
    assert ids(nobody.everything("/users", limit=1)) == ["u-2", "u-1"]


def test_thousands_of_changes_leave_no_traces_in_the_order(nobody):
    world = nobody.service.world
    nobody.clock.freeze(True)
    write = {"do": "upsert", "kind": "user", "identification": {"userId": "u-1"}}
    for number in range(3000):
        nobody.clock.advance(0.001)
        world.submit(write | {"properties": {"title": f"{number}"}})
    assert ids(nobody.everything("/users")) == ["u-1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "501", "-1", "ten", "1.5", "²", "")),
        *(("updated_since", value) for value in ("2026-11-01", "2026-11-01T09:00:00", "1", "")),
        ("updated_since", "2026-13-01T09:00:00Z"),
        *(("cursor", value) for value in ("", "nonsense", "€", "bnVsbA")),
        ("since", "2026-11-01T09:00:00Z"),
    ],
)
def test_a_wrong_parameter_is_400_and_is_named(journy, name, value):
    answer = journy.get("/users", **{name: value})
    assert answer.status_code == 400
    assert name in answer.json()["errors"]["parameters"]["query"]


def test_a_parameter_given_twice_is_400(journy):
    answer = journy.get("/users?limit=1&limit=2")
    assert answer.status_code == 400
    assert "limit" in answer.json()["errors"]["parameters"]["query"]


def test_a_cursor_is_bound_to_its_query(journy):
    query = {"limit": 10, "updated_since": "2020-01-01T00:00:00Z"}
    first = journy.get("/users", **query).json()
    cursor = first["paging"]["next"]
    alone = journy.get("/users", cursor=cursor)
    repeated = journy.get("/users", **query, cursor=cursor)
    assert alone.json()["data"] == repeated.json()["data"]
    for other in ({"limit": 11}, {"updated_since": "2021-01-01T00:00:00Z"}):
        answer = journy.get("/users", cursor=cursor, **other)
        assert answer.status_code == 400
        assert "cursor" in answer.json()["errors"]["parameters"]["query"]
    assert journy.get("/accounts", cursor=cursor).status_code == 400


def test_a_cursor_that_was_tampered_with_is_400(journy):
    cursor = base64.urlsafe_b64encode(b'["user","many",0,0,0]').decode()
    assert journy.get("/users", cursor=cursor).status_code == 400


def test_an_upsert_that_changes_nothing_leaves_updated_at(nobody):
    nobody.clock.freeze(True)
    facts = {"title": "CEO", "logins_30d": 3, "interests": ["Billing"], "newsletter": True}
    nobody.upsert_user(facts, userId="u-1", email="jo@example.com")
    before = nobody.user(userId="u-1")
    nobody.clock.advance(60)
    same = facts | {"logins_30d": 3.0, "phone": None}
    nobody.upsert_user(same, userId="u-1", email="JO@example.com")
    nobody.upsert_user(userId="u-1")
    assert nobody.user(userId="u-1")["updatedAt"] == before["updatedAt"]


@pytest.mark.parametrize(
    "change", [{"title": "CTO"}, {"title": None}, {"title": ""}, {"interests": []}], ids=str
)
def test_a_changed_property_moves_updated_at_and_never_created_at(nobody, change):
    nobody.clock.freeze(True)
    nobody.upsert_user({"title": "CEO", "interests": ["Billing"]}, userId="u-1")
    before = nobody.user(userId="u-1")
    nobody.clock.advance(60)
    nobody.upsert_user(change, userId="u-1")
    after = nobody.user(userId="u-1")
    assert after["updatedAt"] > before["updatedAt"]
    assert after["createdAt"] == before["createdAt"]


def test_a_membership_moves_updated_at_on_both_sides_and_only_once(nobody):
    nobody.clock.freeze(True)
    nobody.upsert_user(userId="u-1")
    nobody.upsert_account(accountId="a-1")

    def moments():
        return nobody.user(userId="u-1")["updatedAt"], nobody.account(accountId="a-1")["updatedAt"]

    before = moments()
    nobody.clock.advance(60)
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"})
    after = moments()
    assert all(new > old for new, old in zip(after, before, strict=True))
    nobody.clock.advance(60)
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"})
    assert moments() == after
