"""Records that only v1 serves: pages by start and limit, its own time stamps and ids."""

from __future__ import annotations

import uuid
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.calls import NOTHING, Answer
from sync_sandbox.pipedrive.entities_v1 import WEBHOOK
from sync_sandbox.pipedrive.errors import ApiError, InvalidError, missing
from sync_sandbox.pipedrive.reads import id_argument
from sync_sandbox.pipedrive.v1_rules import NUMBERED, RULES, SHOWS, Stamp
from sync_sandbox.pipedrive.writes import check_body

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row

DEFAULT_LIMIT = 100
MAX_LIMIT = {"file": 100}
# Leads give their paging flat and without next_start (vendor's OpenAPI file).
FLAT_PAGING = ("lead",)
# The endpoints that answer with every row at once.
UNPAGED = ("lead_label", "filter", "webhook")
# Webhooks say once more beside the data how it went.
MORE: dict[str, dict[str, Any]] = {"webhook": {"status": "ok"}}


def find(call: Call, entity: Entity) -> Row:
    """The stored row that the path names.

    Raises:
        ApiError: 404, there is none.
    """
    text: Any = call.args[0]
    if entity.name in NUMBERED:
        if not text.isdigit():
            raise InvalidError("id", f"must be an integer, not {text!r}")
        text = int(text)
    row = call.state.tables[entity.name].rows.get(text)
    if row is None:
        raise missing()
    return row


def get_one(call: Call, entity: Entity) -> Row:
    """GET by id."""
    return show(call, entity, find(call, entity))


def get_page(call: Call, entity: Entity) -> Answer:
    """GET of a list."""
    if "filter_id" in call.query:
        raise InvalidError("filter_id", f"{call.query['filter_id']} is no filter of {entity.path}")
    rows = _sorted(call, entity, _matching(call, entity))
    if entity.name in UNPAGED:
        return Answer([show(call, entity, row) for row in rows], more=MORE.get(entity.name, {}))
    start, size = call.query.get("start", 0), _size(call, entity)
    page = {"start": start, "limit": size, "more_items_in_collection": len(rows) > start + size}
    shown = [show(call, entity, row) for row in rows[start : start + size]]
    if entity.name in FLAT_PAGING:
        return Answer(shown, page)
    if page["more_items_in_collection"]:
        page["next_start"] = start + size
    return Answer(shown, {"pagination": page})


def _size(call: Call, entity: Entity) -> int:
    size: int = call.query.get("limit", DEFAULT_LIMIT)
    most = MAX_LIMIT.get(entity.name, 500)
    if size > most and call.state.switches.get("pipedrive.limit_over_maximum") == "refuse":
        raise InvalidError("limit", f"must be at most {most}, not {size}")
    return min(size, most)


def _matching(call: Call, entity: Entity) -> Iterable[Row]:
    wanted = [(field, call.query[n]) for n, field in entity.filters.items() if n in call.query]
    since = call.query.get("updated_since")
    first, last = call.query.get("start_date"), call.query.get("end_date")
    stamp = Stamp.of(entity)
    for row in call.state.tables[entity.name].rows.values():
        if any(row[field] != value for field, value in wanted):
            continue
        if since is not None and stamp.seconds(row["update_time"]) < since:
            continue
        if (first and row["add_time"][:10] < first) or (last and row["add_time"][:10] > last):
            continue
        if entity.name == "lead" and row["is_archived"] != call.path.endswith("/archived"):
            continue
        yield row


def _sorted(call: Call, entity: Entity, rows: Iterable[Row]) -> list[Row]:
    """`sort=field ASC, other DESC`; without it by id, or by time where ids are not numbers."""
    ordered = list(rows)
    if entity.name in NUMBERED:
        ordered.sort(key=lambda row: row["id"])
    for field, descending in reversed(_sort_keys(call, entity)):
        ordered.sort(
            key=lambda row, f=field: (row[f] is not None, row[f]),  # type: ignore[misc]
            reverse=descending,
        )
    return ordered


def _sort_keys(call: Call, entity: Entity) -> list[tuple[str, bool]]:
    keys = []
    for part in call.query.get("sort", "").split(","):
        field, _, direction = part.strip().partition(" ")
        if not field:
            continue
        if field not in entity.sort or direction.upper() not in ("", "ASC", "DESC"):
            raise InvalidError("sort", f"{part.strip()!r} is not one of {', '.join(entity.sort)}")
        keys.append((field, direction.upper() == "DESC"))
    return keys


def show(call: Call, entity: Entity, row: Row) -> Row:
    """A row as v1 shows it."""
    shower = SHOWS.get(entity.name)
    return row if shower is None else shower(call, row)


def create(call: Call, entity: Entity) -> Answer:
    """POST: a new record."""
    values = check_body(call, entity, creating=True)
    for name in entity.required:
        if name not in values:
            raise InvalidError(name, "is required")
    row = insert(call.state, entity, RULES[entity.name](call, values, None))
    return Answer(show(call, entity, row), more=MORE.get(entity.name, {}))


def insert(state: State, entity: Entity, values: Row) -> Row:
    """Add a row with its defaults; `values` are already checked."""
    table, now = state.tables[entity.name], Stamp.of(entity).now(state)
    row = deepcopy(entity.blank)
    row["id"] = table.new_id()
    if entity.name not in NUMBERED:
        row["id"] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{state.seed}:{entity.name}:{row['id']}"))
    row.update({name: now for name in ("add_time", "update_time") if name in row})
    row.update(values)
    return table.insert(row)


def change(call: Call, entity: Entity) -> Row:
    """PUT or PATCH: only what is sent changes."""
    row = find(call, entity)
    values = RULES[entity.name](call, check_body(call, entity, creating=False), row)
    values["update_time"] = Stamp.of(entity).now(call.state)
    call.state.tables[entity.name].update(row, values)
    return show(call, entity, row)


def delete(call: Call, entity: Entity) -> Any:
    """DELETE: gone at once."""
    row = find(call, entity)
    call.state.tables[entity.name].remove(row["id"])
    return True if entity.name == "note" else {"id": row["id"]}


def delete_webhook(call: Call) -> Answer:
    """DELETE of a webhook, which answers in its own shape."""
    if call.state.tables["webhook"].rows.get(id_argument(call)) is None:
        refusal = ApiError(404, "not found")
        refusal.own_payload = {"status": "error", "success": False, "errors": {"id": ["not found"]}}
        raise refusal
    delete(call, WEBHOOK)
    return Answer(NOTHING, more={"status": "ok"})
