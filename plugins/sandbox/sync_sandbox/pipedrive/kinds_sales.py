"""Kinds of fields of deals, products and of what only v1 serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import checks
from sync_sandbox.pipedrive.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.state import State

    Rule = Callable[[State, Entity, str, Any], Any]

VISIBILITY = (1, 3, 5, 7)
HUNDRED = 100
FREQUENCIES = ("one-time", "annually", "semi-annually", "quarterly", "monthly", "weekly")
COLORS = (
    "blue",
    "brown",
    "dark-gray",
    "gray",
    "green",
    "orange",
    "pink",
    "purple",
    "red",
    "yellow",
)
EVENT_ACTIONS = ("create", "change", "delete", "*")
EVENT_OBJECTS = (
    "activity",
    "deal",
    "lead",
    "note",
    "organization",
    "person",
    "pipeline",
    "product",
    "stage",
    "user",
    "*",
)


def choice(*allowed: str) -> Rule:
    """A rule for one of several words."""

    def rule(_state: State, _entity: Entity, path: str, value: Any) -> str:
        if checks.string(path, value) not in allowed:
            raise InvalidError(path, f"must be one of {', '.join(allowed)}, not {value!r}")
        return str(value)

    return rule


def _currency(state: State, _entity: Entity, path: str, value: Any) -> str:
    return state.currency(path, value)


def _percent(_state: State, _entity: Entity, path: str, value: Any) -> int:
    share = checks.integer(path, value)
    if not 0 <= share <= HUNDRED:
        raise InvalidError(path, f"must be between 0 and 100, not {share}")
    return share


def _moment_with_space(_state: State, _entity: Entity, path: str, value: Any) -> str:
    """`YYYY-MM-DD HH:MM:SS`, which one field of v2 takes (vendor's OpenAPI file)."""
    text = checks.string(path, value)
    return checks.moment(path, f"{text.replace(' ', 'T', 1)}Z")


def _prices(state: State, _entity: Entity, path: str, value: Any) -> list[dict[str, Any]]:
    known = ("price", "currency", "cost", "direct_cost", "notes", "product_id")
    rows = []
    for index, item in enumerate(checks.array(path, value)):
        at = f"{path}[{index}]"
        given = checks.mapping(at, item, known, ("currency",))
        row: dict[str, Any] = {"price": 0, "currency": "", "cost": 0, "direct_cost": None}
        for name in ("price", "cost", "direct_cost"):
            if given.get(name) is not None:
                row[name] = checks.number(f"{at}.{name}", given[name])
        row["currency"] = state.currency(f"{at}.currency", given["currency"])
        row["notes"] = checks.string(f"{at}.notes", given.get("notes", ""))
        rows.append(row)
    return rows


def _flag(_state: State, _entity: Entity, path: str, value: Any) -> bool:
    """0 or 1, as v1 writes some of its flags; they read back as booleans."""
    if value not in (0, 1):
        raise InvalidError(path, f"must be 0 or 1, not {value!r}")
    return bool(value)


def _v1_moment(_state: State, _entity: Entity, path: str, value: Any) -> str:
    text = _moment_with_space(_state, _entity, path, value)
    return text[:19].replace("T", " ")


def _lead_labels(state: State, _entity: Entity, path: str, value: Any) -> list[str]:
    known = state.tables["lead_label"].rows
    labels = [checks.string(path, item) for item in checks.array(path, value)]
    for label in labels:
        if label not in known:
            raise InvalidError(path, f"{label!r} is not a lead label")
    return labels


def _lead_value(state: State, _entity: Entity, path: str, value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    given = checks.mapping(path, value, ("amount", "currency"), ("amount", "currency"))
    amount = checks.number(f"{path}.amount", given["amount"])
    return {"amount": amount, "currency": state.currency(f"{path}.currency", given["currency"])}


def _https_url(_state: State, _entity: Entity, path: str, value: Any) -> str:
    text = checks.string(path, value)
    if not text.startswith("https://"):
        raise InvalidError(path, "must be an https URL that the service can reach")
    return text


SALES_RULES: dict[str, Rule] = {
    "currency": _currency,
    "percent": _percent,
    "moment_with_space": _moment_with_space,
    "deal_status": choice("open", "won", "lost"),
    "prices": _prices,
    "flag": _flag,
    "v1_moment": _v1_moment,
    "v1_visible_to": choice(*(str(level) for level in VISIBILITY)),
    "lead_labels": _lead_labels,
    "lead_value": _lead_value,
    "label_color": choice(*COLORS),
    "https_url": _https_url,
    "event_action": choice(*EVENT_ACTIONS),
    "event_object": choice(*EVENT_OBJECTS),
    "webhook_version": choice("1.0", "2.0"),
    "frequency": choice(*FREQUENCIES),
    "tax_method": choice("exclusive", "inclusive", "none"),
    "discount_type": choice("percentage", "amount"),
}
