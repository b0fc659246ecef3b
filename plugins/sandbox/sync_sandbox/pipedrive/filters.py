"""Saved filters: conditions over fields, evaluated for lists with `filter_id`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import checks
from sync_sandbox.pipedrive.errors import InvalidError
from sync_sandbox.pipedrive.values import searchable_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row

    Test = Callable[[Row], bool]

MAX_CONDITIONS = 16
GLUES = ("and", "or")
CONDITION = ("object", "field_id", "operator", "value", "extra_value")
# Where a field's code is not the key on the record.
KEYS = {"email": "emails", "phone": "phones"}


def _compare(operator: Callable[[Any, Any], bool]) -> Callable[[Any, str], bool]:
    def compare(left: Any, right: str) -> bool:
        if left is None:
            return False
        if isinstance(left, (int, float)) and not isinstance(left, bool):
            try:
                return operator(left, float(right))
            except ValueError:
                return False
        return operator(searchable_text(left).casefold(), str(right).casefold())

    return compare


OPERATORS: dict[str, Callable[[Any, str], bool]] = {
    "=": _compare(lambda left, right: left == right),
    "!=": _compare(lambda left, right: left != right),
    ">": _compare(lambda left, right: left > right),
    "<": _compare(lambda left, right: left < right),
    ">=": _compare(lambda left, right: left >= right),
    "<=": _compare(lambda left, right: left <= right),
    "IS NULL": lambda left, _right: left in (None, "", []),
    "IS NOT NULL": lambda left, _right: left not in (None, "", []),
    "LIKE '$%'": _compare(lambda left, right: str(left).startswith(str(right))),
    "LIKE '%$'": _compare(lambda left, right: str(left).endswith(str(right))),
    "LIKE '%$%'": _compare(lambda left, right: str(right) in str(left)),
}


def test(call: Call, entity: Entity, filter_id: int) -> Test:
    """The test that a saved filter makes of each row.

    Raises:
        InvalidError: there is no such filter for this entity.
    """
    saved = call.state.tables["filter"].rows.get(filter_id)
    if saved is None or saved["type"] != entity.filter_type:
        raise InvalidError("filter_id", f"{filter_id} is no filter of {entity.path}")
    return _group(call.state, entity, saved["conditions"])


def _group(state: State, entity: Entity, group: Row) -> Test:
    parts = [
        _group(state, entity, one) if "conditions" in one else _condition(state, entity, one)
        for one in group["conditions"]
    ]
    if group["glue"] == "or" and parts:
        return lambda row: any(part(row) for part in parts)
    return lambda row: all(part(row) for part in parts)


def _condition(state: State, entity: Entity, condition: Row) -> Test:
    field = state.fields[entity.name].by_number(int(condition["field_id"]))
    compare, value = OPERATORS[condition["operator"]], condition["value"]
    if field is None:
        return lambda _row: False
    code: str = field["field_code"]
    if field["is_custom_field"]:
        return lambda row: compare(row["custom_fields"].get(code), value)
    key: str = KEYS.get(code, code)
    if key in KEYS.values():
        return lambda row: any(compare(entry["value"], value) for entry in row[key])
    return lambda row: compare(row.get(key), value)


def check(state: State, entity: Entity, path: str, value: Any) -> Row:
    """The conditions of a filter's body: two groups, one of all, one of any.

    Raises:
        InvalidError: the shape is wrong, a field or an operator unknown, or there are too many.
    """
    outer = checks.mapping(path, value, ("glue", "conditions"), ("glue", "conditions"))
    groups = [
        _check_group(state, entity, f"{path}.conditions[{index}]", group)
        for index, group in enumerate(checks.array(f"{path}.conditions", outer["conditions"]))
    ]
    if sum(len(group["conditions"]) for group in groups) > MAX_CONDITIONS:
        raise InvalidError(path, f"must hold at most {MAX_CONDITIONS} conditions")
    return {"glue": "and", "conditions": groups}


def _check_group(state: State, entity: Entity, path: str, value: Any) -> Row:
    group = checks.mapping(path, value, ("glue", "conditions"), ("glue", "conditions"))
    if group["glue"] not in GLUES:
        raise InvalidError(f"{path}.glue", f"must be one of {', '.join(GLUES)}")
    conditions = [
        _check_condition(state, entity, f"{path}.conditions[{index}]", one)
        for index, one in enumerate(checks.array(f"{path}.conditions", group["conditions"] or []))
        if one is not None
    ]
    return {"glue": group["glue"], "conditions": conditions}


def _check_condition(state: State, entity: Entity, path: str, value: Any) -> Row:
    needed = ("object", "field_id", "operator")
    given = checks.mapping(path, value, CONDITION, needed)
    number = str(given["field_id"])
    if not number.isdigit() or state.fields[entity.name].by_number(int(number)) is None:
        raise InvalidError(f"{path}.field_id", f"{number} is not a field of {entity.path}")
    if given["operator"] not in OPERATORS:
        raise InvalidError(f"{path}.operator", f"must be one of {', '.join(OPERATORS)}")
    text = given.get("value")
    return {
        "object": given["object"],
        "field_id": number,
        "operator": given["operator"],
        "value": None if text is None else str(text),
        "extra_value": given.get("extra_value"),
        "json_value_flag": False,
    }
