"""The command `check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import click

from sync_connector.checking import ledgers, loops, options, plugins, services
from sync_connector.checking.model import Finding
from sync_connector.checking.screen import FORMATS
from sync_connector.project import Project, project_option
from sync_connector.schemas import SOURCES
from sync_connector.screen import tell

_PROBLEMS = 1


@click.command()
@project_option
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="table", help="What is shown."
)
@click.option("--quick", is_flag=True, help="Start no plugin: leave the mappings out.")
@click.pass_context
def check(context: click.Context, project: Project, form: str, quick: bool) -> None:
    """Look at everything that a run needs, before anything is written.

    Credentials, permissions, scopes, budgets, clocks and the ledger are looked at here; fields,
    options, owners, activity types, priorities and segments by the targets themselves, which get
    the taps' streams without a record. Nothing is written anywhere. A call or two to each service
    for the first, and one read of each field catalogue for the rest.

    Ends with 0 where a run can start, warnings included, and with 1 where there is a problem.
    """
    tell("Asking the services ..." if quick else "Asking the services and the plugins ...")
    findings = list(_findings(project, quick=quick))
    FORMATS[form](findings)
    if any(each.state == "problem" for each in findings):
        context.exit(_PROBLEMS)


def _findings(project: Project, *, quick: bool) -> Iterator[Finding]:
    """All findings in a fixed order, though what is asked is asked side by side."""
    settings = project.settings()
    parts: list[Callable[[], Iterable[Finding]]] = [
        partial(plugins.present, project),
        partial(services.pipedrive, settings, project.system),
        partial(services.journy, settings),
        partial(ledgers.check, settings),
    ]
    if not quick:
        parts += [
            partial(options.check, settings.get("target-pipedrive", {})),
            partial(_mappings, project),
        ]
    with ThreadPoolExecutor(len(parts)) as pool:
        for found in pool.map(lambda part: list(part()), parts):
            yield from found


def _mappings(project: Project) -> Iterator[Finding]:
    with ThreadPoolExecutor(2) as pool:
        directions = list(pool.map(partial(plugins.direction, project), SOURCES))
    for direction in directions:
        yield from direction.findings
    if all(direction.streams for direction in directions):
        streams = {direction.tap: direction.streams for direction in directions}
        yield from loops.find(project.settings(), streams)
