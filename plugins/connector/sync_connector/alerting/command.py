"""The command `alert`."""

from __future__ import annotations

from dataclasses import asdict

import click
import msgspec
from sync_core.ledger.questions import Span, runs_in

from sync_connector.alerting.events import Limits, events
from sync_connector.ledgers import ledger_option, open_ledger
from sync_connector.periods import Moment

#: Exit code where there is something to say.
ALERT = 2


@click.command()
@ledger_option
@click.option("--since", type=Moment(), help="Of all runs since 1h, 2026-01-31, not the last only.")
@click.option("--silent", type=Moment(), help="Say if no run has begun for so long: 2h, 1d.")
@click.option(
    "--rejected-share",
    type=click.FloatRange(0, 1),
    default=0.05,
    help="How much of a run may be rejected, from 0 to 1; by default 0.05.",
)
@click.option(
    "--rejected-least",
    type=click.IntRange(min=1),
    default=5,
    help="Fewer rejected records are never worth a word; by default 5.",
)
@click.option("--every-run", is_flag=True, help="Say what is as bad as before once more.")
@click.option("--connection", default="", help="Of one connection only.")
@click.option("--json", "json_", is_flag=True, help="One JSON object a line.")
@click.pass_context
def alert(  # noqa: PLR0913, PLR0917 - one argument an option
    context: click.Context,
    ledger_url: str,
    since: str | None,
    silent: str | None,
    rejected_share: float,
    rejected_least: int,
    every_run: bool,
    connection: str,
    json_: bool,
) -> None:
    """Say what is worth waking somebody for, once, and end with 2; with 0 where there is nothing.

    A run that failed after one that went through, many rejected records after few, no run at all;
    and that it works again.
    """
    runs = runs_in(open_ledger(ledger_url), Span(connection=connection))
    found = events(
        runs,
        Limits(rejected_share, rejected_least),
        since=since or "",
        silent=silent or "",
        every=every_run,
    )
    for event in found:
        click.echo(msgspec.json.encode(asdict(event)).decode() if json_ else event.text)
    if any(event.bad for event in found):
        context.exit(ALERT)
