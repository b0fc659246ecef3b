from __future__ import annotations

import pytest


def seen(journy, **properties):
    journy.upsert_user(properties, userId="u-1")
    return journy.user(userId="u-1")


def seen_account(journy, **properties):
    journy.upsert_account(properties, accountId="a-1")
    return journy.account(accountId="a-1")


def test_the_identifier_and_the_full_name_are_mirrored(nobody):
    nobody.upsert_user({"first_name": "Zoë", "last_name": "Nuñez"}, email="Zoe@Example.com")
    properties = nobody.user(email="zoe@example.com")["properties"]
    assert properties["full_name"] == "Zoë Nuñez"
    assert properties["email"] == "zoe@example.com"


@pytest.mark.parametrize(
    ("names", "full_name"),
    [
        ({"first_name": "Zoë", "last_name": ""}, "Zoë"),
        ({"last_name": "Nuñez"}, "Nuñez"),
        ({"first_name": "", "last_name": ""}, None),
        ({}, None),
    ],
)
def test_a_full_name_is_made_of_what_is_there(nobody, names, full_name):
    assert seen(nobody, **names)["properties"].get("full_name") == full_name


@pytest.mark.parametrize(
    ("logins", "health", "segments"),
    [(0, "Bad", ["At risk"]), (5, "Normal", []), (12, "Good", []), (30, "Good", ["Power users"])],
)
def test_usage_decides_health_and_segments(nobody, logins, health, segments):
    row = seen(nobody, logins_30d=logins, lifecycle="active")
    assert row["properties"]["health"] == health
    assert row["segments"] == row["properties"]["segments"] == segments


@pytest.mark.parametrize(
    ("lifecycle", "logins", "stage"),
    [
        ("churned", 9, "Churned"),
        ("trial", 9, "Trial"),
        ("active", 9, "Active"),
        ("active", 0, "Dormant"),
        ("lead", 9, "Lead"),
    ],
)
def test_the_lifecycle_decides_the_stage(nobody, lifecycle, logins, stage):
    row = seen(nobody, logins_30d=logins, lifecycle=lifecycle)
    assert row["properties"]["stage"] == stage


def test_a_written_property_moves_a_user_into_a_segment_and_out_again(nobody):
    assert seen(nobody, logins_30d=8)["segments"] == []
    assert seen(nobody, lead_status="Qualified")["segments"] == ["Product qualified leads"]
    assert seen(nobody, lead_status=None)["segments"] == []
    assert seen(nobody, lead_status="Product qualified")["segments"] == ["Product qualified leads"]


def test_newsletter_readers_are_a_segment(nobody):
    assert seen(nobody, logins_30d=12, newsletter=True)["segments"] == ["Newsletter readers"]
    assert seen(nobody, newsletter=False)["segments"] == []


def test_scores_stay_between_0_and_100(journy):
    for kind in ("users", "accounts"):
        for row in journy.everything(f"/{kind}", limit=500):
            scores = (row["properties"]["churn_score"], row["properties"]["conversion_score"])
            assert all(0 <= score <= 100 for score in scores)


def test_the_plan_moves_an_account_between_segments(nobody):
    row = seen_account(nobody, plan="Growth", seats=12, employees=150)
    assert row["segments"] == ["Expansion ready"]
    assert seen_account(nobody, plan="Enterprise")["segments"] == ["Enterprise"]
    row = seen_account(nobody, plan="Free", seats=1)
    assert row["segments"] == ["At risk accounts"]
    assert (row["properties"]["health"], row["properties"]["stage"]) == ("Bad", "Free")


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ({"status": "Churned", "plan": "Growth"}, "Churned"),
        ({"trial": True, "plan": "Growth"}, "Trial"),
        ({"plan": "Growth"}, "Customer"),
        ({}, "Prospect"),
    ],
)
def test_an_account_has_a_stage(nobody, facts, stage):
    assert seen_account(nobody, **facts)["properties"]["stage"] == stage


def test_both_sides_count_their_links(nobody):
    nobody.add_members({"accountId": "a-1"}, {"userId": "u-1"}, {"userId": "u-2"})
    assert nobody.account(accountId="a-1")["properties"]["user_count"] == 2
    assert nobody.user(userId="u-1")["properties"]["account_count"] == 1


def test_an_event_widens_the_span_of_activity_and_names_itself(nobody):
    subject = {"user": {"userId": "u-1"}, "account": {"accountId": "a-1"}}
    body = {"identification": subject, "name": "demo_seen", "metadata": {"plan": "Growth"}}
    for day in ("05", "02", "09"):
        nobody.post("/track", body | {"triggeredAt": f"2026-10-{day}T08:00:00Z"})
    for row in (nobody.user(userId="u-1"), nobody.account(accountId="a-1")):
        assert row["properties"]["first_activity_at"] == "2026-10-02T08:00:00.000Z"
        assert row["properties"]["last_activity_at"] == "2026-10-09T08:00:00.000Z"
        assert "plan" not in row["properties"]
    names = [row["name"] for row in nobody.get("/events").json()["data"]]
    assert names.count("demo_seen") == 1


def test_an_event_without_a_moment_happens_now(nobody):
    nobody.clock.freeze(True)
    nobody.post("/events", {"identification": {"user": {"userId": "u-1"}}, "name": "login"})
    row = nobody.user(userId="u-1")
    assert row["properties"]["last_activity_at"] == row["updatedAt"]


@pytest.mark.parametrize("kind", ["users", "accounts"])
def test_every_segment_of_a_record_is_defined_and_every_segment_has_records(journy, kind):
    defined = journy.get(f"/segments/{kind}").json()["data"]
    assert all(set(row) == {"id", "name"} for row in defined)
    rows = journy.everything(f"/{kind}", limit=500)
    assert {name for row in rows for name in row["segments"]} == {row["name"] for row in defined}
