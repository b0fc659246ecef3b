"""What v1 serves whole: users, activity types, currencies, lead sources, fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import checks
from sync_sandbox.pipedrive.calls import Answer
from sync_sandbox.pipedrive.errors import InvalidError, missing
from sync_sandbox.pipedrive.params import Param, Params, choice, flag, text
from sync_sandbox.pipedrive.reads import id_argument
from sync_sandbox.pipedrive.values import SEARCHABLE

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.store import Row

FIND: Params = {"term": Param(text, required=True), "search_by_email": Param(flag)}
APPS = ("sales", "projects", "campaigns", "global", "account_settings")
APP: Params = {"app": Param(choice(*APPS))}
LEAD_SOURCES = (
    "Manually created",
    "Deal",
    "Web forms",
    "Prospector",
    "LeadBooster",
    "Live chat",
    "Import",
    "Website visitors",
    "Workflow automation",
    "API",
)
TYPE_BODY = ("name", "icon_key", "color", "order_nr")
NOTE_FIELDS: tuple[dict[str, Any], ...] = tuple(
    {"field_code": code, "field_name": name, "field_type": kind, "options": None}
    for code, name, kind in (
        ("id", "ID", "int"),
        ("content", "Content", "text"),
        ("user_id", "User", "user"),
        ("deal_id", "Deal", "deal"),
        ("person_id", "Person", "people"),
        ("org_id", "Organization", "org"),
        ("lead_id", "Lead", "lead"),
        ("add_time", "Created", "date"),
        ("update_time", "Updated", "date"),
    )
)
DEFAULT_FIELD_LIMIT = 100
# The sandbox keeps no times for definitions; v2 does not have any.
DEFINED = "2024-01-08 09:00:00"


def users(call: Call) -> list[Row]:
    """GET /v1/users: everybody, deactivated ones too."""
    return [_user(call, user) for user in call.state.users.values()]


def user(call: Call) -> Row:
    """GET /v1/users/{id}."""
    found = call.state.users.get(id_argument(call))
    if found is None:
        raise missing()
    return _user(call, found)


def find_users(call: Call) -> list[Row]:
    """GET /v1/users/find: by a part of the name, or of the e-mail."""
    key = "email" if call.query.get("search_by_email") else "name"
    term = call.query["term"].casefold()
    return [one for one in users(call) if term in one[key].casefold()]


def me(call: Call) -> Row:
    """GET /v1/users/me: the caller, with the company."""
    return {**_user(call, call.state.users[call.identity.user_id]), **call.state.company}


def _user(call: Call, row: Row) -> Row:
    return {**row, "is_you": row["id"] == call.identity.user_id}


def permission_sets(call: Call) -> list[Row]:
    """GET /v1/permissionSets."""
    sets = call.state.permission_sets
    counts: dict[str, int] = {}
    for one in call.state.users.values():
        for access in one["access"]:
            counts[access["permission_set_id"]] = counts.get(access["permission_set_id"], 0) + 1
    wanted = call.query.get("app")
    rows = [one for one in sets if wanted in (None, one["app"])]
    return [{**one, "assignment_count": counts.get(one["id"], 0)} for one in rows]


def currencies(call: Call) -> list[Row]:
    """GET /v1/currencies."""
    term = call.query.get("term", "").casefold()
    rows = call.state.currencies
    return [row for row in rows if term in f"{row['code']} {row['name']}".casefold()]


def lead_sources(_call: Call) -> list[Row]:
    """GET /v1/leadSources."""
    return [{"name": name} for name in LEAD_SOURCES]


def activity_types(call: Call) -> list[Row]:
    """GET /v1/activityTypes: all of them."""
    return list(call.state.activity_types.values())


def create_type(call: Call) -> Row:
    """POST /v1/activityTypes: the key is made from the name and never changes."""
    body = checks.mapping("body", call.body, TYPE_BODY[:3], ("name", "icon_key"))
    return call.state.add_activity_type(_type_values(body))


def change_type(call: Call) -> Row:
    """PUT /v1/activityTypes/{id}."""
    row = _type(call)
    body = checks.mapping("body", call.body, TYPE_BODY)
    row.update(_type_values(body), update_time=_spaced(call))
    return row


def delete_type(call: Call) -> Row:
    """DELETE /v1/activityTypes/{id}: it is deactivated and stays in the list."""
    row = _type(call)
    row.update(active_flag=False, update_time=_spaced(call))
    return row


def _type(call: Call) -> Row:
    found = call.state.activity_types.get(id_argument(call))
    if found is None:
        raise missing()
    return found


def _type_values(body: dict[str, Any]) -> Row:
    values = {
        name: checks.string(name, value) for name, value in body.items() if name != "order_nr"
    }
    if "order_nr" in body:
        return {**values, "order_nr": checks.integer("order_nr", body["order_nr"])}
    if values.get("name") == "":
        raise InvalidError("name", "must not be empty")
    return values


def _spaced(call: Call) -> str:
    return call.state.clock.now().strftime("%Y-%m-%d %H:%M:%S")


def numbered_fields(call: Call, entity: Entity) -> Answer:
    """GET /v1/{entity}Fields: definitions with their numbers, by start and limit."""
    fields = call.state.fields[entity.name].all()
    start, limit = call.query.get("start", 0), call.query.get("limit", DEFAULT_FIELD_LIMIT)
    if entity.name == "activity":
        limit = len(fields)
    more = len(fields) > start + limit
    page = {"start": start, "limit": limit, "more_items_in_collection": more}
    if more:
        page["next_start"] = start + limit
    shown = [_numbered(field, order) for order, field in enumerate(fields[start : start + limit])]
    return Answer(shown, {"pagination": page})


def note_fields(_call: Call) -> Answer:
    """GET /v1/noteFields: built-in ones only, since notes have no custom fields."""
    shown = [
        {**_numbered({**field, "number": number, "is_custom_field": False}, number)}
        for number, field in enumerate(NOTE_FIELDS, start=1)
    ]
    return Answer(shown, {"start": 0, "limit": len(shown), "more_items_in_collection": False})


def _numbered(field: Row, order: int) -> Row:
    return {
        "id": field["number"],
        "key": field["field_code"],
        "name": field["field_name"],
        "order_nr": order,
        "field_type": field["field_type"],
        "options": field["options"],
        "add_time": DEFINED,
        "update_time": DEFINED,
        "last_updated_by_user_id": None,
        "created_by_user_id": None,
        "active_flag": True,
        "edit_flag": field["is_custom_field"],
        "index_visible_flag": True,
        "details_visible_flag": True,
        "add_visible_flag": True,
        "important_flag": False,
        "bulk_edit_allowed": True,
        "searchable_flag": field["field_type"] in SEARCHABLE,
        "filtering_allowed": True,
        "sortable_flag": True,
        "is_subfield": False,
        "mandatory_flag": field["field_code"] in ("name", "title"),
    }
