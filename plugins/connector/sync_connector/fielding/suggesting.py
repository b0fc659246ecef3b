"""Suggested lines, as they are pasted into meltano.yml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from sync_core.text import fold

from sync_connector.fielding.model import Column, Row

Lines = Mapping[str, Sequence[Mapping[str, str]]]


def lines(rows: Sequence[Row]) -> list[dict[str, str]]:
    """The suggested lines among the rows of a pair."""
    labels = Counter(fold(row.pipedrive.label) for row in rows if row.pipedrive)
    return [
        {"from": row.journy.name, "to": _named(row.pipedrive, labels)}
        for row in rows
        if row.state == "likely" and row.journy and row.pipedrive
    ]


def _named(column: Column, labels: Counter[str]) -> str:
    """A field by its label; by its key where several have that label."""
    alone = labels[fold(column.label)] == 1
    return column.label if alone else str(column.origin.get("key") or column.name)


class _Flow(dict[str, Any]):
    """An object that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes lists below their name without further indentation, as meltano.yml does."""


_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, True)
)


def as_yaml(plugin: str, found: Lines) -> str:
    """A definition of the loader with the lines in it; empty where there is none."""
    config = {
        setting: {"fields": [_Flow(line) for line in each]}
        for setting, each in found.items()
        if each
    }
    if not config:
        return ""
    definition = {"plugins": {"loaders": [{"name": plugin, "config": config}]}}
    return yaml.dump(definition, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
