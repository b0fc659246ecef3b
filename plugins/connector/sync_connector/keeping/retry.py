"""The command `retry`."""

from __future__ import annotations

import click
from rich.table import Table
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import release
from sync_core.ledger.questions import Waiting, waiting
from sync_core.text import number_of

from sync_connector.keeping.choosing import ledgers, record_options
from sync_connector.ledgers import ledger_option, open_ledger
from sync_connector.screen import DIRECTIONS, show


@click.command()
@ledger_option
@click.option("--record", default="", help="One record: an e-mail, account id or id.")
@click.option("--reason", default="", help="All that is kept for a reason, such as unavailable.")
@click.option("--direction", type=click.Choice(list(DIRECTIONS)), help="All that goes one way.")
@click.option("--stream", default="", help="Of a stream; an action's are in actions/<its name>.")
@click.option("--all", "everything", is_flag=True, help="All that is kept.")
@record_options
def retry(  # noqa: PLR0913, PLR0917 - one argument an option
    ledger_url: str,
    record: str,
    reason: str,
    direction: str | None,
    stream: str,
    everything: bool,
    kind: str,
    connection: str,
) -> None:
    """Let the next run try what is kept, even what waits for later or was given up.

    Without a choice it shows what is kept. It sends nothing itself: the next run does.
    """
    chosen = bool(record or reason or direction or stream)
    if everything and chosen:
        raise click.UsageError("--all takes everything: leave the other choices out")
    if not (everything or chosen):
        _show(open_ledger(ledger_url))
        return
    released = sum(
        release(
            ledger, name=record, kind=kind, reason=reason, direction=direction or "", stream=stream
        )
        for ledger in ledgers(ledger_url, connection)
    )
    click.echo(_said(released))


def _said(count: int) -> str:
    if not count:
        return "Nothing that is kept fits; `connector retry` shows what is."
    return f"The next run tries {number_of(count, 'kept record')} again."


def _next(each: Waiting) -> str:
    """When a run tries these by itself."""
    if each.given_up == each.count:
        return "when you ask for it"
    return each.due[:16].replace("T", " ") or "with the next run"


def _show(ledger: Ledger) -> None:
    kept = waiting(ledger)
    if not kept:
        click.echo("Nothing is kept for another try.")
        return
    table = Table(title="Kept for another try", title_justify="left")
    for name in ("Direction", "Stream", "Reason"):
        table.add_column(name, no_wrap=True)
    for name in ("Records", "Wait for you"):
        table.add_column(name, justify="right")
    for name in ("Oldest try (UTC)", "Next try (UTC)"):
        table.add_column(name, no_wrap=True)
    for each in kept:
        table.add_row(
            DIRECTIONS.get(each.direction, each.direction),
            each.stream,
            each.reason,
            f"{each.count:,}",
            f"{each.given_up:,}",
            each.oldest[:16].replace("T", " "),
            _next(each),
        )
    show(table, "--all, --reason, --stream or --record lets the next run try them.")
