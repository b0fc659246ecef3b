"""Names of columns in a catalog, which is often made without the state, by the labels of that day.

A column is recognised by its field's key, which discovery writes under `x-pipedrive`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from sync_core.pipedrive.columns import KEY_DIGITS

from tap_pipedrive import memory
from tap_pipedrive.rows import CUSTOM

log = logging.getLogger(__name__)

#: Where columns stand in the schema of a stream: side by side, or those of fields in one.
_PLACES = (("properties",), ("properties", CUSTOM, "properties"))
#: Stream -> key of a field -> the name of its column.
Names = dict[str, dict[str, str]]


def follow(catalog: dict[str, Any], bookmarks: Mapping[str, Any]) -> Names:
    """Give the columns of a catalog the names that the state remembers.

    A column of a field that the state doesn't know keeps its name, unless another field has or had
    that one.

    Args:
        catalog: As read from its file; changed in place.
        bookmarks: Of the state.

    Returns:
        The names of all custom fields' columns: also before there is a state, the catalog's hold.
    """
    found: Names = {}
    for stream in catalog.get("streams", []):
        name = stream.get("tap_stream_id")
        entries = (bookmarks.get(name) or {}).get(memory.COLUMNS) or {}
        for place, columns in _columns(stream["schema"]):
            changed = _rename(columns, memory.names(entries))
            _rename_metadata(stream, place, changed)
            found.setdefault(name, {}).update(
                {key: column for column, key in _keys(columns).items()}
            )
            for old, new in changed.items():
                log.info("%s: %s of the catalog is read as %s", name, old, new)
    return found


def _columns(schema: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for place in _PLACES:
        found: Any = schema
        for name in place:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, dict):
            yield place, found


def _keys(columns: Mapping[str, Any]) -> dict[str, str]:
    """Column -> key, of the custom fields."""
    marks = {
        name: schema.get("x-pipedrive") or {}
        for name, schema in columns.items()
        if isinstance(schema, dict)
    }
    return {name: mark["key"] for name, mark in marks.items() if "type" in mark and "key" in mark}


def _rename(columns: dict[str, Any], remembered: Mapping[str, str]) -> dict[str, str]:
    keys = _keys(columns)
    wanted = {name: remembered[key] for name, key in keys.items() if key in remembered}
    taken = {*remembered.values(), *columns}
    for name, key in keys.items():
        if key not in remembered and name in remembered.values():
            short = f"{name}_{key[:KEY_DIGITS]}"
            wanted[name] = f"{name}_{key}" if short in taken else short
            taken.add(wanted[name])
    changed = {old: new for old, new in wanted.items() if old != new}
    # All are taken out before any is put back: two labels may have been swapped.
    moved = {new: columns.pop(old) for old, new in changed.items()}
    columns.update(moved)
    return changed


def _rename_metadata(
    stream: dict[str, Any], place: tuple[str, ...], changed: Mapping[str, str]
) -> None:
    at = len(place)
    for entry in stream.get("metadata", []):
        crumbs = entry.get("breadcrumb") or []
        if tuple(crumbs[:at]) == place and len(crumbs) > at and crumbs[at] in changed:
            entry["breadcrumb"] = [*crumbs[:at], changed[crumbs[at]], *crumbs[at + 1 :]]
