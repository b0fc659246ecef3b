"""What `check` found: as a table for people, as JSON, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import click
from rich.markup import escape
from rich.table import Table

from sync_connector.checking.model import STATES, Finding
from sync_connector.screen import show
from sync_connector.summary import as_json

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}
_COLUMNS = ("What", "State", "Found", "What to do")


def as_table(findings: Sequence[Finding]) -> None:
    """A line each, and how many there are of which state."""
    table = Table()
    for name in _COLUMNS:
        table.add_column(name, no_wrap=name == "State", overflow="fold")
    for each in findings:
        colour = _COLOURS[each.state]
        state = f"[{colour}]{each.state}[/]"
        table.add_row(escape(each.what), state, escape(each.text), escape(each.cure))
    show(table, summary(findings))


def as_data(findings: Sequence[Finding]) -> None:
    """One object: how many of which state, and the list."""
    counted = Counter(each.state for each in findings)
    about = {
        "states": {state: counted[state] for state in STATES},
        "findings": [asdict(each) for each in findings],
    }
    click.echo(as_json(about))


def as_markdown(findings: Sequence[Finding]) -> None:
    """A Markdown table, for a pull request or the summary of a CI job."""
    click.echo(f"| {' | '.join(_COLUMNS)} |\n|---|---|---|---|")
    for each in findings:
        cells = (each.what, each.state, each.text, each.cure)
        click.echo(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    click.echo(f"\n{summary(findings)}")


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def summary(findings: Sequence[Finding]) -> str:
    """How many there are of which state, in words."""
    counted = Counter(each.state for each in findings)
    return ", ".join(_counted(state, counted[state]) for state in STATES)


def _counted(state: str, count: int) -> str:
    return f"{count} {state}" + "s" * (state != "ok" and count != 1)


FORMATS: Mapping[str, Callable[[Sequence[Finding]], None]] = {
    "table": as_table,
    "json": as_data,
    "markdown": as_markdown,
}
