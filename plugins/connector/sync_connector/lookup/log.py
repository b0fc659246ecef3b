"""The command `log`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sync_core.engine import Kind
from sync_core.ledger import Ledger
from sync_core.ledger.log import LogLine, Question, count, find

from sync_connector.ledgers import ledger_option, open_ledger
from sync_connector.lookup.follow import follow as watch
from sync_connector.lookup.forms import FORMS, write
from sync_connector.periods import Moment
from sync_connector.screen import log_table, show

_DIRECTIONS = click.Choice(["pipedrive-to-journy", "journy-to-pipedrive"])


@click.command()
@ledger_option
@click.option("--record", default="", help="An e-mail, account id, Pipedrive id or journy id.")
@click.option("--run", default="", help="A run's id, or its beginning.")
@click.option("--direction", type=_DIRECTIONS, default=None, help="Which way it went.")
@click.option("--entity", default="", help="A stream, such as persons, or `actions`.")
@click.option(
    "--outcome", type=click.Choice([kind.value for kind in Kind]), help="What came of it."
)
@click.option("--reason", default="", help="A reason code, such as several_matches.")
@click.option("--field", default="", help="A field that was written or refused, by its label.")
@click.option("--since", type=Moment(), help="From then on: 2h, 7d, yesterday, 2026-01-31.")
@click.option("--until", type=Moment(), help="Before then; written like --since.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, help="Lines of a page; by default 50."
)
@click.option("--page", type=click.IntRange(min=1), default=1, help="The next --limit lines.")
@click.option("--all", "everything", is_flag=True, help="Every line, in place of a page.")
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *FORMS]),
    default="table",
    help="A table for people, one JSON object a line, or a spreadsheet.",
)
@click.option("--json", "json_", is_flag=True, help="Short for --format json.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file to write to.")
def log(  # noqa: PLR0913, PLR0917 - one argument an option
    ledger_url: str,
    limit: int,
    page: int,
    everything: bool,
    follow: bool,
    form: str,
    json_: bool,
    out: Path | None,
    **wanted: Any,
) -> None:
    """Show what happened to records, newest first.

    Unchanged ones are only counted, in `runs`. JSON is one object a line.
    """
    form = "json" if json_ else form
    if form == "table" and out:
        raise click.UsageError("--out needs --format json or --format csv")
    question = Question(**{name: value for name, value in wanted.items() if value is not None})
    ledger = open_ledger(ledger_url)
    if follow:
        watch(ledger, question, form)
        return
    if everything:
        question = replace(question, limit=None)
    else:
        question = replace(question, limit=limit, skip=(page - 1) * limit)
    lines = find(ledger, question)
    if form in FORMS:
        write(form, lines, out)
    else:
        _table(ledger, question, lines)


def _table(ledger: Ledger, question: Question, lines: Sequence[LogLine]) -> None:
    if not lines:
        click.echo("Nothing in the log fits.")
        return
    total = count(ledger, question)
    show(log_table(lines), _where(question, len(lines), total))


def _where(question: Question, shown: int, total: int) -> str:
    """Which part of the lines this is; empty where it is all of them."""
    if shown == total:
        return ""
    first = question.skip + 1
    return f"{first} to {question.skip + shown} of {total}; --page or --all shows more"
