"""Custom-field values: one rule for each field type of the vendor's documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from sync_sandbox.pipedrive import checks
from sync_sandbox.pipedrive.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.state import State

    Rule = Callable[[State, dict[str, Any], str, Any], Any]

# A zone without a number of its own reads back with this id; real ids are Pipedrive's own.
UNKNOWN_ZONE_ID = 0


def check(state: State, field: dict[str, Any], value: Any) -> Any:
    """The value as it is stored; None clears the field.

    Raises:
        InvalidError: the value does not fit the field's type; names the field's code.
    """
    code = field["field_code"]
    path = f"custom_fields.{code}"
    try:
        if value is None:
            return _clear(state, field, path)
        return RULES[field["field_type"]](state, field, path, value)
    except InvalidError as error:
        # Since May 2026 custom-field errors name the field; the exact JSON is unknown.
        error.more.setdefault("field_code", code)
        raise


def _clear(state: State, field: dict[str, Any], path: str) -> None:
    if field["field_type"] == "set" and state.switches.get("pipedrive.set_null") == "refuse":
        raise InvalidError(path, "Expected non-empty 'array'")


def _text(longest: int) -> Rule:
    def rule(state: State, _field: dict[str, Any], path: str, value: Any) -> str | None:
        text = checks.string(path, value, longest)
        position = state.switches.get("pipedrive.empty_string")
        if text or position == "keep":
            return text
        if position == "refuse":
            raise InvalidError(path, "must not be empty")
        return None

    return rule


def _number(_state: State, _field: dict[str, Any], path: str, value: Any) -> float:
    return checks.number(path, value)


def _option(_state: State, field: dict[str, Any], path: str, value: Any) -> int:
    chosen = checks.integer(path, value)
    if not any(option["id"] == chosen for option in field["options"]):
        raise InvalidError(path, f"{chosen} is not an option of this field")
    return chosen


def _options(state: State, field: dict[str, Any], path: str, value: Any) -> list[int]:
    chosen = [_option(state, field, path, item) for item in checks.array(path, value)]
    if not chosen:
        raise InvalidError(path, "Expected non-empty 'array'")
    return sorted(set(chosen), key=chosen.index)


def _money(state: State, _field: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    bare = isinstance(value, (int, float)) and not isinstance(value, bool)
    if bare and state.switches.get("pipedrive.monetary_bare_number") == "accept":
        return {"value": value, "currency": state.default_currency}
    given = checks.mapping(path, value, ("value", "currency"), ("value", "currency"))
    return {
        "value": checks.number(f"{path}.value", given["value"]),
        "currency": state.currency(f"{path}.currency", given["currency"]),
    }


def _day(_state: State, _field: dict[str, Any], path: str, value: Any) -> str:
    return checks.day(path, value)


def _days(_state: State, _field: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    given = checks.mapping(path, value, ("value", "until"), ("value", "until"))
    first = checks.day(f"{path}.value", given["value"])
    last = checks.day(f"{path}.until", given["until"])
    if last < first:
        raise InvalidError(f"{path}.until", f"{last} is before {first}")
    return {"value": first, "until": last}


def _zone(state: State, path: str, given: dict[str, Any]) -> dict[str, Any]:
    name = given.get("timezone_name") or state.default_zone
    if checks.string(f"{path}.timezone_name", name) not in available_timezones():
        raise InvalidError(f"{path}.timezone_name", f"{name!r} is not a time zone")
    return {"timezone_id": given.get("timezone_id") or UNKNOWN_ZONE_ID, "timezone_name": name}


def _time(state: State, _field: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    given = checks.mapping(path, value, ("value", "timezone_name", "timezone_id"), ("value",))
    at = checks.time_of_day(f"{path}.value", given["value"])
    return {"value": at, **_zone(state, path, given)}


def _times(state: State, _field: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    known = ("value", "until", "timezone_name", "timezone_id")
    given = checks.mapping(path, value, known, ("value", "until"))
    first = checks.time_of_day(f"{path}.value", given["value"])
    last = checks.time_of_day(f"{path}.until", given["until"])
    return {"value": first, "until": last, **_zone(state, path, given)}


def _address(_state: State, _field: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    return checks.address(path, value, formatted=True)


def _reference(entity: str) -> Rule:
    def rule(state: State, _field: dict[str, Any], path: str, value: Any) -> int:
        linked = checks.integer(path, value)
        state.reference(entity, path, linked)
        return linked

    return rule


def _user(state: State, _field: dict[str, Any], path: str, value: Any) -> int:
    return state.user(path, checks.integer(path, value), active=False)


RULES: dict[str, Rule] = {
    "varchar": _text(checks.MAX_VARCHAR),
    "varchar_auto": _text(checks.MAX_VARCHAR),
    "text": _text(checks.MAX_TEXT),
    "phone": _text(checks.MAX_VARCHAR),
    "double": _number,
    "int": _number,
    "monetary": _money,
    "enum": _option,
    "set": _options,
    "date": _day,
    "daterange": _days,
    "time": _time,
    "timerange": _times,
    "address": _address,
    "user": _user,
    "org": _reference("organization"),
    "people": _reference("person"),
}
# The types that the vendor's documentation lists as searchable.
SEARCHABLE = frozenset(
    {"address", "varchar", "text", "varchar_auto", "double", "monetary", "phone"}
)


def searchable_text(value: Any) -> str:
    """A custom value as the search sees it."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)
