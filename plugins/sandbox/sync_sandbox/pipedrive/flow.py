"""What v1 shows of a deal's life: its changes, notes, files and activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_sandbox.pipedrive.calls import Answer
from sync_sandbox.pipedrive.entities_sales import DEAL
from sync_sandbox.pipedrive.params import Param, Params, choice, offset, positive, several
from sync_sandbox.pipedrive.reads import id_argument, read
from sync_sandbox.pipedrive.v1_rules import show_file, show_note

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.store import Row

DEFAULT_LIMIT = 100
# Every kind of the vendor's file; what the sandbox doesn't keep is taken and finds nothing.
ITEMS = (
    "call",
    "activity",
    "plannedActivity",
    "change",
    "note",
    "deal",
    "file",
    "dealChange",
    "personChange",
    "organizationChange",
    "follower",
    "dealFollower",
    "personFollower",
    "organizationFollower",
    "participant",
    "comment",
    "mailMessage",
    "mailMessageWithAttachment",
    "invoice",
    "document",
    "marketing_campaign_stat",
    "marketing_status_change",
)
PARAMS: Params = {
    "start": Param(offset),
    "limit": Param(positive),
    "all_changes": Param(choice("0", "1")),
    "items": Param(several(*ITEMS)),
}


def flow(call: Call) -> Answer:
    """GET /v1/deals/{id}/flow: newest first; the file does not say in which order."""
    deal = read(call, DEAL, id_argument(call))
    entries = [*_changes(call, deal), *_linked(call, deal)]
    wanted = call.query.get("items")
    rows = [row for kinds, row in entries if wanted is None or kinds.intersection(wanted)]
    rows.sort(key=lambda row: row["timestamp"], reverse=True)
    start, limit = call.query.get("start", 0), call.query.get("limit", DEFAULT_LIMIT)
    more = len(rows) > start + limit
    paging = {"start": start, "limit": limit, "more_items_in_collection": more}
    return Answer(rows[start : start + limit], paging)


def _changes(call: Call, deal: Row) -> list[tuple[set[str], Row]]:
    all_of_them = call.query.get("all_changes") == "1"
    catalogue = call.state.fields["deal"]
    return [
        ({"change", "dealChange"}, _entry("dealChange", row["log_time"], row))
        for row in call.state.tables["deal_change"].rows.values()
        if row["item_id"] == deal["id"]
        and (all_of_them or catalogue.custom(row["field_key"]) is None)
    ]


def _linked(call: Call, deal: Row) -> list[tuple[set[str], Row]]:
    def of(table: str) -> list[Row]:
        rows = call.state.tables[table].rows.values()
        return [row for row in rows if row["deal_id"] == deal["id"] and not row.get("is_deleted")]

    notes = [({"note"}, _entry("note", n["add_time"], show_note(call, n))) for n in of("note")]
    files = [({"file"}, _entry("file", f["add_time"], show_file(call, f))) for f in of("file")]
    return [*notes, *files, *(_activity(row) for row in of("activity"))]


def _activity(row: Row) -> tuple[set[str], Row]:
    known = ("id", "subject", "type", "done", "due_date", "person_id", "org_id", "deal_id", "note")
    own = {name: row[name] for name in known}
    when = row["add_time"][:19].replace("T", " ")
    kinds = {"activity" if row["done"] else "plannedActivity"}
    return kinds, _entry("activity", when, {**own, "user_id": row["owner_id"], "add_time": when})


def _entry(kind: str, when: str, data: Row) -> Row:
    return {"object": kind, "timestamp": when, "data": data}
