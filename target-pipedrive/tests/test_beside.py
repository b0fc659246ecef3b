"""Custom fields that nobody mapped keep their values, whatever Pipedrive makes of a PATCH."""

from __future__ import annotations

from collections import Counter

import pytest

LABEL = "Churn score"
LINES = [{"from": "churn_score", "to": LABEL}]


@pytest.fixture(params=["merge", "replace"])
def rule(request, sandbox):
    """What becomes of the custom fields that a PATCH doesn't name."""
    sandbox.reset(persons=60)
    sandbox.apply(switches={"pipedrive.patch_custom_fields": request.param})
    return request.param


@pytest.fixture
def people(crm, rule):
    """Users of the persons that have an address of their own, with no score so far."""
    rows = [row for each in crm.persons() if (row := crm.stored(each))["emails"]]
    names = Counter(row["emails"][0]["value"].casefold() for row in rows)
    return [
        {"user_id": f"u{row['id']}", "email": row["emails"][0]["value"], "number": row["id"]}
        for row in rows
        if names[row["emails"][0]["value"].casefold()] == 1 and len(row["emails"]) == 1
    ]


def held(crm, people):
    """What each person's custom fields hold, without the one that is mapped."""
    rows = [crm.stored(each["number"])["custom_fields"] for each in people]
    return [{key: row[key] for key in row if key != crm.key(LABEL)} for row in rows]


def scored(people, score):
    return [{"user_id": u["user_id"], "email": u["email"], "churn_score": score} for u in people]


@pytest.mark.parametrize("dry_run", [False, True])
def test_they_stay_in_every_change(target, crm, people, dry_run):
    before = held(crm, people)
    assert sum(map(bool, before)) > 10
    for score in (0.125, 0.25):
        run = target.run(
            target.stream("users", *scored(people, score)), users={"fields": LINES}, dry_run=dry_run
        )
        assert run.counts["users"] == {"updated": len(people)}
        assert held(crm, people) == before
    scores = {crm.stored(each["number"]).get(LABEL) for each in people}
    assert dry_run or scores == {0.25}


def test_that_they_stay_is_seen_once_and_where_they_do_not_each_is_read(target, crm, people, rule):
    full = [user for user, other in zip(people, held(crm, people), strict=True) if other]
    for _ in range(2):  # until each is known, and needn't be read to be compared
        target.users(*scored(full, None), fields=LINES)
    crm.calls()
    run = target.users(*scored(full, 0.5), fields=LINES)
    calls = Counter(line.split()[0] for line in crm.calls() if "/persons/" in line)
    lost = rule == "replace"
    assert ("cleared the custom fields" in run.log) == lost
    assert calls == {"PATCH": len(full) + lost, "GET": len(full) if lost else 1}


def test_once_they_are_known_to_stay_no_record_of_a_later_batch_is_read(target, crm, sandbox):
    sandbox.apply(switches={"pipedrive.patch_custom_fields": "merge"})
    names = ("ann", "bob")
    persons = [
        crm.person(f"{name}@acme.example", custom={"Lifecycle stage": "Trial"}) for name in names
    ]
    users = [{"user_id": name, "email": f"{name}@acme.example"} for name in names]
    target.users(*users, fields=LINES)
    crm.calls()
    scores = target.stream("users", *({**user, "churn_score": 0.5} for user in users))
    target.run(scores, users={"fields": LINES}, batch_size_rows=1)
    calls = Counter(crm.calls())
    reads = [calls[f"GET /api/v2/persons/{each}"] for each in persons]
    assert reads == [2, 1], "each to be compared, and the first for what is beside"


@pytest.mark.parametrize("custom", [None, {LABEL: 0.25}], ids=["nothing", "what is written"])
def test_a_record_that_holds_nothing_else_is_read_and_tells_nothing(target, crm, sandbox, custom):
    sandbox.apply(switches={"pipedrive.patch_custom_fields": "replace"})
    ann = crm.person("ann@acme.example", custom=custom)
    bob = crm.person("bob@acme.example", custom={"Lifecycle stage": "Trial"})
    users = target.stream(
        "users",
        {"user_id": "u1", "email": "ann@acme.example", "churn_score": 0.5},
        {"user_id": "u2", "email": "bob@acme.example", "churn_score": 0.5},
    )
    target.run(users, users={"fields": LINES}, batch_size_rows=1)
    assert crm.stored(ann)[LABEL] == crm.stored(bob)[LABEL] == 0.5
    assert crm.stored(bob)["Lifecycle stage"] == "Trial"


def test_an_answer_that_tells_no_custom_fields_is_no_sign_of_their_loss(target, crm, sandbox):
    ann = crm.person("ann@acme.example", custom={"Lifecycle stage": "Trial"})
    body = {"success": True, "data": {"id": ann, "update_time": "2026-01-01T00:00:00Z"}}
    sandbox.fault(f"/pipedrive/api/v2/persons/{ann}", "PATCH", action={"status": 200, "body": body})
    user = {"user_id": "u1", "email": "ann@acme.example", "churn_score": 0.5}
    assert "cleared the custom fields" not in target.users(user, fields=LINES).log
    assert len(crm.writes()) == 1


def test_a_record_that_is_gone_meanwhile_keeps_no_other_back(target, crm, sandbox):
    names = ("ann", "bob", "cas")
    persons = [crm.person(f"{name}@acme.example") for name in names]
    users = [{"user_id": name, "email": f"{name}@acme.example"} for name in names]
    for _ in range(2):  # until each is known, and needn't be read to be compared
        target.users(*users, fields=LINES)
    for method in ("GET", "PATCH"):
        path = f"/pipedrive/api/v2/persons/{persons[0]}"
        sandbox.fault(path, method, times=None, action={"status": 404, "body": {}})
    run = target.users(*({**user, "churn_score": 0.5} for user in users), fields=LINES)
    assert run.counts["users"]["updated"] == 2
    assert [crm.stored(each).get(LABEL) for each in persons] == [None, 0.5, 0.5]
