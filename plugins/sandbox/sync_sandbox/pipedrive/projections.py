"""What a search looks at in each entity, and what its hits show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_sandbox.pipedrive.values import SEARCHABLE, searchable_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row


@dataclass(frozen=True)
class Projection:
    """One entity in searches: the fields that can be searched, and the shape of a hit."""

    fields: tuple[str, ...]
    show: Callable[[State, Row], Row]


def texts(state: State, entity: Entity, row: Row, field: str) -> Iterable[str]:
    """The searchable texts of one field of a row."""
    return READERS[field](state, entity, row)


def custom_texts(state: State, entity: str, row: Row) -> list[str]:
    """The texts of the custom fields whose type is searchable."""
    catalogue = state.fields[entity]
    return [
        searchable_text(value)
        for code, value in row["custom_fields"].items()
        if catalogue.get(code)["field_type"] in SEARCHABLE
    ]


READERS: dict[str, Callable[[State, Entity, Row], list[str]]] = {
    "name": lambda _state, _entity, row: [row["name"]],
    "title": lambda _state, _entity, row: [row["title"]],
    "code": lambda _state, _entity, row: [row["code"] or ""],
    "email": lambda _state, _entity, row: [entry["value"] for entry in row["emails"]],
    "phone": lambda _state, _entity, row: [entry["value"] for entry in row["phones"]],
    "address": lambda _state, _entity, row: [(row["address"] or {}).get("value", "")],
    "notes": lambda state, entity, row: state.notes_of(entity.name, row["id"]),
    "custom_fields": lambda state, entity, row: custom_texts(state, entity.name, row),
}


def _owner(row: Row) -> Row | None:
    return {"id": row["owner_id"]} if row["owner_id"] else None


def _organization(state: State, row: Row) -> Row | None:
    linked = state.find("organization", row["org_id"])
    if linked is None:
        return None
    address = (linked["address"] or {}).get("value")
    return {"id": linked["id"], "name": linked["name"], "address": address}


def _person(state: State, row: Row) -> Row:
    return {
        "id": row["id"],
        "type": "person",
        "name": row["name"],
        "phones": [entry["value"] for entry in row["phones"]],
        "emails": [entry["value"] for entry in row["emails"]],
        "visible_to": row["visible_to"],
        "owner": _owner(row),
        "organization": _organization(state, row),
        "custom_fields": custom_texts(state, "person", row),
        "notes": state.notes_of("person", row["id"]),
    }


def _organization_hit(state: State, row: Row) -> Row:
    return {
        "id": row["id"],
        "type": "organization",
        "name": row["name"],
        "address": (row["address"] or {}).get("value"),
        "visible_to": row["visible_to"],
        "owner": _owner(row),
        "custom_fields": custom_texts(state, "organization", row),
        "notes": state.notes_of("organization", row["id"]),
    }


def _deal(state: State, row: Row) -> Row:
    stage = state.find("stage", row["stage_id"])
    person = state.find("person", row["person_id"])
    return {
        "id": row["id"],
        "type": "deal",
        "title": row["title"],
        "value": row["value"],
        "currency": row["currency"],
        "status": row["status"],
        "visible_to": row["visible_to"],
        "owner": _owner(row),
        "stage": None if stage is None else {"id": stage["id"], "name": stage["name"]},
        "person": None if person is None else {"id": person["id"], "name": person["name"]},
        "organization": _organization(state, row),
        "custom_fields": custom_texts(state, "deal", row),
        "notes": state.notes_of("deal", row["id"]),
        "is_archived": row["is_archived"],
    }


def _product(state: State, row: Row) -> Row:
    return {
        "id": row["id"],
        "type": "product",
        "name": row["name"],
        "code": row["code"],
        "visible_to": row["visible_to"],
        "owner": _owner(row),
        "custom_fields": custom_texts(state, "product", row),
    }


PROJECTIONS: dict[str, Projection] = {
    "person": Projection(("name", "email", "phone", "notes", "custom_fields"), _person),
    "organization": Projection(("name", "address", "notes", "custom_fields"), _organization_hit),
    "deal": Projection(("title", "notes", "custom_fields"), _deal),
    "product": Projection(("name", "code", "custom_fields"), _product),
}
