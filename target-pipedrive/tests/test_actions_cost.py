"""Looking for activities and deals: read together where that is cheaper, never guessed."""

from __future__ import annotations

import pytest
from sync_core.pipedrive import PipedriveClient

COUNT = 30


def action(**more):
    activity = {"type": "call", "subject": "Call {first_name}", **more}
    return {
        "name": "call",
        "when": {"entity": "user", "property": "logins_30d", "crosses_above": 10},
        "activity": activity,
        "fire_on_first_run": True,
    }


@pytest.fixture
def act(target, crm):
    """A run of one action over users who all have signals; the lists of linked rows it read."""

    def run(path, count=COUNT, **more):
        users = [
            {"user_id": f"u{at}", "email": f"ann{at}@acme.example", "first_name": "Ann"}
            for at in range(count)
        ]
        hot = [{**user, "logins_30d": 99} for user in users]
        crm.calls()
        done = target.run(target.stream("users", *hot), actions=[action(**more)])
        listed = [each for each in crm.calls("GET") if f"/{path}?" in each]
        done.pages = len(listed)
        return done

    return run


@pytest.fixture
def crowd(crm):
    return [crm.person(f"ann{at}@acme.example") for at in range(COUNT)]


def test_activities_of_many_records_are_looked_for_in_one_list(act, crm, target, crowd):
    assert act("activities").counts["actions"] == {"created": COUNT}
    target.forget()
    run = act("activities")
    assert run.counts["actions"] == {"unchanged": COUNT}
    assert run.pages == 1
    assert len(crm.activities()) == COUNT


def test_those_of_one_record_are_looked_for_alone(act, crm, target, crowd):
    act("activities", count=1)
    target.forget()
    run = act("activities", count=1)
    assert run.counts["actions"] == {"unchanged": 1}
    assert run.pages == 1


def test_a_list_that_is_too_long_is_left_and_each_record_is_looked_at(
    act, crm, target, crowd, monkeypatch
):
    act("activities", count=3)
    for at in range(20):
        crm.activity(subject=f"Other {at}", type="call")
    target.forget()
    # As if each page held few rows of very many.
    whole = PipedriveClient.pages

    def short(self, path, params=None, **options):
        return whole(self, path, params, **{**options, "limit": min(options.get("limit", 500), 5)})

    monkeypatch.setattr(PipedriveClient, "pages", short)
    run = act("activities", count=3)
    assert run.counts["actions"] == {"unchanged": 3}
    assert run.pages == 3 + 3
    assert len(crm.activities()) == 3 + 20


def test_open_deals_of_many_records_are_read_together(act, crm, crowd):
    deals = [crm.deal(f"Deal {at}", person_id=person) for at, person in enumerate(crowd[:-2])]
    crm.deal("Won", person_id=crowd[-1], status="won")
    crm.deal("Second", person_id=crowd[0])
    run = act("deals", open_deal=True)
    assert run.pages == 1
    linked = {each["person_id"]: each["deal_id"] for each in crm.activities()}
    assert linked[crowd[0]] is None
    assert linked[crowd[1]] == deals[1]
    assert linked[crowd[-1]] is None


@pytest.mark.usefixtures("hasty", "crowd")
def test_a_list_that_fails_is_never_taken_for_empty(act, crm, target, sandbox):
    act("activities")
    target.forget()
    sandbox.fault("/pipedrive/api/v2/activities", "GET", times=None,
                  action={"status": 200, "body": {"success": True}})  # fmt: skip
    act("activities")
    assert len(crm.activities()) == COUNT
