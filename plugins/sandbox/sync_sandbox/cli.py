"""The command line: `sandbox serve | seed | switches | journal`."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import click
import msgspec

from sync_sandbox import journy, pipedrive
from sync_sandbox.demo import demo
from sync_sandbox.server import listen, serve, url_of, write_ready_file
from sync_sandbox.world import PLANS, Settings, World

FILE = click.Path(dir_okay=False, path_type=Path)
COUNT = click.IntRange(min=0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """A stateful local stand-in for Pipedrive and journy.io.

    It answers as the real services do, refuses what they refuse, and breaks on demand.
    Records live in memory and are always the same for a seed.
    """


main.add_command(demo)


def _seeding(command: Any) -> Any:
    """The options that decide which records exist."""
    options = [
        click.option("--seed", default=1, show_default=True, help="Same number, same records."),
        click.option(
            "--persons", default=1000, show_default=True, type=COUNT, help="In Pipedrive."
        ),
        click.option(
            "--organizations", default=200, show_default=True, type=COUNT, help="In Pipedrive."
        ),
        click.option("--users", default=1500, show_default=True, type=COUNT, help="In journy."),
        click.option("--accounts", default=250, show_default=True, type=COUNT, help="In journy."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _switch_positions(texts: tuple[str, ...]) -> dict[str, str]:
    positions = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--switch")
        positions[name] = value
    return positions


def _world(**settings: Any) -> World:
    try:
        return World(Settings(**settings))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@main.command("serve")
@_seeding
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, help="Port; 0 picks a free one.")
@click.option("--ready-file", type=FILE, help="Gets the base URL once the sandbox listens.")
@click.option("--latency-ms", default=0.0, show_default=True, help="Wait before each answer.")
@click.option(
    "--plan",
    default="unlimited",
    show_default=True,
    type=click.Choice(PLANS),
    help="Pipedrive plan: burst limit and daily token budget.",
)
@click.option(
    "--seats", default=1, show_default=True, type=click.IntRange(min=1), help="Paid users."
)
@click.option("--switch", "switch", multiple=True, metavar="NAME=VALUE", help="See `switches`.")
@click.option("--state", type=FILE, help="Loaded if present, saved on a clean stop.")
def serve_command(  # noqa: PLR0913  # one parameter for each documented option
    *,
    host: str,
    port: int,
    ready_file: Path | None,
    latency_ms: float,
    switch: tuple[str, ...],
    state: Path | None,
    **settings: Any,
) -> None:
    """Serve both services until Ctrl+C or SIGTERM.

    Pipedrive is under /pipedrive, journy under /journy, the control interface under /_sandbox.
    """
    world = _world(switches=_switch_positions(switch), **settings)
    try:
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        if state is not None and state.exists():
            world.open(state)
        bound = listen(host, port)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"can't serve on {host}:{port}: {error}") from error
    url = url_of(bound)

    def ready() -> None:
        if ready_file is not None:
            write_ready_file(ready_file, url)
        click.echo(
            f"Sandbox on {url} (Pipedrive x-api-token: {pipedrive.TOKEN}, "
            f"journy X-Api-Key: {journy.API_KEY})"
        )

    serve(world, bound, latency_ms, ready)
    if state is not None:
        world.save(state)


@main.command("seed")
@_seeding
@click.option("--state", type=FILE, required=True, help="File to write, for `serve --state`.")
def seed_command(*, state: Path, **settings: Any) -> None:
    """Make the records for a seed and write them into a file."""
    world = _world(**settings)
    world.save(state)
    for service, counts in world.counts().items():
        for entity, count in counts.items():
            click.echo(f"{service:10} {entity:20} {count}")


@main.command("switches")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def switches_command(*, as_json: bool) -> None:
    """List what can be switched: behaviours of the real services that nobody has documented."""
    known = (*pipedrive.SWITCHES, *journy.SWITCHES)
    if as_json:
        rows = [
            {"name": s.name, "default": s.default, "allowed": s.allowed(), "about": s.description}
            for s in known
        ]
        click.echo(msgspec.json.encode(rows).decode())
        return
    for switch in known:
        click.echo(f"{switch.name} = {switch.default}  ({switch.allowed()})")
        click.echo(click.wrap_text(switch.description, 96, "    ", "    "))


@main.command("journal")
@click.option(
    "--url", default="http://127.0.0.1:8765", show_default=True, help="A running sandbox."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, one request a line.")
@click.option("--clear", is_flag=True, help="Empty the journal afterwards.")
def journal_command(*, url: str, as_json: bool, clear: bool) -> None:
    """Print what was called on a running sandbox, and what it cost in Pipedrive tokens."""
    rows = _control(url, "GET")
    for row in rows:
        line = "{status!s:>4} {tokens:>4} {ms:>9.1f} ms  {method:6} {path}".format(**row)
        click.echo(msgspec.json.encode(row).decode() if as_json else line)
    if not as_json:
        total = sum(row["tokens"] for row in rows)
        click.echo(f"{len(rows)} requests, {total} Pipedrive tokens")
    if clear:
        _control(url, "DELETE")


def _control(url: str, method: str) -> Any:
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(f"{url!r} is no http URL", param_hint="--url")
    request = urllib.request.Request(f"{url}/_sandbox/journal", method=method)  # noqa: S310  # checked
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # checked
            return msgspec.json.decode(response.read())
    except (urllib.error.URLError, msgspec.DecodeError) as error:
        raise click.ClickException(f"no sandbox answers at {url}: {error}") from error
