"""The Fields API: definitions, their options, and the schema changes that they bring."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import checks, cursor
from sync_sandbox.pipedrive.calls import Answer
from sync_sandbox.pipedrive.catalogue import CREATABLE, Field
from sync_sandbox.pipedrive.errors import ApiError, InvalidError, missing
from sync_sandbox.pipedrive.reads import page_size

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State

WITH_OPTIONS = ("enum", "set")
MAX_OPTIONS = 10_000
LONGEST_NAME = 255
# Settings of the web interface: accepted, checked for their type, given back on request.
PRESENTATION: dict[str, dict[str, Any]] = {
    "ui_visibility": {"add_visible_flag": False, "details_visible_flag": True},
    "important_fields": {"enabled": False, "stage_ids": []},
    "required_fields": {"enabled": False},
}
ENTITY_CODES = {"email": "emails", "phone": "phones"}


def list_fields(call: Call, entity: Entity) -> Answer:
    """GET of all definitions, in pages."""
    known = call.state.fields[entity.name].all()
    start, size = 0, page_size(call)
    mark = cursor.fingerprint(call)
    if "cursor" in call.query:
        start = cursor.decode(call.query["cursor"], mark)["id"]
    following = start + size
    more = following < len(known)
    marker = {"field": "id", "fieldValue": following, "sortDirection": "asc", "id": following}
    next_cursor = cursor.encode({**marker, "query": mark}) if more else None
    shown = [_show(call, field) for field in known[start:following]]
    return Answer(shown, cursor.beside(call, next_cursor))


def get_field(call: Call, entity: Entity) -> Field:
    """GET of one definition."""
    return _show(call, _find(call, entity))


def create_field(call: Call, entity: Entity) -> Field:
    """POST of a definition; returns its new key."""
    body = checks.mapping("body", call.body, ("field_name", "field_type", "options", *PRESENTATION))
    name = _name(body.get("field_name"))
    kind = body.get("field_type")
    if kind not in CREATABLE:
        raise InvalidError("field_type", f"must be one of {', '.join(CREATABLE)}, not {kind!r}")
    labels = _labels("options", body.get("options"), kind)
    field = call.state.add_field(entity.name, name, kind, labels)
    _present(field, body)
    return _show(call, field)


def change_field(call: Call, entity: Entity) -> Field:
    """PATCH of a definition; its type can't change."""
    field = _find(call, entity)
    body = checks.mapping("body", call.body, ("field_name", *PRESENTATION))
    if "field_name" in body:
        field["field_name"] = _name(body["field_name"])
    _present(field, body)
    return _show(call, field)


def delete_field(call: Call, entity: Entity) -> Field:
    """DELETE of a custom field: its values go with it."""
    field = _custom(call, entity)
    remove_field(call.state, entity.name, field["field_code"])
    return _show(call, field)


def remove_field(state: State, entity: str, code: str) -> None:
    """Take a field and its values out of the company."""
    state.fields[entity].remove(code)
    for row in state.tables[entity].rows.values():
        row["custom_fields"].pop(code, None)


def add_options(call: Call, entity: Entity) -> Answer:
    """POST of options; returns the new ones with their ids."""
    field = _custom(call, entity)
    labels = _labels("body", call.body, field["field_type"])
    added = [call.state.option(label) for label in labels or ()]
    field["options"] = [*field["options"], *added]
    return Answer(added, None)


def change_options(call: Call, entity: Entity) -> Answer:
    """PATCH of options: new labels by id, all or none."""
    field = _custom(call, entity)
    known = {option["id"]: option for option in field["options"] or ()}
    wanted = [
        checks.mapping(f"body[{index}]", item, ("id", "label"), ("id", "label"))
        for index, item in enumerate(checks.array("body", call.body))
    ]
    labels = {_known("id", item["id"], known): _name(item["label"]) for item in wanted}
    for option_id, label in labels.items():
        known[option_id]["label"] = label
    return Answer([dict(known[option_id]) for option_id in labels], None)


def delete_options(call: Call, entity: Entity) -> Answer:
    """DELETE of options, all or none; records lose the value."""
    field = _custom(call, entity)
    known = {option["id"]: option for option in field["options"] or ()}
    gone = [
        _known("id", checks.mapping(f"body[{index}]", item, ("id",), ("id",))["id"], known)
        for index, item in enumerate(checks.array("body", call.body))
    ]
    removed = [dict(known[option_id]) for option_id in gone]
    remove_options(call.state, entity.name, field, set(gone))
    return Answer(removed, None)


def remove_options(state: State, entity: str, field: Field, gone: set[int]) -> None:
    """Take options out of a field and out of the records."""
    field["options"] = [option for option in field["options"] if option["id"] not in gone]
    code = field["field_code"]
    for row in state.tables[entity].rows.values():
        custom = row["custom_fields"]
        value = custom.get(code)
        left = [one for one in value if one not in gone] if isinstance(value, list) else value
        if value in ([], None) or left == [] or (isinstance(value, int) and value in gone):
            custom.pop(code, None)
        elif left != value:
            custom[code] = left


def _find(call: Call, entity: Entity) -> Field:
    wanted = call.args[0]
    catalogue = call.state.fields[entity.name]
    if _entity_codes(call):
        wanted = {late: early for early, late in ENTITY_CODES.items()}.get(wanted, wanted)
    field = catalogue.find(wanted)
    if field is None:
        raise missing()
    return field


def _custom(call: Call, entity: Entity) -> Field:
    field = _find(call, entity)
    if not field["is_custom_field"]:
        raise ApiError(403, "System fields can't be changed", "Only custom fields can.")
    return field


def _entity_codes(call: Call) -> bool:
    return bool(call.state.switches.get("pipedrive.system_field_codes") == "entity")


def _show(call: Call, field: Field) -> Field:
    hidden = {"number", *PRESENTATION}
    shown = {name: value for name, value in field.items() if name not in hidden}
    if _entity_codes(call):
        shown["field_code"] = ENTITY_CODES.get(field["field_code"], field["field_code"])
    if call.state.switches.get("pipedrive.is_writable_flag"):
        shown["is_writable"] = field["is_custom_field"]
    for name in call.query.get("include_fields", ()):
        shown[name] = {**PRESENTATION[name], **field.get(name, {})}
    return deepcopy(shown)


def _present(field: Field, body: dict[str, Any]) -> None:
    for name in PRESENTATION:
        if name in body:
            if not isinstance(body[name], dict):
                raise InvalidError(name, f"expected object, received {checks.kind_of(body[name])}")
            field[name] = body[name]


def _name(value: Any) -> str:
    name = checks.string("field_name", value, LONGEST_NAME)
    if not name:
        raise InvalidError("field_name", "must not be empty")
    return name


def _labels(path: str, value: Any, kind: str) -> list[str] | None:
    if kind not in WITH_OPTIONS:
        if value is not None:
            raise InvalidError(path, f"a field of type {kind} has no options")
        return None
    if not value:
        raise InvalidError(path, f"at least one option is required for type {kind}")
    items = checks.array(path, value)
    if len(items) > MAX_OPTIONS:
        raise InvalidError(path, f"must hold at most {MAX_OPTIONS} options")
    return [
        checks.string(
            f"{path}[{index}].label", checks.mapping(path, item, ("label",), ("label",))["label"]
        )
        for index, item in enumerate(items)
    ]


def _known(path: str, value: Any, options: dict[int, Any]) -> int:
    option_id = checks.integer(path, value)
    if option_id not in options:
        raise InvalidError(path, f"{option_id} is not an option of this field")
    return option_id
