"""Built-in fields of leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync_core.mapping import TargetField, ValueMisfitError
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How
from sync_core.pipedrive.values.scalars import amounts


def lead_value(field: Field, how: How) -> TargetField:
    """A lead's value, which has `amount` and `currency` (Pipedrive OpenAPI v1)."""
    money = amounts(field, how)

    def combine(stored: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
        whole = money.combine(_as_money(stored), wanted)
        return {"amount": whole["value"], "currency": whole["currency"]}

    return replace(
        money,
        plain=lambda stored: (_as_money(stored) or {}).get("value"),
        holds=lambda stored, wanted: money.holds(_as_money(stored), wanted),
        combine=combine,
    )


def _as_money(stored: Any) -> dict[str, Any] | None:
    if not isinstance(stored, Mapping):
        return None
    return {"value": stored.get("amount"), "currency": stored.get("currency")}


def lead_labels(field: Field, how: How) -> TargetField:
    """A lead's labels, by name; they replace those that it has."""
    resolve = how.resolve.get("lead_label")

    def convert(value: Any) -> list[str]:
        if resolve is None:
            raise ValueMisfitError("the labels of leads aren't known here")
        names = value if isinstance(value, list) else [value]
        return sorted({resolve(name) for name in names if name is not None})

    return TargetField(
        field.key,
        field.label,
        convert,
        holds=lambda stored, wanted: sorted(stored or ()) == wanted,
    )
