"""The command line: which commands there are. Each lives in a module of its own."""

from __future__ import annotations

from typing import Any

import click
from sync_core.errors import SyncError

from sync_connector.alerting.command import alert
from sync_connector.checking.commands import check
from sync_connector.connecting.commands import connect, disconnect
from sync_connector.fielding.commands import fields
from sync_connector.keeping.forget import forget
from sync_connector.keeping.retry import retry
from sync_connector.lookup.log import log
from sync_connector.lookup.runs import runs
from sync_connector.planning.command import plan
from sync_connector.reporting.command import report


class Plain(click.Group):
    """Ends with a sentence instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except SyncError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Plain, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sync-connector")
def main() -> None:
    """See what the sync does: look into the ledger that both targets write."""


for command in (
    connect, disconnect, check, fields, plan, runs, log, report, alert, retry, forget,
):  # fmt: skip
    main.add_command(command)
