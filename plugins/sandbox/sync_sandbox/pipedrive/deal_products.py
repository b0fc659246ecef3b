"""Products attached to deals: v2, and the list of v1 that is out of support."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import writes
from sync_sandbox.pipedrive.calls import Answer
from sync_sandbox.pipedrive.candidates import candidates
from sync_sandbox.pipedrive.entities_deals import DEAL_PRODUCT
from sync_sandbox.pipedrive.entities_sales import DEAL
from sync_sandbox.pipedrive.errors import ApiError, InvalidError, missing
from sync_sandbox.pipedrive.reads import id_argument, page, read

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.store import Row

DEFAULT_LIMIT = 100
# The step between two products of a deal; the vendor's example begins at 50.
STEP = 50
PERCENT = 100


def list_of_deal(call: Call) -> Answer:
    """GET /deals/{id}/products."""
    deal = read(call, DEAL, id_argument(call))
    return _page(call, {deal["id"]})


def list_of_deals(call: Call) -> Answer:
    """GET /deals/products?deal_ids=."""
    return _page(call, set(call.query["deal_ids"]))


def _page(call: Call, deals: set[int]) -> Answer:
    seen = {one for one in deals if call.state.find("deal", one)}
    rows = candidates(call, DEAL_PRODUCT)
    return page(call, rows, [lambda row: row["deal_id"] in seen], lambda row: show(call, row))


def show(call: Call, row: Row) -> Row:
    """A row with what follows from its product, its deal and its numbers."""
    product = call.state.tables["product"].rows[row["product_id"]]
    deal = call.state.tables["deal"].rows[row["deal_id"]]
    return {**row, "name": product["name"], "currency": deal["currency"], "sum": total(row)}


def total(row: Row) -> float:
    """Price by quantity less the discount. Whether an exclusive tax counts is undocumented."""
    full: float = row["item_price"] * row["quantity"]
    in_percent = row["discount_type"] == "percentage"
    discount = full * row["discount"] / PERCENT if in_percent else row["discount"]
    return float(round(full - discount, 2))


def attach(call: Call) -> Row:
    """POST /deals/{id}/products."""
    deal = writes.writable(call, DEAL)
    values = _checked(call, None)
    order = STEP * (1 + len(attached(call, deal["id"])))
    values = {**values, "deal_id": deal["id"], "order_nr": order}
    return show(call, writes.insert(call.state, DEAL_PRODUCT, values, call.identity.user_id))


def change(call: Call) -> Row:
    """PATCH /deals/{id}/products/{attachment}."""
    row = _find(call)
    writes.apply(call.state, DEAL_PRODUCT, row, _checked(call, row))
    return show(call, row)


def detach(call: Call) -> Row:
    """DELETE /deals/{id}/products/{attachment}: gone at once."""
    row = _find(call)
    call.state.tables["deal_product"].remove(row["id"])
    return {"id": row["id"]}


def _checked(call: Call, row: Row | None) -> Row:
    values = writes.check_body(call, DEAL_PRODUCT, creating=row is None)
    for name in DEAL_PRODUCT.required if row is None else ():
        if name not in values:
            raise InvalidError(name, "is required")
    after = {**DEAL_PRODUCT.blank, **(row or {}), **values}
    frequency, cycles = after["billing_frequency"], after["billing_frequency_cycles"]
    if frequency == "one-time" and cycles is not None:
        raise InvalidError("billing_frequency_cycles", "must be null when billing is one-time")
    if frequency == "weekly" and cycles is None:
        raise InvalidError("billing_frequency_cycles", "is required when billing is weekly")
    return values


def _find(call: Call) -> Row:
    deal = writes.writable(call, DEAL)
    text = call.args[1]
    row = call.state.tables["deal_product"].rows.get(int(text)) if text.isdigit() else None
    if row is None or row["deal_id"] != deal["id"]:
        raise missing()
    return row


def attached(call: Call, deal_id: int) -> list[Row]:
    """The products of one deal."""
    rows = call.state.tables["deal_product"].rows.values()
    return [row for row in rows if row["deal_id"] == deal_id]


def list_v1(call: Call) -> Answer:
    """GET /v1/deals/{id}/products, which may or may not answer any more."""
    if call.state.switches.get("pipedrive.out_of_support_v1") == "gone":
        text = "It is out of support since August 2026; use /api/v2/deals/{id}/products."
        raise ApiError(404, f"Unknown path {call.path}", text)
    deal = read(call, DEAL, id_argument(call))
    start, limit = call.query.get("start", 0), call.query.get("limit", DEFAULT_LIMIT)
    rows = attached(call, deal["id"])
    more = len(rows) > start + limit
    paging: dict[str, Any] = {"start": start, "limit": limit, "more_items_in_collection": more}
    if more:
        paging["next_start"] = start + limit
    shown = [_v1(show(call, row)) for row in rows[start : start + limit]]
    return Answer(shown or None, {"pagination": paging})


def _v1(row: Row) -> Row:
    """As far as it is known from clients that still read it."""
    shown = {**row, "enabled_flag": row["is_enabled"], "add_time": row["add_time"].rstrip("Z")}
    shown["add_time"] = shown["add_time"].replace("T", " ")
    shown["sum_no_discount"] = round(row["item_price"] * row["quantity"], 2)
    return shown
