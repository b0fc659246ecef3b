"""The command `plan`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from sync_core.ledger.questions import Span, runs_in

from sync_connector.ledgers import ledger_of
from sync_connector.lookup.forms import save
from sync_connector.planning.forms import FORMS
from sync_connector.planning.halves import HALVES, Watcher, dry_settings, try_out
from sync_connector.planning.summing import Half, Plan, half
from sync_connector.project import Project, Settings, project_option
from sync_connector.reporting.names import Names
from sync_connector.screen import DIRECTIONS

PENDING = 2
_SUFFIXES = {".json": "json", ".md": "markdown"}


class Mistyped(click.UsageError):
    """A mistyped command line; unlike the library's own it ends with 1."""

    exit_code = 1


class Coded(click.Command):
    """A command whose exit code 2 means something, so that a mistyped option must not."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the command line."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise Mistyped(error.format_message(), error.ctx) from error


@click.command(cls=Coded)
@project_option
@click.option("--direction", type=click.Choice(list(HALVES)), help="One direction only.")
@click.option(
    "--format", "form", type=click.Choice(list(FORMS)), default="table", help="What is shown."
)
@click.option(
    "--out",
    "files",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="A file to write to as well: JSON for .json, Markdown for .md; may be repeated.",
)
@click.option(
    "--full-refresh",
    is_flag=True,
    help="Read everything: what a changed mapping does to records that haven't changed.",
)
@click.option("--anonymous", is_flag=True, help="Leave out keys, ids and values of records.")
@click.pass_context
def plan(  # noqa: PLR0913, PLR0917 - one argument an option
    context: click.Context,
    project: Project,
    direction: str | None,
    form: str,
    files: tuple[Path, ...],
    full_refresh: bool,
    anonymous: bool,
) -> None:
    """Show what the next sync would do and cost, without writing to either system.

    Runs both directions dry, from where the last sync stopped, and leaves that where it is. Each
    direction is planned as things stand now: what the first would write, the second can't see yet.

    Ends with 0 if nothing is pending, with 2 if something is, and with 1 on an error.
    """
    directions = [direction] if direction else list(HALVES)
    settings = dry_settings(project, [HALVES[each][1] for each in directions])
    found = Plan(
        [_half(project, settings[HALVES[each][1]], each, full_refresh) for each in directions]
    )
    for file in files:
        save(FORMS[_SUFFIXES.get(file.suffix, form)](found, Names(anonymous)), file)
    save(FORMS[form](found, Names(anonymous)), None)
    if found.pending:
        context.exit(PENDING)


def _half(project: Project, settings: Settings, direction: str, full_refresh: bool) -> Half:
    ledger = ledger_of(settings, project.root)
    span = Span(connection=ledger.connection, dry_runs=True)
    before = {run.run for run in runs_in(ledger, span)}
    with _watched(direction) as watch:
        reading = try_out(project, direction, watch, full_refresh=full_refresh)
    fresh = [run.run for run in runs_in(ledger, span) if run.run not in before]
    mine = [run.run for run in runs_in(ledger, span)
            if run.run in fresh and run.direction == direction and run.dry_run]  # fmt: skip
    return half(ledger, mine[-1] if mine else "none", reading)


@contextmanager
def _watched(direction: str) -> Iterator[Watcher]:
    """Show a person what goes on; a log gets the lines themselves when something fails."""
    console = Console(stderr=True)
    if not console.is_terminal:
        click.echo(f"Trying {direction} out ...", err=True)
        yield lambda _line: None
        return
    name = DIRECTIONS[direction]
    with console.status(f"{name} ...") as status:
        yield lambda line: status.update(f"{name}  [dim]{_told(line)}[/]")


def _told(line: str) -> str:
    """The end of a line of the log, where its message stands."""
    return line.rpartition(" | ")[2][:100].replace("[", r"\[")
