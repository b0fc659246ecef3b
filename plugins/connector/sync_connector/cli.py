"""The command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import click
import msgspec
from sync_core.engine import Kind
from sync_core.errors import SyncError
from sync_core.ledger.log import Question, find

from sync_connector.ledgers import open_ledger
from sync_connector.screen import log_table, runs_table, show
from sync_connector.summary import as_json, as_lines

Command = TypeVar("Command", bound=Callable[..., Any])

_DIRECTIONS = click.Choice(["pipedrive-to-journy", "journy-to-pipedrive"])


class Plain(click.Group):
    """Ends with a sentence instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except SyncError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Plain, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sync-connector")
def main() -> None:
    """Look into the ledger that both targets write."""


def ledger_option(command: Command) -> Command:
    """Add the option that every command needs."""
    return click.option(
        "--ledger-url",
        envvar="CONNECTOR_LEDGER_URL",
        required=True,
        metavar="URL",
        help="The ledger, as an SQLAlchemy URL. Meltano sets it from the plugin's settings.",
    )(command)


@main.command()
@ledger_option
@click.option("--last", type=click.IntRange(min=1), help="Only so many of the newest runs.")
@click.option("--json", "json_", is_flag=True, help="A JSON list, oldest first.")
def runs(ledger_url: str, last: int | None, json_: bool) -> None:
    """List the runs: what each created, updated, left alone, and what it cost."""
    found = open_ledger(ledger_url).runs()
    found = found[-last:] if last else found
    if json_:
        click.echo(as_json([as_lines(run) for run in found]))
    elif not found:
        click.echo("No run yet.")
    else:
        show(runs_table(found))


@main.command()
@ledger_option
@click.option("--record", default="", help="An e-mail, account id, Pipedrive id or journy id.")
@click.option("--run", default="", help="A run's id, or its beginning.")
@click.option("--direction", type=_DIRECTIONS, default=None)
@click.option("--entity", default="", help="A stream, such as persons.")
@click.option("--outcome", type=click.Choice([kind.value for kind in Kind]), default=None)
@click.option("--reason", default="", help="A reason code, such as several_matches.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--json", "json_", is_flag=True, help="One JSON object a line.")
def log(ledger_url: str, json_: bool, **wanted: Any) -> None:
    """Show what happened to records, newest first; unchanged ones are only counted, in `runs`."""
    question = Question(**{name: value for name, value in wanted.items() if value is not None})
    lines = find(open_ledger(ledger_url), question)
    if json_:
        for line in lines:
            click.echo(msgspec.json.encode(asdict(line)).decode())
    elif not lines:
        click.echo("Nothing in the log fits.")
    else:
        show(log_table(lines))
