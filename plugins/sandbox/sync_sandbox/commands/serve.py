"""The command `sandbox serve`."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

import click

from sync_sandbox import journy, pipedrive
from sync_sandbox.commands.options import (
    FILE,
    check_folder,
    new_world,
    open_state,
    positions,
    save_state,
    seeding,
)
from sync_sandbox.server import listen, serve, url_of, write_ready_file
from sync_sandbox.world import PLANS

if TYPE_CHECKING:
    import socket
    from pathlib import Path


@click.command("serve")
@seeding
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="Port; 0 picks a free one.",
)
@click.option("--ready-file", type=FILE, help="Gets the base URL once the sandbox listens.")
@click.option(
    "--latency-ms",
    default=0.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Wait before each answer.",
)
@click.option(
    "--plan",
    default="unlimited",
    show_default=True,
    type=click.Choice(PLANS),
    help="Pipedrive plan: burst limit and daily token budget.",
)
@click.option(
    "--seats",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Paid users; each adds to the daily tokens.",
)
@click.option(
    "--switch",
    "switch",
    multiple=True,
    metavar="NAME=VALUE",
    help="Move a switch; may be given several times. `sandbox switches` lists them.",
)
@click.option(
    "--state", type=FILE, help="Take the records from this file if it is there; save on a stop."
)
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
    """Serve both services and the status page until Ctrl+C or SIGTERM.

    Open the printed address in a browser: it shows the records of both services side by side, the
    token budget, and each request as it comes. Pipedrive is under /pipedrive, journy under /journy,
    the control interface under /_sandbox.

    \b
    Examples:
      sandbox serve --state world.json
      sandbox serve --plan lite --seats 3 --latency-ms 150
      sandbox serve --switch pipedrive.search_lag_seconds=10
    """  # noqa: D301  # click reads \b: lines that stay as they are
    check_folder("--ready-file", ready_file)
    check_folder("--state", state)
    world = new_world(switches=positions(switch, "--switch"), **settings)
    if state is not None and state.exists():
        open_state(world, state)
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    bound = _bind(host, port)
    url = url_of(bound)

    def ready() -> None:
        if ready_file is not None:
            write_ready_file(ready_file, url)
        click.echo(
            f"Sandbox on {url} (Pipedrive x-api-token: {pipedrive.TOKEN}, "
            f"journy X-Api-Key: {journy.API_KEY})\n"
            f"Status page: {url}/"
        )

    serve(world, bound, latency_ms, ready)
    if state is not None:
        save_state(world, state)


def _bind(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"port {port} on {host} is taken, perhaps by another sandbox; "
                "choose another with --port (0 picks a free one)"
            ) from error
        raise click.ClickException(f"can't listen on {host}:{port}: {error}") from error
