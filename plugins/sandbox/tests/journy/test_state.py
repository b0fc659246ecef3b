from __future__ import annotations

import json


def test_an_accepted_write_shows_only_after_the_delay(nobody):
    nobody.clock.freeze(True)
    nobody.switches.set("journy.accept_delay_seconds", 5)
    answer = nobody.upsert_user({"newsletter": "yes"}, userId="u-1")
    assert "newsletter" in answer["rejected"]
    nobody.clock.advance(4)
    assert nobody.everything("/users") == []
    nobody.clock.advance(1)
    assert nobody.user(userId="u-1")


def test_waiting_writes_are_applied_in_the_order_of_acceptance(nobody):
    nobody.clock.freeze(True)
    nobody.switches.set("journy.accept_delay_seconds", 5)
    nobody.upsert_user({"title": "first"}, userId="u-1")
    nobody.switches.set("journy.accept_delay_seconds", 0)
    nobody.upsert_user({"title": "second"}, userId="u-1")
    nobody.clock.advance(5)
    assert nobody.user(userId="u-1")["properties"]["title"] == "second"


def test_updated_at_is_the_moment_at_which_a_write_was_applied(nobody):
    nobody.clock.freeze(True)
    nobody.upsert_user(userId="u-0")
    nobody.switches.set("journy.accept_delay_seconds", 5)
    nobody.upsert_user(userId="u-1")
    nobody.clock.advance(60)
    earlier, later = (nobody.user(userId=name)["updatedAt"] for name in ("u-0", "u-1"))
    assert later > earlier


def disturb(journy):
    journy.upsert_user({"custom": 5}, userId="u-new", email="new@example.com")
    journy.add_members({"accountId": "a-new"}, {"userId": "u-new"})
    journy.post("/track", {"identification": {"user": {"userId": "u-new"}}, "name": "custom_event"})
    journy.post("/link", {"identification": {"userId": "u-new"}, "deviceId": "d-1"})
    body = {"account": {"accountId": "a-new"}, "users": [{"identification": {"userId": "u-new"}}]}
    journy.post("/accounts/users/remove", body)


def test_a_reset_goes_back_to_the_seeded_world(journy):
    before = journy.service.dump()
    disturb(journy)
    journy.service.keys["sandbox-key"].enabled = False
    assert journy.service.dump() != before
    journy.service.reset()
    assert journy.service.dump() == before
    assert journy.get("/validate").headers["X-RateLimit-Remaining"] == "1799"


def test_a_dump_survives_json_and_brings_everything_back_even_what_waits(journy):
    journy.clock.freeze(True)
    disturb(journy)
    journy.switches.set("journy.accept_delay_seconds", 5)
    journy.upsert_user({"title": "late"}, userId="u-new")
    saved = json.loads(json.dumps(journy.service.dump()))
    rows = journy.everything("/users"), journy.everything("/accounts")
    journy.service.reset()
    journy.service.restore(saved)
    assert journy.service.dump() == saved
    assert (journy.everything("/users"), journy.everything("/accounts")) == rows
    journy.clock.advance(5)
    assert journy.user(userId="u-new")["properties"]["title"] == "late"


def test_a_restored_world_gives_new_records_keys_of_their_own(journy):
    journy.service.restore(journy.service.dump())
    journy.upsert_user(userId="u-new")
    assert journy.service.counts()["users"] == 121


def test_counts_tell_users_accounts_memberships_and_events(journy):
    counts = journy.service.counts()
    assert (counts["users"], counts["accounts"]) == (120, 60)
    assert counts["memberships"] == sum(len(row["accounts"]) for row in journy.everything("/users"))
    assert counts["events"] > 0
