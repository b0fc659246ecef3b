"""Fields that an answer shows only when `include_fields` asks: counters, next and last activity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row

    Reader = Callable[[State, Entity, Row], Any]

LINKS = {"person": "person_id", "organization": "org_id", "deal": "deal_id"}


def optional(state: State, entity: Entity, row: Row, name: str) -> Any:
    """The value of one optional field; what the sandbox does not model is null, a count 0."""
    reader = READERS.get(name)
    if reader is not None:
        return reader(state, entity, row)
    return 0 if name.endswith("_count") else None


def linked(state: State, table: str, entity: Entity, row: Row) -> list[Row]:
    """Rows of another table that point at this one."""
    rows = state.tables[table].pointing(LINKS[entity.name], row["id"])
    return [one for one in rows if not one.get("is_deleted")]


def _activities(done: bool | None) -> Reader:
    def reader(state: State, entity: Entity, row: Row) -> int:
        rows = linked(state, "activity", entity, row)
        return sum(done is None or one["done"] == done for one in rows)

    return reader


def _edge(done: bool) -> Reader:
    """The earliest open activity, or the latest done one."""

    def reader(state: State, entity: Entity, row: Row) -> int | None:
        rows = [one for one in linked(state, "activity", entity, row) if one["done"] == done]
        rows.sort(key=lambda one: (one["due_date"] or "9999", one["id"]), reverse=done)
        return rows[0]["id"] if rows else None

    return reader


def _deals(*statuses: str) -> Reader:
    def reader(state: State, entity: Entity, row: Row) -> int:
        return sum(deal["status"] in statuses for deal in linked(state, "deal", entity, row))

    return reader


READERS: dict[str, Reader] = {
    "activities_count": _activities(None),
    "done_activities_count": _activities(done=True),
    "undone_activities_count": _activities(done=False),
    "next_activity_id": _edge(done=False),
    "last_activity_id": _edge(done=True),
    "open_deals_count": _deals("open"),
    "won_deals_count": _deals("won"),
    "lost_deals_count": _deals("lost"),
    "closed_deals_count": _deals("won", "lost"),
    "notes_count": lambda state, entity, row: len(linked(state, "note", entity, row)),
    "products_count": lambda state, entity, row: len(linked(state, "deal_product", entity, row)),
    "people_count": lambda state, entity, row: len(linked(state, "person", entity, row)),
    "smart_bcc_email": lambda state, entity, row: (
        f"{state.company['company_domain']}+{entity.name}{row['id']}@pipedrivemail.example"
    ),
}
