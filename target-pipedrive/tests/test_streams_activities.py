"""Activities from any stream: typed by name, for the right ann, and never doubled."""

from __future__ import annotations

from functools import partial

import pytest

TEXT = {"type": ["string", "null"]}
COLUMNS = {
    **dict.fromkeys(("meeting", "subject", "kind", "urgency", "who", "firm", "text"), TEXT),
    **dict.fromkeys(("on", "at", "lasts"), TEXT),
    "over": {"type": ["boolean", "null"]},
}
FIELDS = [
    {"from": "subject", "to": "Subject"},
    {"from": "kind", "to": "Type"},
    {"from": "urgency", "to": "Priority"},
    {"from": "who", "to": "Contact person"},
    {"from": "firm", "to": "Organization"},
    {"from": "text", "to": "Note"},
    {"from": "on", "to": "Due date"},
    {"from": "at", "to": "Due time"},
    {"from": "lasts", "to": "Duration"},
    {"from": "over", "to": "Done"},
]
BY_REFERENCE = {"from": "meeting", "to": "note"}
BY_SUBJECT = {"from": "subject", "to": "Subject"}
MEETING = {
    "meeting": "M-1",
    "subject": "Onboarding with Ann",
    "kind": "Meeting",
    "urgency": "high",
    "who": "ann@acme.example",
    "text": "Bring <b>slides</b>",
    "on": "2026-12-01",
    "at": "14:30",
    "lasts": "00:45",
    "over": False,
}
SCAN, WRITE = 10, 5


@pytest.fixture
def sync(target, ann):
    """One run with some meetings."""

    def run(*records, match=BY_REFERENCE, create=True, more=None, **settings):
        about = {"entity": "activity", "match": match, "fields": FIELDS, "create": create}
        streams = {"meetings": {**about, **(more or {})}}
        return target.run(target.table("meetings", COLUMNS, *records), streams=streams, **settings)

    return run


@pytest.fixture(params=[BY_REFERENCE, BY_SUBJECT], ids=["by_reference", "by_subject"])
def matched(request, sync):
    """The same, matched in either way."""
    return partial(sync, match=request.param)


@pytest.fixture(params=["kept", "sanitised"])
def _html(request, sandbox):
    sandbox.switches.set("pipedrive.note_html", request.param)


def test_an_activity_is_created_with_what_its_names_stand_for(sync, crm, ann, sandbox):
    assert sync(MEETING).counts["meetings"] == {"created": 1}
    (made,) = crm.activities()
    options = sandbox.pipedrive.field("activity", "Priority")["options"]
    labels = {option["id"]: option["label"] for option in options}
    assert (made["subject"], made["type"]) == (MEETING["subject"], "meeting")
    assert (labels[made["priority"]], made["person_id"]) == ("High", ann)
    assert made["note"] == "Bring <b>slides</b><p>Ref: M-1</p>"
    assert (made["due_date"], made["due_time"][:5]) == ("2026-12-01", "14:30")
    assert (made["duration"][:5], made["done"]) == ("00:45", False)


def test_creating_is_off_unless_it_is_asked_for(sync, crm):
    assert sync(MEETING, create=False).reasons == {"no_match": 1}
    assert crm.activities() == []


@pytest.mark.usefixtures("_html")
def test_a_second_run_writes_nothing_also_without_the_ledger(matched, crm, forget):
    matched(MEETING)
    crm.writes()
    assert matched(MEETING).counts["meetings"] == {"unchanged": 1}
    forget()
    assert matched(MEETING).counts["meetings"] == {"unchanged": 1}
    assert crm.writes() == []
    assert len(crm.activities()) == 1


@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_what_changed_is_written_to_the_same_activity(matched, crm, forget, ledger, bodies):
    matched(MEETING)
    if ledger == "lost":
        forget()
    bodies.clear()
    assert matched({**MEETING, "over": True}).counts["meetings"] == {"updated": 1}
    assert bodies == [("PATCH", {"done": True})]
    assert crm.activities()[0]["done"]


def test_another_subject_changes_the_activity_that_the_reference_finds(sync, crm, forget):
    sync(MEETING)
    forget()
    sync({**MEETING, "subject": "Moved"})
    assert [each["subject"] for each in crm.activities()] == ["Moved"]


def test_a_person_takes_part_and_nobody_else_is_lost(sync, crm, by_hand, ann):
    bob, eve = crm.person("bob@acme.example"), crm.person("eve@acme.example")
    sync({**MEETING, "who": None})
    others = [{"person_id": bob, "primary": True}, {"person_id": eve, "primary": False}]
    by_hand("PATCH", f"api/v2/activities/{crm.activities()[0]['id']}", {"participants": others})
    assert sync(MEETING).counts["meetings"] == {"updated": 1}
    (now,) = crm.activities()
    assert {each["person_id"] for each in now["participants"]} == {ann, bob, eve}
    assert now["person_id"] == ann
    assert sync(MEETING).counts["meetings"] == {"unchanged": 1}


def test_a_point_in_time_becomes_a_day_and_a_time_in_utc(sync, crm):
    moment = "2026-12-01T00:30:00+02:00"
    sync({**MEETING, "on": moment, "at": moment})
    (made,) = crm.activities()
    assert (made["due_date"], made["due_time"][:5]) == ("2026-11-30", "22:30")


def test_a_day_may_be_that_of_a_zone(sync, crm):
    fields = [*FIELDS[:2], {"from": "on", "to": "Due date", "zone": "Europe/Helsinki"}]
    sync({**MEETING, "on": "2026-12-01T00:30:00+02:00"}, more={"fields": fields})
    assert crm.activities()[0]["due_date"] == "2026-12-01"


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("urgency", "Burning", "no priority of activities has this label"),
        ("who", "nobody@acme.example", "nothing with this key is linked to a person yet"),
        ("lasts", "an hour", "expected a time of day"),
        ("on", "soon", "expected a date"),
    ],
)
def test_a_value_that_does_not_fit_costs_only_itself(sync, crm, column, value, why):
    run = sync({**MEETING, column: value})
    assert run.counts["meetings"] == {"created": 1}
    assert why in run.text("some_fields_rejected")
    assert value not in run.log


@pytest.mark.parametrize(
    ("lacks", "what"), [({"subject": None}, "subject"), ({"kind": "Nap"}, "type")]
)
def test_an_activity_without_subject_or_type_is_rejected_before_it_is_sent(sync, crm, lacks, what):
    run = sync({**MEETING, **lacks})
    assert run.reasons == {"incomplete": 1}
    assert f"has no {what}, which Pipedrive requires" in run.text("incomplete")
    assert crm.writes() == []


def test_two_activities_with_one_key_are_rejected_with_both_ids(matched, crm):
    one, two = (crm.activity(subject=MEETING["subject"], note="<p>Ref: M-1</p>") for _ in range(2))
    run = matched(MEETING)
    assert run.reasons == {"several_matches": 1}
    assert f"{one}, {two}" in run.text("several_matches")


def test_a_lost_answer_makes_no_second_activity(matched, crm, sandbox):
    sandbox.fault("/pipedrive/api/v2/activities", "POST", action={"drop_after": True})
    assert matched(MEETING).reasons == {"answer_lost": 1}
    sandbox.clock.advance(300)
    matched(MEETING)
    assert len(crm.activities()) == 1


@pytest.mark.parametrize("listed", ["never", "with_updated_since", "always"])
def test_an_activity_that_was_deleted_is_made_again(sync, crm, by_hand, sandbox, listed):
    sandbox.switches.set("pipedrive.lists_include_deleted", listed)
    sync(MEETING)
    by_hand("DELETE", f"api/v2/activities/{crm.activities()[0]['id']}")
    sync({**MEETING, "over": True})
    assert [each["is_deleted"] for each in crm.activities()] == [True, False]


def test_a_deleted_meeting_deletes_its_activity_where_that_is_asked_for(sync, crm):
    sync(MEETING)
    sync({"meeting": "M-1", "is_deleted": True}, more={"on_delete": "delete"})
    assert crm.activities()[0]["is_deleted"]


def test_a_dry_run_counts_what_the_real_run_does_and_writes_nothing(sync, crm):
    assert sync(MEETING, dry_run=True).reasons == {"planned": 1}
    assert crm.writes() == []
    assert sync(MEETING).counts["meetings"] == {"created": 1}


def test_the_calls_cost_what_the_vendor_says(sync, sandbox):
    sandbox.clear_journal()
    sync(MEETING)
    paid = [one["tokens"] for one in sandbox.journal() if "/activities" in one["path"]]
    assert sorted(paid) == sorted([SCAN, WRITE])


def test_no_catalogue_is_read_that_opens_to_administrators_alone(sync, crm):
    crm.calls()
    sync(MEETING, more={"fields": [*FIELDS[:2], *FIELDS[3:]]})
    assert not [call for call in crm.calls() if "activityFields" in call]


def test_a_field_that_cannot_be_written_is_refused_by_name(sync):
    run = sync(MEETING, more={"fields": [*FIELDS, {"from": "text", "to": "Creator"}]})
    assert run.exit_code == 1
    assert "Pipedrive has no activity field 'Creator'" in run.log


def test_activities_need_a_field_to_match_by(sync):
    run = sync(MEETING, match="meeting")
    assert run.exit_code == 1
    assert "activities are matched by a field of your choice" in run.log
