"""Column names that outlast their labels: which name each custom field had first.

The memory lives in Singer state, so the names stay as long as the state does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sync_core.pipedrive.columns import Column
from sync_core.text import snake_case

#: Where in a stream's state the memory stands.
COLUMNS = "columns"

#: Key -> the name, where it is the label in snake case; otherwise an object with the name, the
#: label and whether the field is gone.
Entries = Mapping[str, Any]


def names(entries: Entries) -> dict[str, str]:
    """Key -> column name."""
    return {key: e if isinstance(e, str) else e["name"] for key, e in entries.items()}


def remember(entries: Entries, columns: Iterable[Column]) -> tuple[dict[str, Any], list[str]]:
    """Bring the memory up to date.

    Args:
        entries: The memory so far; empty at first.
        columns: Today's columns.

    Returns:
        The new memory, and what to report: each appearance, renaming and disappearance once.
    """
    today = {column.field.key: column for column in columns}
    news = [f"{c.name} is new" for key, c in today.items() if entries and key not in entries]
    new: dict[str, Any] = {}
    for key, entry in entries.items():
        if key in today:
            news += _renaming(entry, today[key])
        else:
            name = entry if isinstance(entry, str) else entry["name"]
            news += [] if _gone(entry) else [f"the field of {name} is gone, and its column"]
            new[key] = {"name": name, "gone": True}
    return {**new, **{key: _entry(column) for key, column in today.items()}}, news


def _gone(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("gone"))


def _entry(column: Column) -> Any:
    if snake_case(column.field.label) == column.name:
        return column.name
    return {"name": column.name, "label": column.field.label}


def _renaming(entry: Any, column: Column) -> list[str]:
    if _gone(entry):
        return [f"the field of {column.name} is back"]
    before = entry if isinstance(entry, str) else snake_case(entry.get("label", ""))
    if snake_case(column.field.label) == before:
        return []
    return [f"{column.name} keeps its name, though its field is now called {column.field.label!r}"]
