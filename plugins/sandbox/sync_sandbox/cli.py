"""The command line: `sandbox serve | seed | export | switches | journal | demo`."""

from __future__ import annotations

import click

from sync_sandbox.commands.journal import journal_command
from sync_sandbox.commands.seed import export_command, seed_command
from sync_sandbox.commands.serve import serve_command
from sync_sandbox.commands.switches import switches_command
from sync_sandbox.demo import demo

COMMANDS = (
    serve_command,
    seed_command,
    export_command,
    switches_command,
    journal_command,
    demo,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """A stateful local stand-in for Pipedrive and journy.io.

    It answers as the real services do, refuses what they refuse, and breaks on demand.
    Records live in memory and are always the same for a seed. `sandbox serve` shows them, and each
    request, on a page for the browser.
    """


for command in COMMANDS:
    main.add_command(command)
