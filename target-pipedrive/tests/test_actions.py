"""Actions: a signal creates one activity, for the right person, made of the right things."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from sync_tests.actions import ANN, CALL, COLD, HOT, PQL

TRIAL = "Trial"
ACME = {"account_id": "a1", "name": "Acme"}
ARCHIVE = {"field": "Lifecycle stage", "value": "Gone"}


@pytest.fixture
def act(target):
    """A run over users with one action, which is `CALL` apart from what is given."""

    def run(*users, activity=None, **action):
        made_of = {**CALL["activity"], **(activity or {})}
        actions = [{**CALL, **action, "activity": made_of}]
        return target.run(target.stream("users", *users), actions=actions)

    return run


@pytest.fixture
def signal(act):
    """The one activity that a person gets, made of what is given."""

    def made(crm, user=HOT, **activity):
        act({**user, "segments": []}, activity=activity)
        run = act(user, activity=activity)
        assert run.counts["actions"] == {"created": 1}, run.log
        (row,) = crm.activities()
        return row

    return made


def test_who_enters_the_segment_gets_one_activity(act, crm):
    person = crm.person("ann@acme.example")
    assert "actions" not in act(COLD).counts
    run = act(HOT)
    assert run.counts["actions"] == {"created": 1}
    (activity,) = crm.activities()
    assert (activity["subject"], activity["type"], activity["person_id"]) == (
        "Call Ann",
        "call",
        person,
    )
    (line,) = [each for each in run.lines if each.entity == "actions"]
    assert (line.reason, line.key, line.pipedrive_id, line.journy_id, line.text) == (
        "created",
        "ann@acme.example",
        str(person),
        "u1",
        f"call: activity {activity['id']} created",
    )


EDGES = {
    "segment_entered": ({"segment_entered": "trial"}, {"segments": []}, {"segments": [TRIAL]}),
    "segment_left": ({"segment_left": TRIAL}, {"segments": [TRIAL]}, {"segments": [PQL]}),
    "becomes": ({"property": "health", "becomes": "Bad"}, {"health": "Good"}, {"health": "bad "}),
    "stops_being": (
        {"property": "health", "stops_being": "Good"},
        {"health": "Good"},
        {"health": None},
    ),
    "crosses_above": (
        {"property": "churn_score", "crosses_above": 80},
        {"churn_score": 80},
        {"churn_score": 80.5},
    ),
    "crosses_below": (
        {"property": "logins_30d", "crosses_below": 3},
        {"logins_30d": 3},
        {"logins_30d": 0},
    ),
    "changes": ({"property": "lifecycle", "changes": True}, {"lifecycle": "a"}, {"lifecycle": "b"}),
    "set_first_time": (
        {"property": "last_seen_at", "set_first_time": True},
        {"last_seen_at": None},
        {"last_seen_at": "2026-01-01T00:00:00Z"},
    ),
    "all": (
        {"all": [{"segment_entered": PQL}, {"property": "health", "becomes": "Good"}]},
        {"segments": [PQL], "health": "Bad"},
        {"segments": [PQL], "health": "Good"},
    ),
    "any": (
        {"any": [{"segment_entered": PQL}, {"property": "health", "becomes": "Good"}]},
        {"segments": [], "health": "Bad"},
        {"segments": [], "health": "Good"},
    ),
}


@pytest.mark.parametrize(("condition", "before", "after"), EDGES.values(), ids=EDGES)
def test_each_condition_fires_on_its_edge_and_once(act, crm, condition, before, after):
    crm.person("ann@acme.example")
    when = {"entity": "user", **condition}
    for user in ({**ANN, **before}, {**ANN, **before}):
        assert "actions" not in act(user, when=when).counts
    assert act({**ANN, **after}, when=when).counts["actions"] == {"created": 1}
    assert "actions" not in act({**ANN, **after}, when=when).counts
    assert len(crm.activities()) == 1


def test_a_signal_that_occurs_again_fires_again(act, crm):
    crm.person("ann@acme.example")
    for user in (COLD, HOT, HOT, COLD, HOT, COLD):
        act(user)
    assert len(crm.activities()) == 2


def test_two_actions_on_one_signal_make_two_activities(target, crm):
    crm.person("ann@acme.example")
    mail = {**CALL, "name": "mail", "activity": {"type": "email", "subject": "Mail"}}
    for user in (COLD, HOT):
        run = target.run(target.stream("users", user), actions=[CALL, mail])
    assert run.counts["actions"] == {"created": 2}
    assert sorted(each["type"] for each in crm.activities()) == ["call", "email"]


def test_the_first_sight_of_a_record_only_learns(act, crm):
    crm.person("ann@acme.example")
    assert "actions" not in act(HOT).counts
    act(COLD)
    assert act(HOT).counts["actions"] == {"created": 1}


def test_the_first_sight_fires_where_it_is_asked_for(act, crm):
    crm.person("ann@acme.example")
    assert act(HOT, fire_on_first_run=True).counts["actions"] == {"created": 1}
    assert "actions" not in act(HOT, fire_on_first_run=True).counts
    assert len(crm.activities()) == 1


def test_a_user_who_is_younger_than_the_action_has_nothing_to_be_learned(target, crm):
    crm.person("ann@acme.example")
    target.run(target.stream("users"), actions=[CALL])
    stream = target.stream("users", {"user_id": "u0", "email": "old@acme.example"})
    created = {"type": ["string", "null"], "format": "date-time"}
    stream[0]["schema"]["properties"] = {
        **stream[0]["schema"]["properties"],
        "created_at": created,
    }
    target.run(stream, actions=[CALL])
    old = {**HOT, "user_id": "u2", "created_at": "2020-01-01T00:00:00Z"}
    new = {**HOT, "created_at": "2999-01-01T00:00:00Z"}
    crm.person("bob@acme.example")
    stream[1:2] = [
        {"type": "RECORD", "stream": "users", "record": each}
        for each in ({**old, "email": "bob@acme.example"}, new)
    ]
    run = target.run(stream, actions=[CALL])
    assert run.counts["actions"] == {"created": 1}
    (activity,) = crm.activities()
    assert activity["subject"] == "Call Ann"
    assert not [call for call in crm.calls("GET") if call.endswith("/activities")]


def test_another_condition_under_the_same_name_learns_first(act, crm):
    crm.person("ann@acme.example")
    act({**COLD, "health": "Good"})
    other = {"entity": "user", "property": "health", "becomes": "Good"}
    assert "actions" not in act({**COLD, "health": "Good"}, when=other).counts
    act({**COLD, "health": "Bad"}, when=other)
    assert act({**COLD, "health": "Good"}, when=other).counts["actions"] == {"created": 1}


def test_a_changed_condition_also_learns_what_is_so_of_users_younger_than_the_action(
    target, crm, sandbox
):
    crm.person("ann@acme.example")
    good = {"entity": "user", "property": "health", "becomes": "Good"}
    user = {**HOT, "health": "Good", "created_at": "2026-02-01T00:00:00Z"}

    def run(day, when, *users):
        sandbox.clock.set(datetime.fromisoformat(f"{day}T00:00:00+00:00"))
        stream = target.stream("users", *users)
        stream[0]["schema"]["properties"] = {**stream[0]["schema"]["properties"], "created_at": {}}
        return target.run(stream, actions=[{**CALL, "when": when}]).counts.get("actions")

    other = {**HOT, "user_id": "u0", "email": "bob@acme.example"}
    assert run("2026-01-01", CALL["when"], other) is None
    assert run("2026-02-02", CALL["when"], user) == {"created": 1}
    assert run("2026-06-01", good, user) is None
    younger = {**user, "created_at": "2026-06-02T00:00:00Z", "user_id": "u9"}
    assert run("2026-06-03", good, younger) == {"created": 1}


def test_who_leaves_the_chosen_segments_can_still_be_a_signal(target, crm):
    crm.person("ann@acme.example")
    lost = {**CALL, "when": {"entity": "user", "segment_left": PQL}}
    for user in (HOT, COLD):
        run = target.run(target.stream("users", user), users={"segments": [PQL]}, actions=[lost])
    assert run.reasons == {"left_segment": 1, "created": 1}
    assert len(crm.activities()) == 1


def test_an_account_gets_an_activity_at_its_organization(target, crm):
    organization = crm.organization("Acme", custom={"Account ID": "a1"})
    action = {
        "name": "upsell",
        "when": {"entity": "account", "property": "mrr", "crosses_above": 100},
        "activity": {"type": "meeting", "subject": "{name} = {account.name} pays {mrr}"},
    }
    for mrr in (99, 250.0):
        run = target.run(target.stream("accounts", {**ACME, "mrr": mrr}), actions=[action])
    assert run.counts["actions"] == {"created": 1}
    (activity,) = crm.activities()
    assert (activity["org_id"], activity["person_id"]) == (organization, None)
    assert activity["subject"] == "Acme = Acme pays 250"


def test_an_activity_is_stored_exactly_as_it_is_configured(signal, crm, sandbox):
    sandbox.clock.set(datetime(2026, 3, 28, 12, tzinfo=timezone.utc))
    organization = crm.organization("Acme & Sons")
    person = crm.person("ann@acme.example", org_id=organization)
    activity = signal(
        crm,
        type="Meeting",
        subject="Call {first_name} at {account.name} ({{really}})",
        note="<b>{first_name}</b> has {logins_30d} logins",
        assignee="BOB@acme.com",
        priority="high",
        due_in_days=1,
        at="09:00",
        zone="Europe/Berlin",
        duration="00:30",
    )
    expected = {
        "type": "meeting",
        "subject": "Call Ann at Acme & Sons ({really})",
        "note": "<b>Ann</b> has  logins",
        "owner_id": 2,
        "priority": crm.option("Priority", "High", "activity"),
        "due_date": "2026-03-29",  # the day on which Berlin's clocks go forward
        "due_time": "07:00:00",
        "duration": "00:30:00",
        "participants": [{"person_id": person, "primary": True}],
        "person_id": person,
        "org_id": organization,
        "deal_id": None,
        "done": False,
    }
    assert {key: activity[key] for key in expected} == expected


def test_only_what_is_configured_is_sent(act, crm, bodies):
    person = crm.person("ann@acme.example")
    act(COLD)
    bodies.clear()
    act(HOT)
    linked = [{"person_id": person, "primary": True}]
    assert bodies == [("POST", {"subject": "Call Ann", "type": "call", "participants": linked})]


def test_due_in_hours_is_a_time_in_utc(signal, crm, sandbox):
    sandbox.clock.set(datetime(2026, 3, 28, 23, 45, tzinfo=timezone.utc))
    crm.person("ann@acme.example")
    activity = signal(crm, due_in_hours=2)
    assert (activity["due_date"], activity["due_time"]) == ("2026-03-29", "01:45:00")


@pytest.mark.parametrize(("assignee", "owner"), [("owner", 2), (2, 2), ("jane@acme.com", 1)])
def test_an_assignee_is_a_user_or_the_persons_owner(signal, crm, assignee, owner):
    crm.person("ann@acme.example", owner_id=2)
    assert signal(crm, assignee=assignee)["owner_id"] == owner


def test_markup_in_values_is_escaped_in_the_note_and_plain_in_the_subject(signal, crm):
    crm.person("ann@acme.example")
    user = {**HOT, "first_name": 'A<i>n</i>n & "Co"'}
    activity = signal(crm, user, subject="Call {first_name}", note="<p>{first_name}</p>")
    assert activity["subject"] == 'Call A<i>n</i>n & "Co"'
    assert activity["note"] == "<p>A&lt;i&gt;n&lt;/i&gt;n &amp; &quot;Co&quot;</p>"


def test_a_subject_takes_any_script_and_stays_one_line(signal, crm):
    crm.person("ann@acme.example")
    activity = signal(crm, {**HOT, "first_name": "Зоя\n🚀\u2028 張"}, note="{first_name}")
    assert activity["subject"] == "Call Зоя 🚀 張"
    assert activity["note"] == "Зоя<br>🚀<br> 張"


def test_a_subject_is_never_longer_than_a_short_text(signal, crm):
    crm.person("ann@acme.example")
    assert len(signal(crm, {**HOT, "first_name": "x" * 999})["subject"]) == 255


def test_a_users_account_fills_its_placeholders_though_it_came_in_an_earlier_run(target, crm):
    crm.person("ann@acme.example")
    made_of = {"type": "call", "subject": "{first_name} at {account.name} on {account.plan}"}
    for accounts, user in (([{**ACME, "plan": "Pro"}], COLD), ([], HOT)):
        messages = target.stream("accounts", *accounts)
        messages += target.stream("users", {**user, "accounts": ["a1"]})
        target.run(messages, actions=[{**CALL, "activity": made_of}])
    (activity,) = crm.activities()
    assert activity["subject"] == "Ann at Acme on Pro"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_one_open_deal_is_linked_where_it_is_asked_for(act, crm, sandbox, count):
    person = crm.person("ann@acme.example")
    crm.deal("Lost", person_id=person, status="lost")
    deals = [crm.deal(f"Deal {each}", person_id=person) for each in range(count)]
    act(COLD, activity={"open_deal": True})
    run = act(HOT, activity={"open_deal": True})
    (activity,) = crm.activities()
    assert activity["deal_id"] == (deals[0] if count == 1 else None)
    said = {0: "no deal is open", 1: "", 2: "linked to no deal: several are open"}
    assert said[count] in run.text("created")


@pytest.mark.parametrize("count", [3, 30])
def test_many_records_get_an_activity_each(target, crm, count):
    people = [{**ANN, "user_id": f"u{n}", "email": f"ann{n}@acme.example"} for n in range(count)]
    for each in people:
        crm.person(each["email"])
    action = {**CALL, "activity": {**CALL["activity"], "assignee": "owner"}}
    for segments in ([], [PQL]):
        users = [{**each, "segments": segments} for each in people]
        crm.calls()
        run = target.run(target.stream("users", *users), actions=[action])
    assert run.counts["actions"] == {"created": count}
    assert len({each["person_id"] for each in crm.activities()}) == count
    single = [call for call in crm.calls("GET") if "/persons/" in call]
    assert len(single) == (count if count < 10 else 0)  # ten cost as much as a hundred together


NOBODY = {
    "no_match": (ANN, {"skipped": 1}, "no person has this e-mail address"),
    "no_match_key": ({"user_id": "u1"}, {"skipped": 1}, "has no e-mail address to match by"),
}


@pytest.mark.parametrize(("user", "counts", "said"), NOBODY.values(), ids=NOBODY)
def test_who_is_not_in_pipedrive_is_skipped_and_said_so(act, crm, user, counts, said):
    act({**user, "segments": []})
    run = act({**user, "segments": [PQL]})
    assert run.counts["actions"] == counts
    (text,) = [each.text for each in run.lines if each.entity == "actions"]
    assert text.startswith("call: no activity: ")
    assert said in text
    assert crm.activities() == []


def test_who_is_in_pipedrive_twice_is_rejected_with_both_ids(act, crm):
    ids = [crm.person("ann@acme.example") for _ in range(2)]
    act(COLD)
    run = act(HOT)
    assert run.counts["actions"] == {"rejected": 1}
    (text,) = [each.text for each in run.lines if each.entity == "actions"]
    assert all(str(each) in text for each in ids)
    assert crm.activities() == []


def test_who_was_deleted_in_pipedrive_since_gets_nothing(act, crm):
    person = crm.person("ann@acme.example")
    act(COLD)
    crm.delete(person)
    assert act(HOT).counts["actions"] == {"skipped": 1}
    assert crm.activities() == []


def test_who_is_created_in_the_same_run_gets_an_activity(target, crm):
    actions = [{**CALL, "fire_on_first_run": True}]
    run = target.run(target.stream("users", HOT), users={"create": True}, actions=actions)
    assert run.counts == {"users": {"created": 1}, "actions": {"created": 1}}
    assert [each["person_id"] for each in crm.activities()] == crm.persons()


@pytest.mark.parametrize("on_delete", ["ignore", "delete", ARCHIVE])
def test_a_deleted_user_is_no_signal_whatever_becomes_of_the_person(target, crm, on_delete):
    crm.person("ann@acme.example")
    lost = {**CALL, "when": {"entity": "user", "segment_left": PQL}}
    gone = {**COLD, "_sdc_deleted_at": "2026-01-01T00:00:00Z"}
    for user in (HOT, gone, gone):
        run = target.run(
            target.stream("users", user), actions=[lost], users={"on_delete": on_delete}
        )
        assert (run.exit_code, "actions" in run.counts) == (0, False), run.log
    assert crm.activities() == []


@pytest.mark.parametrize("create", [False, True])
def test_a_dry_run_plans_what_the_real_run_does_and_leaves_no_trace(target, crm, create):
    crm.person("ann@acme.example")
    bob = {**ANN, "user_id": "u2", "email": "bob@acme.example"}
    target.run(target.stream("users", COLD), actions=[CALL])

    def run(**options):
        actions = [{**CALL, "fire_on_first_run": True}]
        users = (HOT, {**bob, "segments": [PQL]})
        return target.run(
            target.stream("users", *users), actions=actions, users={"create": create}, **options
        )

    for _ in range(2):
        planned = run(dry_run=True, batch_size_rows=1)
        assert crm.writes() == []
    real = run()
    assert planned.counts == real.counts
    assert real.counts["actions"] == ({"created": 2} if create else {"created": 1, "skipped": 1})
    assert len(crm.activities()) == (2 if create else 1)


def test_a_dry_run_counts_an_edge_once(target, crm):
    crm.person("ann@acme.example")
    target.run(target.stream("users", COLD), actions=[CALL])
    twice = target.stream("users", HOT, {**ANN, "user_id": "u9"}, HOT)
    run = target.run(twice, actions=[CALL], dry_run=True, batch_size_rows=1)
    assert run.counts["actions"] == {"created": 1}
    assert run.text("planned") == "call: would create an activity"


def test_without_actions_there_is_no_call_for_them(target, crm):
    crm.person("ann@acme.example")
    crm.calls()
    target.run(target.stream("users", HOT))
    without = crm.calls()
    target.forget()
    target.run(target.stream("users", HOT), actions=[])
    assert crm.calls() == without
    assert not [call for call in without if "activit" in call]


def test_a_signal_costs_a_look_at_the_person_and_a_write(act, crm, target):
    crm.person("ann@acme.example")
    act(COLD)
    crm.calls()
    act(COLD)
    idle = crm.calls()
    act(HOT)
    assert sorted(set(crm.calls()) - set(idle)) == [
        "GET /api/v2/persons/1",
        "POST /api/v2/activities",
    ]
