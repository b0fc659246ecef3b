"""The seeded pipeline, deals, products, notes and leads. Few, but of each kind some."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from sync_sandbox.pipedrive import v1
from sync_sandbox.pipedrive.entities_deals import DEAL_PRODUCT
from sync_sandbox.pipedrive.entities_sales import DEAL, PIPELINE, PRODUCT, STAGE
from sync_sandbox.pipedrive.entities_v1 import LEAD, LEAD_LABEL, NOTE
from sync_sandbox.pipedrive.fieldsets_sales import LEAD_LABELS, PRODUCTS, STAGES
from sync_sandbox.pipedrive.writes import insert

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row

OWNER = 1
BEGUN = "2025-01-06T08:00:00Z"
# One deal for so many persons; notes and leads are rarer still.
PERSONS_PER_DEAL = 10
PERSONS_PER_NOTE = 25
PERSONS_PER_LEAD = 40
OUTCOMES = ("open", "open", "open", "won", "lost")


def furnish_sales(state: State) -> None:
    """A pipeline with its stages, and the labels of leads."""
    times = {"add_time": BEGUN, "update_time": BEGUN}
    pipeline = insert(state, PIPELINE, {"name": "Sales", "order_nr": 1, **times}, OWNER)
    for number, name in enumerate(STAGES, start=1):
        stage = {"name": name, "order_nr": number, "pipeline_id": pipeline["id"], **times}
        insert(state, STAGE, stage, OWNER)
    for name, color in LEAD_LABELS:
        stamps = dict.fromkeys(times, "2025-01-06T08:00:00.000Z")
        v1.insert(state, LEAD_LABEL, {"name": name, "color": color, **stamps})


def load_sales(state: State) -> None:
    """Products, and a deal, a note or a lead for some persons."""
    chance = random.Random(f"sales:{state.seed}")  # noqa: S311  # repeatable, not secret
    for name, code, price in PRODUCTS:
        prices = [{"price": price, "currency": "USD", "cost": 0, "direct_cost": None, "notes": ""}]
        times = {"add_time": BEGUN, "update_time": BEGUN}
        insert(state, PRODUCT, {"name": name, "code": code, "prices": prices, **times}, OWNER)
    for person in list(state.tables["person"].rows.values()):
        if person["id"] % PERSONS_PER_DEAL == 0:
            deal = insert(state, DEAL, _deal(person, chance), OWNER)
            if deal["status"] == "won":
                insert(state, DEAL_PRODUCT, _sold(deal), OWNER)
        if person["id"] % PERSONS_PER_NOTE == 0:
            v1.insert(state, NOTE, _note(person))
        if person["id"] % PERSONS_PER_LEAD == 0:
            v1.insert(state, LEAD, _lead(person))


def _deal(person: Row, chance: random.Random) -> Row:
    status, since = chance.choice(OUTCOMES), person["update_time"]
    values: Row = {
        "title": f"{person['name'][:60]} deal",
        "person_id": person["id"],
        "org_id": person["org_id"],
        "pipeline_id": 1,
        "stage_id": chance.randrange(len(STAGES)) + 1,
        "value": chance.randrange(1, 90) * 100,
        "status": status,
        "add_time": person["add_time"],
        "update_time": since,
        "stage_change_time": since,
    }
    if status == "open":
        return values
    return {**values, "close_time": since, f"{status}_time": since, "local_close_date": since[:10]}


def _sold(deal: Row) -> Row:
    """One product, sold for the whole value of a deal."""
    times = {"add_time": deal["update_time"], "update_time": deal["update_time"]}
    links = {"deal_id": deal["id"], "product_id": 1, "order_nr": 50}
    return {**links, "item_price": deal["value"], "quantity": 1, **times}


def _note(person: Row) -> Row:
    times = {name: person[name].replace("T", " ")[:19] for name in ("add_time", "update_time")}
    text = "<p>Met at the trade fair, wants to hear about the integrations.</p>"
    return {"content": text, "person_id": person["id"], "user_id": OWNER, **times}


def _lead(person: Row) -> Row:
    stamps = {n: person[n].replace("Z", ".000Z") for n in ("add_time", "update_time")}
    return {
        "title": f"{person['name'][:60]} lead",
        "person_id": person["id"],
        "owner_id": OWNER,
        "creator_id": OWNER,
        **stamps,
    }
