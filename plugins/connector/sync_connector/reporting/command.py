"""The command `report`."""

from __future__ import annotations

from pathlib import Path

import click
from sync_core.ledger.questions import Span
from sync_core.text import number_of

from sync_connector.ledgers import ledger_option, open_ledger
from sync_connector.lookup.forms import save
from sync_connector.periods import Moment
from sync_connector.reporting.gathering import gather
from sync_connector.reporting.markdown import markdown as as_markdown
from sync_connector.reporting.page import html


@click.command()
@ledger_option
@click.option("--since", type=Moment(), help="Runs from then on: 7d, yesterday, 2026-01-31.")
@click.option("--until", type=Moment(), help="Runs before then; written like --since.")
@click.option("--run", default="", help="One run, by its id or the beginning of it.")
@click.option("--connection", default="", help="Of one connection only.")
@click.option("--dry-runs", is_flag=True, help="Count dry runs as well.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; by default sync-report.html, and Markdown to standard output.",
)
@click.option("--markdown", is_flag=True, help="Markdown in place of a page, for a CI summary.")
@click.option("--anonymous", is_flag=True, help="Leave out keys and ids of records.")
def report(  # noqa: PLR0913, PLR0917 - one argument an option
    ledger_url: str,
    since: str | None,
    until: str | None,
    run: str,
    connection: str,
    dry_runs: bool,
    out: Path | None,
    markdown: bool,
    anonymous: bool,
) -> None:
    """Write a page of a run or a period: changes, reasons, budget, conflicts, data quality.

    One HTML file that needs no network; all runs, unless a period or a run is named.
    """
    span = Span(since or "", until or "", run, connection, dry_runs or bool(run))
    facts = gather(open_ledger(ledger_url), span)
    if run and not facts.runs:
        raise click.ClickException(f"There is no run {run}; `connector runs` lists them")
    if markdown:
        save(as_markdown(facts, anonymous=anonymous), out)
        return
    out = out or Path("sync-report.html")
    save(html(facts, anonymous=anonymous), out)
    click.echo(f"Wrote {out}: {number_of(len(facts.runs), 'run')}.")
