"""The commands `sandbox seed` and `sandbox export`: records in files, without serving."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync_sandbox.commands.options import (
    FILE,
    NOBODY,
    check_folder,
    new_world,
    open_state,
    save_state,
    seeding,
)
from sync_sandbox.journy.export import Which, write_records, write_segment_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_sandbox.world import World

WRITERS: dict[str, Callable[[Any, Path, Which], int]] = {
    "records": write_records,
    "segment": lambda world, path, which: write_segment_lines(world, path, [which]),
}


@click.command("seed")
@seeding
@click.option("--state", type=FILE, required=True, help="File to write; replaced if it is there.")
def seed_command(*, state: Path, **settings: Any) -> None:
    """Make the records of both services and write them into a file, without serving.

    `sandbox serve --state FILE` begins with them, and so does `sandbox export --state FILE`.

    \b
    Example:
      sandbox seed --seed 7 --persons 100000 --users 150000 --state large.json
    """  # noqa: D301  # click reads \b: lines that stay as they are
    check_folder("--state", state)
    world = new_world(**settings)
    save_state(world, state)
    for service, counts in world.counts().items():
        for entity, count in counts.items():
            click.echo(f"{service:10} {entity:20} {count:>9}")


@click.command("export")
@click.option(
    "--state",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Where the records come from: a file of `seed`, or of a stopped `serve --state`.",
)
@click.option(
    "--format",
    "form",
    default="records",
    show_default=True,
    type=click.Choice(tuple(WRITERS)),
    help="Records as journy's list gives them, or calls in Segment's specification.",
)
@click.option("--users", type=FILE, help="File to write the users into (records; identify, track).")
@click.option("--accounts", type=FILE, help="File to write the accounts into (records; group).")
def export_command(*, state: Path, form: str, users: Path | None, accounts: Path | None) -> None:
    """Write journy's users and accounts as an export to files would hold them.

    JSON Lines, for whatever reads such files. That journy exports in these forms is the sandbox's
    assumption. Nothing is served and the state file stays as it is.

    \b
    Examples:
      sandbox export --state world.json --users users.jsonl --accounts accounts.jsonl
      sandbox export --state world.json --format segment --users calls.jsonl
    """  # noqa: D301  # click reads \b: lines that stay as they are
    wanted: dict[Which, Path | None] = {"users": users, "accounts": accounts}
    if not any(wanted.values()):
        raise click.UsageError("say where to write: --users FILE, --accounts FILE, or both")
    for which, path in wanted.items():
        check_folder(f"--{which}", path)
    world = new_world(**NOBODY)
    open_state(world, state)
    for which, path in wanted.items():
        if path is not None:
            click.echo(f"{_write(world, form, which, path):>9} lines in {path}")


def _write(world: World, form: str, which: Which, path: Path) -> int:
    try:
        return WRITERS[form](world.journy.world, path, which)
    except OSError as error:
        raise click.ClickException(f"can't write {path}: {error}") from error
