"""The command `runs`."""

from __future__ import annotations

import click

from sync_connector.ledgers import ledger_option, open_ledger
from sync_connector.screen import runs_table, show
from sync_connector.summary import as_json, as_lines


@click.command()
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
