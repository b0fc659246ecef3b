"""`/itemSearch`: one search over several kinds of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_sandbox.pipedrive import cursor
from sync_sandbox.pipedrive.calls import Answer
from sync_sandbox.pipedrive.entities import ENTITIES
from sync_sandbox.pipedrive.projections import PROJECTIONS
from sync_sandbox.pipedrive.search import hits_of, paged

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.store import Row

MAX_LIMIT = 100
MAX_RELATED = 100
# What the parameter takes; kinds that the sandbox doesn't hold are accepted and find nothing.
ITEM_TYPES = (
    "deal",
    "person",
    "organization",
    "product",
    "lead",
    "file",
    "mail_attachment",
    "project",
)
FIELDS = (
    "address",
    "code",
    "custom_fields",
    "email",
    "name",
    "notes",
    "phone",
    "title",
    "description",
)
INCLUDE = ("deal.cc_email", "person.picture", "product.price")
RELATED = {"person": "person_id", "organization": "org_id"}


def search_items(call: Call) -> Answer:
    """Search all kinds, or those of `item_types`, best hits first."""
    hits: list[Row] = []
    for name in call.query.get("item_types", ITEM_TYPES):
        if name in PROJECTIONS:
            known = PROJECTIONS[name].fields
            wanted = [f for f in call.query.get("fields", FIELDS) if f in known]
            hits += hits_of(call, ENTITIES[name], wanted)
    hits.sort(key=lambda hit: (-hit["result_score"], hit["item"]["type"], hit["item"]["id"]))
    rows, following = paged(call, hits, MAX_LIMIT)
    related = _related(call, rows) if call.query.get("search_for_related_items") else []
    return Answer({"items": rows, "related_items": related}, cursor.beside(call, following))


def _related(call: Call, rows: list[Row]) -> list[Row]:
    """The newest deals of the persons and organizations that were found."""
    found: list[Row] = []
    deals = call.state.tables["deal"].rows
    for hit in rows:
        column = RELATED.get(hit["item"]["type"])
        if column is not None:
            linked = [
                deal
                for deal in reversed(deals.values())
                if deal[column] == hit["item"]["id"] and not deal["is_deleted"]
            ]
            found += linked[:MAX_RELATED]
    show = PROJECTIONS["deal"].show
    return [{"result_score": 0, "item": show(call.state, deal)} for deal in found]
