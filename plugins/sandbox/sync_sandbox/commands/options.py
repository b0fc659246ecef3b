"""What several commands share: options, worlds, state files, and sentences for what can't be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_sandbox.world import Settings, World

FILE = click.Path(dir_okay=False, path_type=Path)
COUNT = click.IntRange(min=0)
NOBODY = {"persons": 0, "organizations": 0, "users": 0, "accounts": 0}
_SIZES = (
    ("--persons", 1000, "Persons in Pipedrive."),
    ("--organizations", 200, "Organizations in Pipedrive."),
    ("--users", 1500, "Users in journy."),
    ("--accounts", 250, "Accounts in journy."),
)


def seeding(command: Any) -> Any:
    """Give a command the options that decide which records exist."""
    for name, default, text in reversed(_SIZES):
        command = click.option(name, default=default, show_default=True, type=COUNT, help=text)(
            command
        )
    return click.option("--seed", default=1, show_default=True, help="Same number, same records.")(
        command
    )


def positions(texts: tuple[str, ...], hint: str) -> dict[str, str]:
    """Switch positions given as NAME=VALUE."""
    given = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint=hint)
        given[name] = value
    return given


def new_world(**settings: Any) -> World:
    """A seeded world.

    Raises:
        click.UsageError: a setting can't be.
    """
    try:
        return World(Settings(**settings))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def open_state(world: World, path: Path) -> None:
    """Take the records from a file.

    Raises:
        click.ClickException: it can't be read, or is no saved sandbox.
    """
    try:
        world.open(path)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"can't take the records from --state: {error}") from error


def save_state(world: World, path: Path) -> None:
    """Write the records into a file.

    Raises:
        click.ClickException: it can't be written.
    """
    try:
        world.save(path)
    except OSError as error:
        raise click.ClickException(f"can't save the records: {error}") from error


def check_folder(option: str, path: Path | None) -> None:
    """Make sure that a file can be made, before any work goes into it.

    Raises:
        click.BadParameter: there is no such folder.
    """
    if path is not None and not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}", param_hint=option)
