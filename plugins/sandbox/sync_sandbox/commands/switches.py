"""The command `sandbox switches`."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from sync_sandbox import journy, pipedrive
from sync_sandbox.commands.options import positions
from sync_sandbox.commands.remote import control, url_option

KNOWN = (*pipedrive.SWITCHES, *journy.SWITCHES)


@click.command("switches")
@click.argument("moves", nargs=-1, metavar="[NAME=VALUE]...")
@url_option("A running sandbox: show how its switches stand, or move them.", default=None)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def switches_command(*, moves: tuple[str, ...], url: str | None, as_json: bool) -> None:
    """List what can be switched: behaviours of the real services that nobody has documented.

    Each switch stands with its default, its positions and what it decides. With --url each stands
    as it is there, and NAME=VALUE moves it for the requests that come next.

    \b
    Examples:
      sandbox switches
      sandbox switches --url http://127.0.0.1:8765 pipedrive.patch_lists=merge
      sandbox serve --switch pipedrive.patch_lists=merge
    """  # noqa: D301  # click reads \b: lines that stay as they are
    if moves and url is None:
        raise click.UsageError("say with --url which running sandbox is meant")
    given = positions(moves, "NAME=VALUE")
    if url is not None:
        path = "switches"
        current = control(url, "POST", path, body=given) if given else control(url, "GET", path)
    else:
        current = {switch.name: switch.default for switch in KNOWN}
    rows = [_row(switch, current) for switch in KNOWN if not given or switch.name in given]
    if as_json:
        click.echo(msgspec.json.encode(rows).decode())
        return
    for row in rows:
        moved = "" if row["position"] == row["default"] else f", default {row['default']}"
        click.echo(f"{row['name']} = {row['position']}  ({row['allowed']}{moved})")
        click.echo(click.wrap_text(row["about"], 96, "    ", "    "))


def _row(switch: Any, current: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": switch.name,
        "position": current.get(switch.name, switch.default),
        "default": switch.default,
        "allowed": switch.allowed(),
        "about": switch.description,
    }
