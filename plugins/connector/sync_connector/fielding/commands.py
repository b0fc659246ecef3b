"""The command `fields`."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import click
from sync_core.errors import ConfigurationError

from sync_connector.asking import sure
from sync_connector.fielding.gathering import Gathered, gather, properties
from sync_connector.fielding.missing import Fields, Missing
from sync_connector.fielding.rows import rows
from sync_connector.fielding.screen import FORMATS, Part
from sync_connector.lines import PAIRS
from sync_connector.project import ROLES, Project, project_option
from sync_connector.screen import tell


@click.command()
@project_option
@click.argument("names", nargs=-1, metavar="[PROPERTY]...")
@click.option("--examples", is_flag=True, help="Show the values of the first record of each side.")
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="table", help="What is shown."
)
@click.option("--create", is_flag=True, help="Make the fields in Pipedrive that are missing.")
@click.option("-y", "--yes", is_flag=True, help="Make them without asking.")
def fields(  # noqa: PLR0913  # one argument an option
    *,
    project: Project,
    names: tuple[str, ...],
    examples: bool,
    form: str,
    create: bool,
    yes: bool,
) -> None:
    """Show the fields of both services side by side, and suggest lines for the mapping.

    What is mapped comes first, then pairs whose names are alike and whose types fit, then the rest;
    fields that can't be written say why. The suggested lines are ready to be pasted, and
    `--format yaml` prints them alone.

    With --create, Pipedrive gets what lines of the mapping name and it doesn't have, and a field
    for each PROPERTY of journy, such as users.churn_score; with types that fit.
    """
    _require(project)
    if names and not create:
        raise click.UsageError("a PROPERTY goes with --create: it names a field to be made")
    tell("Asking the plugins ...")
    if create:
        _create(project, names, yes=yes)
    else:
        parts = _parts(project, gather(project, examples=examples), examples=examples)
        FORMATS[form](parts, project.name("target-pipedrive"))


def _require(project: Project) -> None:
    lacking = [project.name(role) for role in ROLES if role not in project.settings()]
    if lacking:
        raise ConfigurationError(f"The project lacks {', '.join(lacking)}: `fields` asks all four")


def _parts(project: Project, gathered: Gathered, *, examples: bool) -> list[Part]:
    settings = project.settings()
    return [
        Part(
            pair,
            rows(pair, settings, gathered),
            gathered.records["tap-journy"].get(pair.source, {}) if examples else None,
            gathered.records["tap-pipedrive"].get(pair.target, {}) if examples else None,
        )
        for pair in PAIRS
    ]


def _create(project: Project, names: Sequence[str], *, yes: bool) -> None:
    logging.getLogger("sync_core").addHandler(logging.NullHandler())  # it is said here
    found = Fields(project.settings()["target-pipedrive"])
    missing = found.missing(properties(project), names)
    if not missing:
        click.echo("Nothing is missing: Pipedrive has every field that the mapping names.")
        return
    for each in missing:
        click.echo(f"{each.entity} field {each.name!r}: {_kind(each)} (for {each.setting})")
    if not yes:
        sure(f"Make {len(missing)} in Pipedrive?", abort=True)
    for each, key in found.make(missing):
        click.echo(f"Made the {each.entity} field {each.name!r}; its key is {key}.")


def _kind(missing: Missing) -> str:
    options = f" with {', '.join(missing.options)}" if missing.options else ""
    return f"{missing.kind}{options}"
