"""Rows of API v1 in the shape of v2: custom fields in an object of their own, lists as lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync_core.pipedrive.columns import Column

Row = dict[str, Any]


def nested(row: Row, columns: Iterable[Column]) -> Row:
    """A row whose custom fields stand under `custom_fields`, as in API v2.

    v1 writes each at the top level under its key, the parts of an object under the key with the
    part's name behind it, and several options as text with commas (vendor documentation). What
    stands under `custom_fields` already has the form of v2.
    """
    plain, own = dict(row), row.get("custom_fields")
    custom = dict(own) if isinstance(own, dict) else {}
    for column in columns:
        key = column.field.key
        if key not in plain:
            continue
        value = plain.pop(key)
        parts = column.shape.schema.get("properties", {})
        found = {part: plain.pop(f"{key}_{part}") for part in parts if f"{key}_{part}" in plain}
        if value is not None and parts and not isinstance(value, dict):
            value = {"value": value, **found}
        if column.field.type == "set" and isinstance(value, str):
            value = [each.strip() for each in value.split(",") if each.strip()]
        custom[key] = value
    return {**plain, "custom_fields": custom}
