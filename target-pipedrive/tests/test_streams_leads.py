"""Leads from any stream: linked, matched by a field of deals, kept in step, and never doubled."""

from __future__ import annotations

import pytest

COLUMNS = {
    **{key: {"type": ["string", "null"]} for key in ("number", "title", "buyer", "firm", "closes")},
    "labels": {"type": "array", "items": {"type": "string"}},
    "amount": {"type": "number"},
    "shelved": {"type": "boolean"},
    "score": {"type": "string"},
}
FIELDS = [
    {"from": "title", "to": "Title"},
    {"from": "amount", "to": "Value", "currency": "EUR"},
    {"from": "closes", "to": "Expected close date"},
    {"from": "labels", "to": "Labels"},
    {"from": "buyer", "to": "Contact person"},
    {"from": "firm", "to": "Organization"},
    {"from": "shelved", "to": "Archived"},
]
SETTINGS = {"entity": "lead", "match": {"from": "number", "to": "Signal"}, "fields": FIELDS}
#: Tokens of a look at all leads: a page of them, and one of the archived ones.
SCAN, WRITE = 20 + 40, 10


@pytest.fixture
def sync(target, ann):
    """One run with some leads; each belongs to the buyer unless it says otherwise."""

    def run(*records, create=True, more=None, **settings):
        told = [{"buyer": "Ann@acme.example", **record} for record in records]
        streams = {"demos": {**SETTINGS, "create": create, **(more or {})}}
        return target.run(target.table("demos", COLUMNS, *told), streams=streams, **settings)

    return run


@pytest.fixture
def leads(sandbox):
    """The leads that there are, with the match field by its label."""

    def stored():
        key = sandbox.pipedrive.field("deal", "Signal")["field_code"]
        rows = sandbox.pipedrive.rows("lead").values()
        return [{**row, "Signal": row.get(key)} for row in rows]

    return stored


LEAD = {"number": "L-1", "title": "Acme demo", "amount": 500, "closes": "2026-12-31"}


def test_a_lead_is_created_with_its_key_its_person_and_typed_values(sync, leads, ann):
    run = sync({**LEAD, "labels": ["hot"]})
    assert run.counts["demos"] == {"created": 1}
    (lead,) = leads()
    assert (lead["Signal"], lead["title"], lead["person_id"]) == ("L-1", "Acme demo", ann)
    assert lead["value"] == {"amount": 500, "currency": "EUR"}
    assert lead["expected_close_date"] == "2026-12-31"
    assert len(lead["label_ids"]) == 1


def test_creating_is_off_unless_it_is_asked_for(sync, leads):
    assert sync(LEAD, create=False).reasons == {"no_match": 1}
    assert leads() == []


def test_a_second_run_writes_nothing_also_without_the_ledger(sync, leads, crm, forget):
    sync(LEAD)
    crm.writes()
    assert sync(LEAD).counts["demos"] == {"unchanged": 1}
    forget()
    assert sync(LEAD).counts["demos"] == {"unchanged": 1}
    assert crm.writes() == []
    assert len(leads()) == 1


def test_only_what_differs_is_written(sync, leads, bodies):
    sync(LEAD)
    bodies.clear()
    sync({**LEAD, "amount": 750})
    assert bodies == [("PATCH", {"value": {"amount": 750, "currency": "EUR"}})]
    assert leads()[0]["value"]["amount"] == 750


def test_an_amount_without_a_currency_keeps_the_stored_one(sync, leads):
    sync(LEAD)
    fields = [FIELDS[0], {"from": "amount", "to": "Value"}, FIELDS[4]]
    sync({**LEAD, "amount": 750}, more={"fields": fields})
    assert leads()[0]["value"] == {"amount": 750, "currency": "EUR"}


def test_what_a_person_changed_in_pipedrive_stays_until_the_source_moves(sync, leads, by_hand):
    sync(LEAD)
    by_hand("PATCH", f"v1/leads/{leads()[0]['id']}", {"title": "Renamed"})
    assert sync(LEAD).counts["demos"] == {"unchanged": 1}
    assert leads()[0]["title"] == "Renamed"


def test_a_lead_without_person_and_organization_is_rejected_before_it_is_sent(sync, leads, crm):
    run = sync({**LEAD, "buyer": None})
    assert run.reasons == {"incomplete": 1}
    assert "person_id or organization_id, which Pipedrive requires" in run.text("incomplete")
    assert crm.writes() == []


def test_a_lead_may_belong_to_an_organization_alone(sync, leads, target, crm):
    firm = crm.organization("Acme", {"Account ID": "a1"})
    target.accounts({"account_id": "a1", "name": "Acme"})
    sync({**LEAD, "buyer": None, "firm": "a1"})
    assert (leads()[0]["person_id"], leads()[0]["organization_id"]) == (None, firm)


def test_two_leads_with_one_key_are_rejected_with_both_ids(sync, leads, sandbox, target):
    key = sandbox.pipedrive.field("deal", "Signal")["field_code"]
    sync(LEAD, {**LEAD, "number": "L-2"})
    ids = [lead["id"] for lead in leads()]
    for lead in sandbox.pipedrive.rows("lead").values():
        lead[key] = "L-1"
    target.forget()
    run = sync({**LEAD, "amount": 1}, more={"fields": [FIELDS[1]]})
    assert run.reasons == {"several_matches": 1}
    assert all(each in run.text("several_matches") for each in ids)


def test_a_lost_answer_makes_no_second_lead(sync, leads, sandbox):
    sandbox.fault("/pipedrive/v1/leads", "POST", action={"drop_after": True})
    assert sync(LEAD).reasons == {"answer_lost": 1}
    assert len(leads()) == 1
    sandbox.clock.advance(300)
    sync(LEAD)
    assert len(leads()) == 1


@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_an_archived_lead_is_not_made_again(sync, leads, by_hand, forget, ledger):
    sync(LEAD)
    by_hand("PATCH", f"v1/leads/{leads()[0]['id']}", {"is_archived": True})
    if ledger == "lost":
        forget()
    sync({**LEAD, "amount": 900})
    assert [lead["value"]["amount"] for lead in leads()] == [900]


def test_a_lead_that_was_deleted_is_made_again(sync, leads, by_hand):
    sync(LEAD)
    (first,) = leads()
    by_hand("DELETE", f"v1/leads/{first['id']}")
    sync({**LEAD, "amount": 900})
    (second,) = leads()
    assert second["id"] != first["id"]


def test_a_lead_is_archived_by_the_run_after_the_one_that_makes_it(sync, leads):
    run = sync({**LEAD, "shelved": True})
    assert run.reasons == {"some_fields_rejected": 1}
    assert not leads()[0]["is_archived"]
    assert sync({**LEAD, "shelved": True}).counts["demos"] == {"updated": 1}
    assert leads()[0]["is_archived"]
    assert sync({**LEAD, "shelved": True}).counts["demos"] == {"unchanged": 1}


def test_a_label_that_does_not_exist_costs_only_itself_and_names_those_that_do(sync, leads):
    run = sync({**LEAD, "labels": ["Ice"]})
    assert run.counts["demos"] == {"created": 1}
    assert "no label of leads has this name" in run.text("some_fields_rejected")


def test_a_deleted_demo_deletes_its_lead_where_that_is_asked_for(sync, leads):
    sync(LEAD)
    sync({"number": "L-1", "is_deleted": True}, more={"on_delete": "delete"})
    assert leads() == []


def test_a_dry_run_counts_what_the_real_run_does_and_creates_nothing(sync, leads, crm):
    assert sync(LEAD, dry_run=True).reasons == {"planned": 1}
    assert crm.writes() == []
    assert sync(LEAD).counts["demos"] == {"created": 1}


def test_leads_may_be_matched_by_title_alone(sync, leads):
    more = {"match": {"from": "title", "to": "Title"}, "fields": [FIELDS[1], FIELDS[4]]}
    for _ in range(2):
        sync(LEAD, more=more)
    assert [lead["title"] for lead in leads()] == ["Acme demo"]


def test_a_field_whose_form_in_leads_is_not_documented_is_refused_by_name(sync, sandbox):
    sandbox.pipedrive.state.add_field("deal", "Discount", "monetary", None)
    run = sync(LEAD, more={"fields": [*FIELDS, {"from": "score", "to": "Discount"}]})
    assert run.exit_code == 1
    assert "how a lead holds the field 'Discount'" in run.log


def test_the_calls_cost_what_the_vendor_says(sync, sandbox):
    sandbox.clear_journal()
    sync(LEAD)
    paid = [(one["path"], one["tokens"]) for one in sandbox.journal() if "lead" in one["path"]]
    assert sum(tokens for _, tokens in paid) == SCAN + WRITE


def test_what_a_run_costs_is_said_before_it(sync, target):
    run = sync(LEAD)
    finding = f"about {20 + SCAN} tokens in all are expected to find each lead"
    assert f"{finding}, and {WRITE} for" in run.log
