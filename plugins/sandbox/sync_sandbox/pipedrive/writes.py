"""Creating, changing and deleting records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import history, kinds
from sync_sandbox.pipedrive import values as custom_values
from sync_sandbox.pipedrive.errors import ApiError, InvalidError, missing
from sync_sandbox.pipedrive.reads import id_argument, read, render
from sync_sandbox.pipedrive.rules import RULES

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row


def create(call: Call, entity: Entity) -> Row:
    """POST: a new record."""
    changes = check_body(call, entity, creating=True)
    for name in entity.required:
        if name not in changes:
            raise InvalidError(name, "is required")
    changes = RULES[entity.name](call, changes, None)
    return render(call, entity, insert(call.state, entity, changes, call.identity.user_id))


def insert(state: State, entity: Entity, values: Row, user_id: int) -> Row:
    """Add a row with its defaults; `values` are already checked."""
    table, stamp = state.tables[entity.name], state.stamp()
    row: Row = {
        name: value.copy() if isinstance(value, (list, dict)) else value
        for name, value in entity.blank.items()
    }
    row.update(id=table.new_id(), add_time=stamp, update_time=stamp)
    if "owner_id" in row:
        row["owner_id"] = user_id
    if "creator_user_id" in row:
        row["creator_user_id"] = user_id
    row.update(values)
    if entity.custom:
        row["custom_fields"] = _filled(row["custom_fields"])
    table.insert(row)
    if entity.name == "deal":
        history.begin(state, row, user_id)
    return row


def change(call: Call, entity: Entity) -> Row:
    """PATCH: only what is sent changes."""
    row = writable(call, entity)
    if not call.body:
        raise InvalidError("body", "must hold at least one field")
    changes = check_body(call, entity, creating=False)
    changes = RULES[entity.name](call, changes, row)
    before = row.copy() if entity.name == "deal" else None
    apply(call.state, entity, row, changes)
    if before is not None:
        history.follow(call.state, before, row, call.identity.user_id)
    return render(call, entity, row)


def apply(state: State, entity: Entity, row: Row, changes: Row) -> None:
    """Change a stored row; `changes` are already checked."""
    merged = {name: _merged(state, name, row.get(name), value) for name, value in changes.items()}
    same = all(row.get(name) == value for name, value in merged.items())
    if not same or state.switches.get("pipedrive.noop_patch_touches"):
        merged["update_time"] = state.stamp()
        state.tables[entity.name].update(row, merged)


def _merged(state: State, name: str, old: Any, new: Any) -> Any:
    if name == "custom_fields":
        keeps = state.switches.get("pipedrive.patch_custom_fields") == "merge"
        return _filled({**(old if keeps else {}), **new})
    if name in ("emails", "phones") and state.switches.get("pipedrive.patch_lists") == "merge":
        return _union(old, new)
    return new


def _union(old: list[Row], new: list[Row]) -> list[Row]:
    values = {row["value"] for row in new}
    return [*new, *({**row, "primary": False} for row in old if row["value"] not in values)]


def _filled(custom: Row) -> Row:
    """Stored rows keep only the custom fields that have a value."""
    return {code: value for code, value in custom.items() if value is not None}


def delete(call: Call, entity: Entity) -> Row:
    """DELETE: soft, and from then on update_time is the time of deletion, if the switch agrees."""
    row, state = writable(call, entity), call.state
    touched = state.switches.get("pipedrive.delete_touches")
    time = {"update_time": state.stamp()} if touched else {}
    state.tables[entity.name].update(row, {"is_deleted": True, **time})
    return {"id": row["id"]}


def writable(call: Call, entity: Entity) -> Row:
    """The record that a write names; one that is deleted can't be written."""
    row = read(call, entity, id_argument(call))
    if row["is_deleted"]:
        raise missing()
    return row


def check_body(call: Call, entity: Entity, *, creating: bool) -> Row:
    """The body's fields, each checked against the entity's table.

    Raises:
        ApiError: a field is unknown, read-only, gated, or holds a wrong value.
    """
    if not isinstance(call.body, dict):
        raise InvalidError("body", "must be a JSON object")
    checked = {}
    for name, value in call.body.items():
        field = _inherited(call.state, entity, name)
        if field is not None:
            checked[name] = custom_values.check(call.state, field, value)
            continue
        _check_writable(call.state, entity, name, creating=creating)
        checked[name] = kinds.check(call.state, entity, name, value)
    return checked


def _inherited(state: State, entity: Entity, name: str) -> Row | None:
    """The custom field of another entity that its own rows have as well."""
    return None if entity.inherits is None else state.fields[entity.inherits].custom(name)


def _check_writable(state: State, entity: Entity, name: str, *, creating: bool) -> None:
    if name in entity.read_only:
        raise InvalidError(name, "is read-only")
    if name not in entity.body:
        raise InvalidError(name, "is not a known field")
    if name in entity.create_only and not creating:
        raise InvalidError(name, "can only be set when the record is created")
    if name in entity.change_only and creating:
        raise InvalidError(name, "can only be set once the record is there")
    gate = entity.gated.get(name)
    if gate is not None and not state.switches.get(gate):
        # A third-party report says 403; the vendor's files don't say.
        raise ApiError(403, f"{name} is not available for this company", "Feature is not enabled.")
