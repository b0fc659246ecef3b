"""Deals from any stream: matched, created, kept in step, and never doubled by an archived one."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from target_pipedrive.entities_table import table

COLUMNS = {
    **{key: {"type": "string"} for key in ("number", "title", "closes", "buyer", "firm", "state")},
    "amount": {"type": "number"},
}
DEAL = {"number": "D-1", "title": "Acme renewal", "amount": 500, "closes": "2026-12-31"}
FIELDS = [
    {"from": "title", "to": "Title"},
    {"from": "amount", "to": "Value"},
    {"from": "closes", "to": "Expected close date"},
    {"from": "buyer", "to": "Contact person"},
    {"from": "firm", "to": "Organization"},
    {"from": "state", "to": "Status"},
]
SETTINGS = {"entity": "deal", "match": {"from": "number", "to": "Signal"}, "fields": FIELDS}


@pytest.fixture
def sync(target):
    """One run with some deals."""

    def run(*records, create=True, before=(), more=None, **settings):
        table = [*before, *target.table("orders", COLUMNS, *records)]
        streams = {"orders": {**SETTINGS, "create": create, **(more or {})}}
        return target.run(table, streams=streams, **settings)

    return run


@pytest.fixture
def deals(sandbox):
    """The deals that there are, with the match field by its label."""

    def stored():
        key = sandbox.pipedrive.field("deal", "Signal")["field_code"]
        rows = sandbox.pipedrive.rows("deal").values()
        return [{**row, "Signal": row["custom_fields"].get(key)} for row in rows]

    return stored


def archive(sandbox, record_id):
    url = f"{sandbox.pipedrive_url}/api/v2/deals/{record_id}"
    headers = {"x-api-token": "sandbox-token"}
    answer = requests.patch(url, json={"is_archived": True}, headers=headers, timeout=10)
    assert answer.ok, answer.text
    sandbox.clear_journal()


def test_a_deal_is_created_with_its_key_and_typed_values(sync, deals):
    assert sync(DEAL).counts["orders"] == {"created": 1}
    (deal,) = deals()
    assert deal["Signal"] == "D-1"
    assert (deal["title"], deal["value"]) == ("Acme renewal", 500)
    assert deal["expected_close_date"] == "2026-12-31"


def test_creating_is_off_unless_it_is_asked_for(sync, deals):
    assert sync(DEAL, create=False).reasons == {"no_match": 1}
    assert deals() == []


def test_a_second_run_writes_nothing_also_without_the_ledger(sync, deals, crm, target):
    sync(DEAL)
    crm.writes()
    assert sync(DEAL).counts["orders"] == {"unchanged": 1}
    target.forget()
    assert sync(DEAL).counts["orders"] == {"unchanged": 1}
    assert crm.writes() == []
    assert len(deals()) == 1


def test_only_what_differs_is_written(sync, deals, bodies):
    sync(DEAL)
    bodies.clear()
    sync({**DEAL, "amount": 750})
    assert bodies == [("PATCH", {"value": 750})]


def test_person_and_organization_are_found_by_the_keys_that_the_ledger_links(
    sync, deals, target, crm
):
    person, firm = crm.person("ann@acme.example"), crm.organization("Acme", {"Account ID": "a1"})
    before = [*target.stream("accounts", {"account_id": "a1", "name": "Acme"}),
              *target.stream("users", {"user_id": "u1", "email": "ann@acme.example"})]  # fmt: skip
    sync({**DEAL, "buyer": "Ann@acme.example", "firm": "a1"}, before=before)
    (deal,) = deals()
    assert (deal["person_id"], deal["org_id"]) == (person, firm)


def test_a_deal_without_a_title_is_rejected(sync, deals):
    run = sync({"number": "D-1", "amount": 5})
    assert run.reasons == {"incomplete": 1}
    assert "has no title, which Pipedrive requires" in run.text("incomplete")
    assert deals() == []


def test_a_status_that_pipedrive_does_not_know_costs_only_itself(sync, deals):
    run = sync({**DEAL, "state": "lingering"})
    assert run.counts["orders"] == {"created": 1}
    assert "refused by the service" in run.text("some_fields_rejected")


def test_a_lost_answer_makes_no_second_deal(sync, deals, sandbox, target):
    sandbox.fault("/pipedrive/api/v2/deals", "POST", action={"drop_after": True})
    assert sync(DEAL).reasons == {"answer_lost": 1}
    assert len(deals()) == 1
    sandbox.clock.advance(300)
    sync(DEAL)
    assert len(deals()) == 1


@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_an_archived_deal_is_not_made_again(sync, deals, sandbox, target, ledger):
    sync(DEAL)
    archive(sandbox, deals()[0]["id"])
    if ledger == "lost":
        target.forget()
    sync({**DEAL, "amount": 900})
    assert len(deals()) == 1


@pytest.fixture
def listed(priced, monkeypatch):
    """Reading what changed is the cheapest way, as it is for many deals."""
    priced(one=1000, search=1000, by_ids=1)
    monkeypatch.setattr("sync_core.pipedrive.index.costs.PAGE_SIZE", 1)


@pytest.mark.usefixtures("hasty", "listed")
def test_an_edit_to_an_archived_deal_is_not_lost_where_the_archive_could_not_be_read_at_first(
    sync, deals, sandbox, by_hand
):
    orders = [{**DEAL, "number": f"D-{at}"} for at in range(6)]
    for amount in (500, 600):  # the second run sees how many there are
        sync(*orders[:5], {**orders[5], "amount": amount})
        sandbox.clock.advance(3600)
    first, second, *_ = (f"api/v2/deals/{deal['id']}" for deal in deals())
    by_hand("PATCH", first, {"value": 70, "is_archived": True})
    sandbox.clock.advance(3600)
    by_hand("PATCH", second, {"value": 80})
    broken = {"status": 503, "body": {"success": False}}
    sandbox.fault("/pipedrive/api/v2/deals/archived", "GET", times=None, action=broken)
    assert sync({**orders[5], "amount": 900}).exit_code == 69
    sandbox.clear_faults()
    run = sync({**orders[0], "amount": 900})
    assert run.reasons["conflict"] == 1
    assert deals()[0]["value"] == 70


def test_deals_may_be_matched_by_title_alone(sync, deals):
    more = {"match": {"from": "title", "to": "Title"}, "fields": FIELDS[1:3]}
    for _ in range(2):
        sync(DEAL, more=more)
    assert [deal["title"] for deal in deals()] == ["Acme renewal"]


def test_a_deleted_order_deletes_its_deal_where_that_is_asked_for(sync, deals):
    sync(DEAL)
    sync({"number": "D-1", "is_deleted": True}, more={"on_delete": "delete"})
    assert deals()[0]["is_deleted"]


def test_a_dry_run_creates_nothing(sync, deals):
    assert sync(DEAL, dry_run=True).reasons == {"planned": 1}
    assert deals() == []


def test_deals_need_a_field_to_match_by(sync):
    run = sync(DEAL, more={"match": "number"})
    assert run.exit_code == 1
    assert "deals are matched by a field of your choice" in run.log


def test_the_readme_has_the_table_of_entities():
    readme = Path(__file__).parents[1] / "README.md"
    assert f"entities_table -->\n{table()}<!-- entities: end -->" in readme.read_text("utf-8")
