"""Built-in fields of a body: one rule for each kind that an entity's table names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import checks, markup, values
from sync_sandbox.pipedrive.errors import InvalidError
from sync_sandbox.pipedrive.kinds_sales import SALES_RULES, VISIBILITY, choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State

    Rule = Callable[[State, Entity, str, Any], Any]

MARKETING = ("no_consent", "unsubscribed", "subscribed", "archived")
MAX_NOTES = 10_000
FREQUENCIES = ("one-time", "annually", "semi-annually", "quarterly", "monthly", "weekly")


def check(state: State, entity: Entity, name: str, value: Any) -> Any:
    """The value of a built-in field as it is stored.

    Raises:
        InvalidError: the value does not fit.
    """
    return RULES[entity.body[name]](state, entity, name, value)


def _plain(rule: Callable[[str, Any], Any]) -> Rule:
    return lambda _state, _entity, path, value: rule(path, value)


def _or_null(rule: Callable[[str, Any], Any]) -> Rule:
    return lambda _state, _entity, path, value: None if value is None else rule(path, value)


def _name(_state: State, _entity: Entity, path: str, value: Any) -> str:
    text = checks.string(path, value)
    if not text.strip():
        raise InvalidError(path, "must not be empty")
    return text


def _name_part(_state: State, _entity: Entity, path: str, value: Any) -> str | None:
    return None if value is None else checks.string(path, value) or None


def _user(state: State, _entity: Entity, path: str, value: Any) -> int:
    return state.user(path, checks.integer(path, value), active=True)


def _reference(entity: str) -> Rule:
    def rule(state: State, _entity: Entity, path: str, value: Any) -> int | None:
        if value is None:
            return None
        linked = checks.integer(path, value)
        state.reference(entity, path, linked)
        return linked

    return rule


def _lead(state: State, _entity: Entity, path: str, value: Any) -> str | None:
    if value is None:
        return None
    state.reference("lead", path, checks.string(path, value))
    return str(value)


def _visible_to(_state: State, _entity: Entity, path: str, value: Any) -> int:
    if checks.integer(path, value) not in VISIBILITY:
        raise InvalidError(path, f"must be one of 1, 3, 5, 7, not {value}")
    return int(value)


def _labels(state: State, entity: Entity, path: str, value: Any) -> list[int]:
    known = state.label_ids(entity.name)
    labels = [checks.integer(path, item) for item in checks.array(path, value)]
    for label in labels:
        if label not in known:
            raise InvalidError(path, f"{label} is not a label of {entity.path}")
    return labels


def _contacts(_state: State, _entity: Entity, path: str, value: Any) -> list[dict[str, Any]]:
    """E-mails, phones, messengers: objects with one primary; the first one where none is marked."""
    rows: list[dict[str, Any]] = []
    for index, item in enumerate(checks.array(path, value)):
        at = f"{path}[{index}]"
        given = checks.mapping(at, item, ("value", "primary", "label"), ("value",))
        text = checks.string(f"{at}.value", given["value"], checks.MAX_VARCHAR)
        primary = checks.boolean(f"{at}.primary", given.get("primary", False))
        label = checks.string(f"{at}.label", given.get("label", "work"))
        if text:
            rows.append({"value": text, "primary": primary, "label": label})
    marked = sum(row["primary"] for row in rows)
    if marked > 1:
        raise InvalidError(path, f"must have at most one primary, has {marked}")
    if rows and not marked:
        rows[0]["primary"] = True
    return rows


def _notes(_state: State, _entity: Entity, path: str, value: Any) -> str:
    return checks.string(path, value, MAX_NOTES)


def _custom_fields(state: State, entity: Entity, path: str, value: Any) -> dict[str, Any]:
    """Values by key; one unknown key refuses the whole request."""
    if not isinstance(value, dict):
        raise InvalidError(path, f"expected object, received {checks.kind_of(value)}")
    catalogue = state.fields[entity.name]
    checked = {}
    for code, item in value.items():
        field = catalogue.custom(code)
        if field is None:
            raise InvalidError(f"{path}.{code}", "is not a custom field", field_code=code)
        checked[code] = values.check(state, field, item)
    return checked


def _markup_or_null(state: State, _entity: Entity, path: str, value: Any) -> str | None:
    return None if value is None else markup.stored(state, checks.string(path, value))


def _content(state: State, entity: Entity, path: str, value: Any) -> str:
    return markup.stored(state, _name(state, entity, path, value))


def _activity_type(state: State, _entity: Entity, path: str, value: Any) -> str:
    key = checks.string(path, value)
    known = [row["key_string"] for row in state.activity_types.values() if row["active_flag"]]
    if key not in known and state.switches.get("pipedrive.unknown_activity_type") == "refuse":
        raise InvalidError(path, f"{key!r} is not an activity type; there are {', '.join(known)}")
    return key


def _minutes(state: State, _entity: Entity, path: str, value: Any) -> str | None:
    with_seconds = state.switches.get("pipedrive.duration_with_seconds") == "accept"
    return None if value is None else checks.minutes(path, value, with_seconds=with_seconds)


def _participants(state: State, _entity: Entity, path: str, value: Any) -> list[dict[str, Any]]:
    rows = []
    for index, item in enumerate(checks.array(path, value)):
        at = f"{path}[{index}]"
        given = checks.mapping(at, item, ("person_id", "primary"), ("person_id",))
        person = checks.integer(f"{at}.person_id", given["person_id"])
        state.reference("person", f"{at}.person_id", person)
        primary = checks.boolean(f"{at}.primary", given.get("primary", False))
        rows.append({"person_id": person, "primary": primary})
    if sum(row["primary"] for row in rows) > 1:
        raise InvalidError(path, "must have at most one primary")
    if rows and not any(row["primary"] for row in rows):
        rows[0]["primary"] = True
    return rows


def _attendees(_state: State, _entity: Entity, path: str, value: Any) -> list[dict[str, Any]]:
    known = ("email", "name", "status", "is_organizer", "person_id", "user_id")
    return [
        dict(checks.mapping(f"{path}[{index}]", item, known))
        for index, item in enumerate(checks.array(path, value))
    ]


def _priority(state: State, _entity: Entity, path: str, value: Any) -> int | None:
    """An option id of the activity field `priority`; the ids differ from company to company."""
    if value is None:
        return None
    chosen = checks.integer(path, value)
    known = [option["id"] for option in state.fields["activity"].get("priority")["options"]]
    if chosen not in known:
        raise InvalidError(path, f"{chosen} is not a priority; there are {known}")
    return chosen


RULES: dict[str, Rule] = {
    **SALES_RULES,
    "name": _name,
    "name_part": _name_part,
    "string": _plain(checks.string),
    "string_or_null": _or_null(checks.string),
    "integer": _plain(checks.integer),
    "integer_or_null": _or_null(checks.integer),
    "number": _plain(checks.number),
    "number_or_null": _or_null(checks.number),
    "boolean": _plain(checks.boolean),
    "date": _or_null(checks.day),
    "datetime": _plain(checks.moment),
    "user": _user,
    "organization": _reference("organization"),
    "person": _reference("person"),
    "deal": _reference("deal"),
    "product": _reference("product"),
    "pipeline": _reference("pipeline"),
    "stage": _reference("stage"),
    "lead": _lead,
    "visible_to": _visible_to,
    "labels": _labels,
    "contacts": _contacts,
    "address": _or_null(checks.address),
    "notes": _notes,
    "marketing_status": choice(*MARKETING),
    "custom_fields": _custom_fields,
    "markup_or_null": _markup_or_null,
    "content": _content,
    "activity_type": _activity_type,
    "clock_time": _minutes,
    "participants": _participants,
    "attendees": _attendees,
    "priority": _priority,
}
