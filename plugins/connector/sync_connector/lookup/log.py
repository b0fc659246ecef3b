"""The command `log`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
import msgspec
from sync_core.engine import Kind
from sync_core.ledger.log import Question, find

from sync_connector.ledgers import ledger_option, open_ledger
from sync_connector.screen import log_table, show

_DIRECTIONS = click.Choice(["pipedrive-to-journy", "journy-to-pipedrive"])


@click.command()
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
