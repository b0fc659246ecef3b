"""The rules as a Markdown table, for the README."""

from __future__ import annotations

from sync_core.pipedrive.values.kinds import FLAG, LIST, NUMBER, OBJECT, TEXT
from sync_core.pipedrive.values.types import FIELD_TYPES, FieldType

KINDS = (TEXT, NUMBER, FLAG, LIST, OBJECT)


def table() -> str:
    """A row for each field type, a column for each kind of source value."""
    head = f"| Pipedrive's field | {' | '.join(KINDS)} |\n|---{'|---' * len(KINDS)}|\n"
    return head + "".join(_row(key, each) for key, each in FIELD_TYPES.items())


def _row(key: str, each: FieldType) -> str:
    cells = (each.rules.get(kind, "refused") for kind in KINDS)
    return f"| `{key}`: {each.name} | {' | '.join(cells)} |\n"
