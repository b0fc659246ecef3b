"""Fields as a table, as JSON, and as YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sync_core.mapping import simple

from sync_connector.fielding.model import Column, Row
from sync_connector.fielding.suggesting import as_yaml, lines
from sync_connector.lines import Pair
from sync_connector.schemas import Record
from sync_connector.screen import show
from sync_connector.summary import as_json

_COLOURS = {"mapped": "green", "likely": "cyan", "closed": "dim", "free": ""}
_LONGEST = 40


@dataclass(frozen=True)
class Part:
    """What is shown of one pair of streams.

    Attributes:
        pair: The streams.
        rows: The lines.
        journy: The first record of journy's stream; None unless examples are wanted.
        pipedrive: The same of Pipedrive.
    """

    pair: Pair
    rows: Sequence[Row]
    journy: Record | None = None
    pipedrive: Record | None = None


def as_tables(parts: Sequence[Part], plugin: str) -> None:
    """A table for each pair, and the suggested lines below."""
    for part in parts:
        show(_table(part))
    found = as_yaml(plugin, {part.pair.source: lines(part.rows) for part in parts})
    if found:
        click.echo("Pairs that suggest themselves, to be pasted into meltano.yml:\n")
        click.echo(found)


def _table(part: Part) -> Table:
    examples = part.journy is not None
    table = Table(title=f"{part.pair.source} and {part.pair.target}", title_justify="left")
    names = ["journy", "Type", *(["Example"] if examples else []), ""]
    names += ["Pipedrive", "Type", *(["Example"] if examples else []), "State", "Why"]
    for name in names:
        table.add_column(name, overflow="fold")
    for row in part.rows:
        cells = [*_cells(row.journy, part.journy), row.way, *_cells(row.pipedrive, part.pipedrive)]
        style = _COLOURS[row.state]
        table.add_row(*(escape(cell) for cell in (*cells, row.state, row.note)), style=style)
    return table


def _cells(column: Column | None, record: Record | None) -> list[str]:
    if column is None:
        return ["", ""] if record is None else ["", "", ""]
    kind = f"{column.type}, computed" if column.computed else column.type
    name = column.label if column.custom else column.name
    return [name, kind] if record is None else [name, kind, example(record.get(column.name))]


def example(value: Any) -> str:
    """A value in few characters; empty where there is none."""
    plain = simple(value)
    text = "" if plain is None else plain if isinstance(plain, str) else json.dumps(plain)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def as_data(parts: Sequence[Part], plugin: str) -> None:
    """One object: rows and suggestions by journy's stream."""
    about = {
        part.pair.source: {
            "stream": part.pair.target,
            "fields": [_object(row, part) for row in part.rows],
            "suggestions": lines(part.rows),
        }
        for part in parts
    }
    click.echo(as_json({"plugin": plugin, **about}))


def _object(row: Row, part: Part) -> dict[str, Any]:
    return {
        "journy": _described(row.journy, part.journy),
        "pipedrive": _described(row.pipedrive, part.pipedrive),
        "state": row.state,
        "way": row.way,
        "note": row.note,
    }


def _described(column: Column | None, record: Record | None) -> Mapping[str, Any] | None:
    if column is None:
        return None
    about: dict[str, Any] = {"name": column.name, "label": column.label, "type": column.type}
    about |= {"key": str(column.origin["key"])} if column.custom else {}
    about |= {"computed": True} if column.computed else {}
    return about if record is None else {**about, "example": record.get(column.name)}


def as_lines(parts: Sequence[Part], plugin: str) -> None:
    """The suggested lines alone."""
    found = as_yaml(plugin, {part.pair.source: lines(part.rows) for part in parts})
    if found:
        click.echo(found, nl=False)
    else:
        Console(stderr=True).print("No pair suggests itself.")


FORMATS = {"table": as_tables, "json": as_data, "yaml": as_lines}
