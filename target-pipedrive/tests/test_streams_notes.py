"""Notes from any stream: known again by a reference in their text, whatever becomes of its HTML."""

from __future__ import annotations

import pytest
from sync_core.pipedrive.values.html import references, with_reference

TEXT = {"type": ["string", "null"]}
COLUMNS = {
    **dict.fromkeys(("ticket", "text", "who", "firm", "deal"), TEXT),
    "pinned": {"type": ["boolean", "null"]},
}
FIELDS = [
    {"from": "text", "to": "Content"},
    {"from": "who", "to": "Contact person"},
    {"from": "firm", "to": "Organization"},
    {"from": "deal", "to": "Deal"},
    {"from": "pinned", "to": "Pinned to person"},
]
SETTINGS = {"entity": "note", "match": {"from": "ticket", "to": "content"}, "fields": FIELDS}
NOTE = {"ticket": "T-1", "text": "<p>They asked for <b>SSO</b></p>", "who": "ann@acme.example"}
#: Tokens: who the credential is and the fields of persons and organizations; a page; a write.
START, SCAN, WRITE = 22, 20, 10


@pytest.fixture(params=["kept", "sanitised"])
def _html(request, sandbox):
    sandbox.switches.set("pipedrive.note_html", request.param)


@pytest.fixture
def sync(target, ann):
    """One run with some notes."""

    def run(*records, create=True, more=None, **settings):
        streams = {"tickets": {**SETTINGS, "create": create, **(more or {})}}
        return target.run(target.table("tickets", COLUMNS, *records), streams=streams, **settings)

    return run


@pytest.fixture
def notes(sandbox):
    return lambda: list(sandbox.pipedrive.rows("note").values())


def test_a_note_is_created_with_its_person_and_a_reference_as_its_last_line(sync, notes, ann):
    assert sync(NOTE).counts["tickets"] == {"created": 1}
    (note,) = notes()
    assert note["content"] == f"{NOTE['text']}<p>Ref: T-1</p>"
    assert note["person_id"] == ann


def test_creating_is_off_unless_it_is_asked_for(sync, notes):
    assert sync(NOTE, create=False).reasons == {"no_match": 1}
    assert notes() == []


@pytest.mark.usefixtures("_html")
def test_a_second_run_writes_nothing_also_without_the_ledger(sync, notes, crm, forget):
    sync(NOTE)
    crm.writes()
    assert sync(NOTE).counts["tickets"] == {"unchanged": 1}
    forget()
    assert sync(NOTE).counts["tickets"] == {"unchanged": 1}
    assert crm.writes() == []
    assert len(notes()) == 1


@pytest.mark.usefixtures("_html")
@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_a_changed_text_is_written_to_the_same_note(sync, notes, forget, ledger):
    rough = {**NOTE, "text": '<div class="x">They asked <script>1</script>&amp; left</div>'}
    sync(rough)
    if ledger == "lost":
        forget()
    assert sync({**NOTE, "text": "<b>They</b> asked & left"}).counts["tickets"] == {"updated": 1}
    (note,) = notes()
    assert references(note["content"]) == ["T-1"]
    assert "<b>They</b>" in note["content"]


@pytest.mark.usefixtures("_html")
def test_what_a_person_wrote_stays_until_the_source_moves_and_then_pipedrive_wins(
    sync, notes, by_hand
):
    sync(NOTE)
    (note,) = notes()
    by_hand("PUT", f"v1/notes/{note['id']}", {"content": f"<p>Done.</p>{note['content']}"})
    assert sync(NOTE).counts["tickets"] == {"unchanged": 1}
    run = sync({**NOTE, "text": "Another"})
    assert run.reasons == {"conflict": 1}
    assert "Done." in notes()[0]["content"]


def test_only_what_differs_is_written(sync, notes, bodies, crm):
    sync(NOTE)
    deal = crm.deal("Acme renewal")
    bodies.clear()
    fields = [*FIELDS[:3], {"value": deal, "to": "Deal"}]
    sync(NOTE, more={"fields": fields})
    assert bodies == [("PUT", {"deal_id": deal})]


def test_a_note_is_pinned_along_with_what_it_is_pinned_to(sync, notes, bodies, ann):
    sync(NOTE)
    bodies.clear()
    sync({**NOTE, "pinned": True})
    assert bodies == [("PUT", {"pinned_to_person_flag": 1, "person_id": ann})]
    assert notes()[0]["pinned_to_person_flag"] is True
    assert sync({**NOTE, "pinned": True}).counts["tickets"] == {"unchanged": 1}


def test_a_note_that_hangs_on_nothing_is_rejected_before_it_is_sent(sync, notes, crm):
    run = sync({**NOTE, "who": None})
    assert run.reasons == {"incomplete": 1}
    assert "person_id or org_id or deal_id or lead_id" in run.text("incomplete")
    assert crm.writes() == []


def test_a_note_hangs_on_a_deal_that_another_stream_links(sync, notes, target, sandbox):
    orders = {"entity": "deal", "match": {"from": "number", "to": "Signal"}, "create": True,
              "fields": [{"from": "number", "to": "Title"}]}  # fmt: skip
    streams = {"orders": orders, "tickets": {**SETTINGS, "create": True}}
    messages = target.table("orders", {"number": TEXT}, {"number": "D-1"})
    messages += target.table("tickets", COLUMNS, {**NOTE, "who": None, "deal": "D-1"})
    target.run(messages, streams=streams)
    (deal,) = sandbox.pipedrive.rows("deal")
    assert notes()[0]["deal_id"] == deal


@pytest.fixture
def lead(target, sandbox, ann):
    """A lead that another stream links by `L-1`, and that stream's settings."""
    fields = [{"from": "number", "to": "Title"}, {"value": ann, "to": "person_id"}]
    match = {"from": "number", "to": "Signal"}
    demos = {"entity": "lead", "match": match, "create": True, "fields": fields}
    target.run(target.table("demos", {"number": TEXT}, {"number": "L-1"}), streams={"demos": demos})
    (made,) = sandbox.pipedrive.rows("lead")
    return made, demos


@pytest.mark.parametrize("named", ["by its id", "by the key that it is linked by"])
def test_a_note_hangs_on_a_lead(target, notes, lead, named):
    made, demos = lead
    fields = [FIELDS[0], {"from": "deal", "to": "Lead"}]
    streams = {"demos": demos, "tickets": {**SETTINGS, "create": True, "fields": fields}}
    told = {**NOTE, "deal": made if named == "by its id" else "L-1"}
    target.run(target.table("tickets", COLUMNS, told), streams=streams)
    assert notes()[0]["lead_id"] == made


def test_two_notes_with_one_reference_are_rejected_with_both_ids(sync, notes, by_hand, forget):
    sync(NOTE, {**NOTE, "ticket": "T-2"})
    first, second = notes()
    for each in (first, second):
        by_hand("PUT", f"v1/notes/{each['id']}", {"content": "Hello<p>Ref: T-1</p>"})
    forget()
    run = sync({**NOTE, "text": "Another"})
    assert run.reasons == {"several_matches": 1}
    assert f"{first['id']}, {second['id']}" in run.text("several_matches")


@pytest.mark.parametrize(("key", "reason"), [("x" * 300, "malformed"), ("", "no_match_key")])
def test_a_key_that_is_too_long_or_empty_makes_no_note(sync, notes, key, reason):
    run = sync({**NOTE, "ticket": key})
    assert run.reasons == {reason: 1}
    assert notes() == []


@pytest.mark.usefixtures("_html")
def test_a_key_may_hold_what_html_makes_something_of(sync, notes, forget):
    odd = {**NOTE, "ticket": "A  <1> & \"Ref: 'é'"}
    sync(odd)
    forget()
    assert sync(odd).counts["tickets"] == {"unchanged": 1}
    assert len(notes()) == 1


def test_a_long_text_is_found_and_compared_like_any_other(sync, notes, forget):
    long = {**NOTE, "text": "<p>What they said.</p>" * 500}
    sync(long)
    forget()
    assert sync(long).counts["tickets"] == {"unchanged": 1}
    assert sync({**long, "text": f"{long['text']}More."}).counts["tickets"] == {"updated": 1}
    assert len(notes()) == 1


def test_a_text_after_which_no_reference_could_be_read_is_rejected(sync, notes):
    run = sync({**NOTE, "text": "Hello <!-- never closed"})
    assert run.reasons == {"incomplete": 1}
    assert notes() == []


@pytest.mark.usefixtures("_html")
def test_a_lost_answer_makes_no_second_note(sync, notes, sandbox):
    sandbox.fault("/pipedrive/v1/notes", "POST", action={"drop_after": True})
    assert sync(NOTE).reasons == {"answer_lost": 1}
    sandbox.clock.advance(300)
    sync(NOTE)
    assert len(notes()) == 1


def test_a_note_that_was_deleted_is_made_again_when_its_text_changes(sync, notes, by_hand):
    sync(NOTE)
    (first,) = notes()
    by_hand("DELETE", f"v1/notes/{first['id']}")
    sync({**NOTE, "text": "Another"})
    (second,) = notes()
    assert second["id"] != first["id"]


def test_a_note_that_reads_as_inactive_counts_as_deleted(sync, notes, sandbox):
    sync(NOTE)
    sandbox.pipedrive.rows("note")[notes()[0]["id"]]["active_flag"] = False
    sync({**NOTE, "text": "Another"})
    assert [note["active_flag"] for note in notes()] == [False, True]


def test_a_deleted_ticket_deletes_its_note_where_that_is_asked_for(sync, notes):
    sync(NOTE)
    sync({"ticket": "T-1", "is_deleted": True}, more={"on_delete": "delete"})
    assert notes() == []


def test_a_dry_run_counts_what_the_real_run_does_and_writes_nothing(sync, notes, crm):
    assert sync(NOTE, dry_run=True).reasons == {"planned": 1}
    assert crm.writes() == []
    assert sync(NOTE).counts["tickets"] == {"created": 1}


def test_the_calls_cost_what_the_vendor_says(sync, sandbox):
    sandbox.clear_journal()
    run = sync(NOTE)
    paid = [one["tokens"] for one in sandbox.journal() if "notes" in one["path"]]
    assert sorted(paid) == sorted([SCAN, WRITE])
    assert f"about {2 * SCAN} tokens in all are expected to find each note" in run.log


@pytest.mark.usual("pipedrive.daily_headers")
def test_what_the_budget_leaves_no_room_for_is_written_by_the_next_run(sync, notes, sandbox):
    limits = sandbox.pipedrive.limits
    limits.spend(limits.left - 2 * (START + SCAN + WRITE))  # half of what is left may be spent
    run = sync(*({**NOTE, "ticket": f"T-{at}"} for at in range(3)))
    assert run.exit_code == 75
    assert run.counts["tickets"] == {"created": 1, "deferred": 2}
    sandbox.clock.advance(86_400)
    sync()
    assert sorted(each for note in notes() for each in references(note["content"])) == [
        "T-0",
        "T-1",
        "T-2",
    ]


def test_the_owner_of_what_is_created_is_not_made_the_author_of_notes(sync, bodies):
    bodies.clear()
    sync(NOTE, owner="bob@acme.com")
    assert [sorted(body) for _, body in bodies] == [["content", "person_id"]]


def test_notes_are_matched_by_a_reference_alone(target):
    settings = {**SETTINGS, "match": {"from": "ticket", "to": "Deal"}}
    run = target.run(target.stream("users"), streams={"tickets": settings})
    assert run.exit_code == 1
    assert "streams.tickets.match: notes can't be matched by 'Deal'; content can" in run.log


@pytest.mark.parametrize(
    "stored",
    [
        "Hello<p>Ref: T-1</p>",
        "Hello<br>Ref:&nbsp;T-1",
        "<div>Hello</div>\n<p><i>Ref:</i> <b>T-1</b></p><p>&nbsp;</p>",
        "<p>Ref: T-0</p><p>Ref: T-1</p>",
        with_reference("<ul><li>Ref: T-9</li></ul>", "T-1"),
        "<p>Ref: T-1</p><p>what a person added</p>",
    ],
)
def test_a_reference_is_read_whatever_stands_around_it(stored):
    assert references(stored) == ["T-1"]


@pytest.mark.parametrize("stored", [None, "", "Hello", "see Ref: T-1", "<p>ref: T-1</p>"])
def test_only_a_line_that_begins_with_it_is_a_reference(stored):
    assert references(stored) == []


def test_the_text_with_the_reference_is_not_overwritten_where_a_note_is_deleted(sync, notes, crm):
    sync(NOTE)
    crm.calls()
    rule = {"field": "content", "value": "It was deleted"}
    run = sync({**NOTE, "is_deleted": True}, more={"on_delete": rule})
    assert run.exit_code == 1
    assert "streams.tickets.on_delete.field: 'Content' is what a record is known by" in run.log
    assert crm.writes() == []
    assert references(notes()[0]["content"]) == ["T-1"]
