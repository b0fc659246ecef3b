"""Tables for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext

import click
from rich.console import Console
from rich.table import Table
from sync_core.ledger import RunRow
from sync_core.ledger.log import LogLine

from sync_connector.differences import SHORT, in_words
from sync_connector.summary import OUTCOMES, totals

#: Direction -> what people call it.
DIRECTIONS = {
    "pipedrive-to-journy": "Pipedrive → journy",
    "journy-to-pipedrive": "journy → Pipedrive",
}
_COLOURS = {"rejected": "red", "failed": "red", "deferred": "yellow", "created": "green"}


def show(table: Table, below: str = "") -> None:
    """Print a table as wide as the terminal, in a pager if it is higher; a pipe gets it unfolded.

    Args:
        table: The table.
        below: A remark.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    tall = console.is_terminal and table.row_count + 4 > console.height
    with console.pager(styles=True) if tall else nullcontext():
        console.print(table)
        if below:
            console.print(below, style="dim", markup=False)


def tell(text: str) -> None:
    """Say what takes its time to a person who watches; scripts and CI get nothing."""
    if sys.stdout.isatty():
        click.echo(text, err=True)


def runs_table(runs: Sequence[RunRow]) -> Table:
    """One line a run, oldest first."""
    table = Table(title="Runs", title_justify="left")
    for name in ("Run", "Started (UTC)", "Direction", "Status"):
        table.add_column(name, no_wrap=True)
    for name in (*OUTCOMES, "calls", "tokens"):
        table.add_column(name, justify="right")
    for run in runs:
        table.add_row(*_about(run), *_figures(run))
    return table


def _about(run: RunRow) -> tuple[str, ...]:
    status = f"{run.status} (dry run)" if run.dry_run else run.status
    started = run.started[:19].replace("T", " ")
    return (run.run[:8], started, DIRECTIONS.get(run.direction, run.direction), status)


def _figures(run: RunRow) -> list[str]:
    counted = totals(run)
    figures = [_figure(outcome, counted[outcome]) for outcome in OUTCOMES]
    return [*figures, str(run.calls), str(run.tokens)]


def _figure(outcome: str, count: int) -> str:
    colour = _COLOURS.get(outcome)
    return f"[{colour}]{count}[/]" if count and colour else str(count)


def log_table(lines: Sequence[LogLine]) -> Table:
    """One line a record's outcome, newest first."""
    table = Table(title="Log", title_justify="left")
    for name in ("At (UTC)", "Direction", "Stream", "Outcome", "Reason"):
        table.add_column(name, no_wrap=True)
    for name in ("Key", "Pipedrive", "What"):
        table.add_column(name, overflow="fold")
    for line in lines:
        outcome = f"planned {line.outcome}" if line.dry_run else line.outcome
        what = what_of(line)
        table.add_row(
            line.at[:19].replace("T", " "),
            DIRECTIONS.get(line.direction, line.direction),
            line.entity,
            outcome,
            line.reason,
            _plain(line.key),
            line.pipedrive_id,
            _plain(what),
        )
    return table


def what_of(line: LogLine) -> str:
    """What is said of a record: the log's sentence, and values where the ledger keeps them."""
    values, said = in_words(line.changes, SHORT), line.text
    if values and line.dry_run:  # its text begins with their fields
        said = said.partition("; ")[2]
    return "; ".join(part for part in (said, values) if part) or line.fields


def _plain(text: str) -> str:
    """Text that came from records, without being taken for markup."""
    return text.replace("[", r"\[")
