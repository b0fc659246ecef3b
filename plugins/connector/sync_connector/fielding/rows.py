"""The table: what is mapped first, then what suggests itself, then the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync_connector.fielding.gathering import Gathered
from sync_connector.fielding.likely import pairs
from sync_connector.fielding.model import Column, Row
from sync_connector.lines import JOURNY, PIPEDRIVE, Node, Pair, arrows, key

Settings = Mapping[str, Any]
#: Pipedrive makes it of its parts, or the other way round: nothing to suggest.
_WHOLE_NAME = "name"
_TO_PIPEDRIVE, _TO_JOURNY, _BOTH = "→", "←", "↔"


def rows(pair: Pair, settings: Mapping[str, Settings], gathered: Gathered) -> list[Row]:
    """Every field of two streams that belong together, each once at least."""
    mapped = _mapped(pair, settings, gathered)
    linked = {row.journy.name for row in mapped if row.journy}
    filled = {row.pipedrive.name for row in mapped if row.pipedrive}
    journy = [each for each in gathered.journy(pair) if each.name not in linked]
    pipedrive = [each for each in gathered.pipedrive(pair) if each.name not in filled]
    closed = {each.name: _why(gathered, pair, each) for each in pipedrive}
    open_ = [each for each in pipedrive if not closed[each.name] and each.name != _WHOLE_NAME]
    likely = pairs(journy, open_)
    taken = {column.name for both in likely for column in both}
    return [
        *mapped,
        *(Row(left, right, "likely", _TO_PIPEDRIVE, "suggested") for left, right in likely),
        *(
            Row(each, None, "free", note=_back(gathered, pair, each))
            for each in journy
            if each.name not in taken
        ),
        *(_alone(each, closed[each.name]) for each in pipedrive if each.name not in taken),
    ]


def _alone(column: Column, why: str) -> Row:
    return Row(None, column, "closed" if why else "free", note=why)


def _why(gathered: Gathered, pair: Pair, column: Column) -> str:
    """Why a field of Pipedrive can't be written; empty where it can."""
    name = str(column.origin.get("key") or column.name)
    return gathered.closed.get((pair.source, name), "")


def _back(gathered: Gathered, pair: Pair, column: Column) -> str:
    """Why a property of journy can't be written; it can be read all the same."""
    why = gathered.closed.get((pair.target, str(column.origin.get("name"))), "")
    return f"to Pipedrive only: {why}" if why else ""


def _mapped(pair: Pair, settings: Mapping[str, Settings], gathered: Gathered) -> list[Row]:
    columns: dict[Node, Column] = {
        **{(JOURNY, each.name): each for each in gathered.journy(pair)},
        **{(PIPEDRIVE, each.name): each for each in gathered.pipedrive(pair)},
    }
    first, second = key(pair, settings, gathered.streams)
    ways: dict[tuple[Node, Node], dict[str, str]] = {(first, second): {_BOTH: "matched by this"}}
    for edge in arrows(pair, settings, gathered.streams):
        there = edge.start[0] == JOURNY
        ends = (edge.start, edge.end) if there else (edge.end, edge.start)
        found = ways.setdefault(ends, {})
        found[_TO_PIPEDRIVE if there else _TO_JOURNY] = edge.setting
    return [
        Row(columns.get(left), columns.get(right), "mapped", _way(found), _note(found))
        for (left, right), found in ways.items()
        if left in columns or right in columns
    ]


def _way(found: Mapping[str, str]) -> str:
    return next(iter(found)) if len(found) == 1 else _BOTH


def _note(found: Mapping[str, str]) -> str:
    return ", ".join(dict.fromkeys(found.values()))
