"""This machine's clock is wrong, or is set meanwhile: nothing is doubled, lost or due too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sync_core import times
from sync_tests.actions import ANN, CALL, HOT

POST = ("/pipedrive/api/v2/persons", "POST")
HOURS = [pytest.param(26, id="ahead"), pytest.param(-26, id="behind")]


@pytest.fixture
def searched(priced):
    """Records are searched for, as in a large account."""
    priced(search=1)


@pytest.mark.usefixtures("searched")
@pytest.mark.parametrize("hours", HOURS)
def test_a_clock_that_is_set_after_a_lost_create_makes_no_second_person(
    target, crm, sandbox, set_clock, hours
):
    sandbox.switches.set("pipedrive.search_lag_seconds", 60.0)
    sandbox.fault(*POST, action={"drop_after": True})
    target.users(ANN, create=True)
    set_clock(hours)
    assert target.users(ANN, create=True).reasons == {"answer_lost": 1}
    assert len(crm.persons()) == 1


def test_a_clock_that_is_set_after_a_lost_activity_makes_no_second_one(
    target, crm, sandbox, set_clock
):
    crm.person("ann@acme.example")
    sandbox.switches.set("pipedrive.list_lag_seconds", 60.0)
    sandbox.fault("/pipedrive/api/v2/activities", "POST", action={"drop_after": True})
    eager = {"actions": [{**CALL, "fire_on_first_run": True}]}
    target.run(target.stream("users", HOT), **eager)
    set_clock(26)
    target.run(target.stream("users"), **eager)
    assert len(crm.activities()) == 1


@pytest.mark.parametrize("hours", HOURS)
def test_who_is_new_is_told_by_the_services_clock(target, crm, sandbox, set_clock, hours):
    for name in ("old", "new"):
        crm.person(f"{name}@acme.example")
    old, new = ({**HOT, "user_id": n, "email": f"{n}@acme.example"} for n in ("old", "new"))
    set_clock(hours)
    before, after = (times.later(sandbox_now(sandbox), timedelta(hours=n)) for n in (-1, 1))
    run = target.run(target.stream("users", {**old, "created_at": before}), actions=[CALL])
    assert "actions" not in run.counts
    run = target.run(target.stream("users", {**new, "created_at": after}), actions=[CALL])
    assert run.counts["actions"] == {"created": 1}


@pytest.mark.parametrize("hours", HOURS)
def test_an_activity_is_due_by_the_services_clock(target, crm, sandbox, set_clock, hours):
    crm.person("ann@acme.example")
    set_clock(hours)
    action = {**CALL, "fire_on_first_run": True}
    action["activity"] = {**CALL["activity"], "due_in_days": 1}
    target.run(target.stream("users", HOT), actions=[action])
    tomorrow = times.later(sandbox_now(sandbox), timedelta(days=1))
    assert [each["due_date"] for each in crm.activities()] == [tomorrow[:10]]


def sandbox_now(sandbox):
    return times.comparable(sandbox.clock.now())
