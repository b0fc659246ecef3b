"""The command `forget`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import click
import msgspec
from sync_core.errors import LedgerError
from sync_core.ledger import Ledger
from sync_core.ledger.forgetting import forget as drop
from sync_core.ledger.forgetting import traces
from sync_core.ledger.scrubbing import scrub
from sync_core.text import number_of

from sync_connector.asking import sure
from sync_connector.keeping.choosing import ledgers, record_options
from sync_connector.ledgers import ledger_option

Ask = Callable[[Ledger, str, str], dict[str, int]]


@click.command()
@click.argument("record")
@ledger_option
@record_options
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--json", "json_", is_flag=True, help="The proof as JSON.")
def forget(  # noqa: PLR0913, PLR0917 - one argument an option
    record: str, ledger_url: str, kind: str, connection: str, yes: bool, json_: bool
) -> None:
    """Drop everything that the ledger knows of a person or an organization, and prove it.

    RECORD is an e-mail address, an account id, or an id in Pipedrive or journy. Both services keep
    the record as it is: delete it there as well, or the next run learns of it again.
    """
    opened = ledgers(ledger_url, connection)
    found = _summed(traces, opened, record, kind)
    if not sum(found.values()):
        _prove(found, found, json_=json_)
        return
    if not yes:
        shown = ", ".join(f"{number:,} in {table}" for table, number in found.items() if number)
        sure(f"Drop {shown}?", abort=True, err=True)
    removed = _summed(drop, opened, record, kind)
    _scrub(opened)
    left = _summed(traces, opened, record, kind)
    _prove(removed, left, json_=json_)


def _summed(ask: Ask, opened: Sequence[Ledger], record: str, kind: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for ledger in opened:
        total.update(ask(ledger, record, kind))
    return total


def _scrub(opened: Sequence[Ledger]) -> None:
    """Rewrite the file: what was dropped stands in its free pages until then."""
    try:
        scrub(opened[0])
    except LedgerError as error:
        raise click.ClickException(
            f"The rows are gone, but the file couldn't be rewritten without them ({error}): "
            "run this again when no sync is running"
        ) from error


def _prove(removed: Counter[str], left: Counter[str], *, json_: bool) -> None:
    if json_:
        proof = {"removed": dict(removed), "left": dict(left)}
        click.echo(msgspec.json.encode(proof).decode())
    elif not sum(removed.values()):
        click.echo("The ledger holds nothing of such a record.")
    else:
        for table, number in removed.items():
            click.echo(f"{table:<10} {number:>8,} removed {left[table]:>8,} left")
        click.echo(f"Nothing is left of {number_of(sum(removed.values()), 'row')}.")
    if any(left.values()):
        raise click.ClickException("A run wrote of the record meanwhile: run this again")
