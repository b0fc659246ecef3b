"""PUT /v1/{entity}/{id}/merge: the record in the path goes, `merge_with_id` stays and wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import checks
from sync_sandbox.pipedrive.errors import InvalidError
from sync_sandbox.pipedrive.writes import apply, writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.store import Row

# Never taken over from the record that goes.
OWN = frozenset({"id", "add_time", "update_time", "is_deleted"})
# Columns of other tables that point at a record.
POINTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "person": (("activity", "person_id"), ("deal", "person_id"), ("note", "person_id")),
    "organization": (
        ("person", "org_id"),
        ("activity", "org_id"),
        ("deal", "org_id"),
        ("note", "org_id"),
    ),
    "deal": (("activity", "deal_id"), ("note", "deal_id"), ("deal_product", "deal_id")),
}


def merge(call: Call, entity: Entity) -> Row:
    """Merge two records."""
    loser = writable(call, entity)
    body = checks.mapping("body", call.body, ("merge_with_id",), ("merge_with_id",))
    winner_id = checks.integer("merge_with_id", body["merge_with_id"])
    winner = call.state.find(entity.name, winner_id)
    if winner is None or winner is loser:
        raise InvalidError("merge_with_id", f"{winner_id} is no other {entity.name}")
    apply(call.state, entity, winner, _taken_over(winner, loser))
    _repoint(call, entity, loser["id"], winner_id)
    gone = {"is_deleted": True, "update_time": call.state.stamp()}
    call.state.tables[entity.name].update(loser, gone)
    return SHOWS[entity.name](winner, loser)


def _taken_over(winner: Row, loser: Row) -> Row:
    """What the winner lacks and the loser has; lists and custom fields are united."""
    changes: Row = {}
    for name, value in loser.items():
        if name in OWN:
            continue
        if name == "custom_fields":
            changes[name] = {**value, **winner[name]}
        elif name in ("emails", "phones"):
            known = {entry["value"].casefold() for entry in winner[name]}
            more = [{**e, "primary": False} for e in value if e["value"].casefold() not in known]
            changes[name] = [*winner[name], *more] if winner[name] else value
        elif winner.get(name) in (None, []) and value not in (None, []):
            changes[name] = value
    return changes


def _repoint(call: Call, entity: Entity, old: int, new: int) -> None:
    for table_name, column in POINTERS[entity.name]:
        table = call.state.tables[table_name]
        for row in [one for one in table.rows.values() if one[column] == old]:
            changes: dict[str, Any] = {column: new}
            if table_name == "activity" and column == "person_id":
                changes["participants"] = [
                    {**one, "person_id": new if one["person_id"] == old else one["person_id"]}
                    for one in row["participants"]
                ]
            table.update(row, changes)


def spaced(stamp: str | None) -> str | None:
    """A v2 time stamp as v1 writes it."""
    return None if stamp is None else stamp[:19].replace("T", " ")


def _common(winner: Row) -> Row:
    times = {name: spaced(winner[name]) for name in ("add_time", "update_time")}
    return {"id": winner["id"], **times, "visible_to": str(winner["visible_to"])}


def _person(winner: Row, loser: Row) -> Row:
    names = ("name", "first_name", "last_name", "owner_id", "org_id", "label_ids")
    own = {name: winner[name] for name in names}
    contacts = {"email": winner["emails"], "phone": winner["phones"]}
    return {**_common(winner), **own, **contacts, "active_flag": True, "merge_what_id": loser["id"]}


def _deal(winner: Row, _loser: Row) -> Row:
    names = ("title", "value", "currency", "status", "stage_id", "pipeline_id", "person_id")
    own = {name: winner[name] for name in (*names, "org_id", "creator_user_id")}
    return {**_common(winner), **own, "user_id": winner["owner_id"], "active": True}


SHOWS: dict[str, Callable[[Row, Row], Row]] = {
    "person": _person,
    "organization": lambda winner, _loser: {"id": winner["id"]},
    "deal": _deal,
}
