"""The connections that a command is about: each ledger may serve several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from sync_core.errors import ConfigurationError
from sync_core.ledger import Ledger
from sync_core.ledger.questions import connections
from sync_core.text import near

from sync_connector.ledgers import open_ledger

Command = TypeVar("Command", bound=Callable[..., Any])


def record_options(command: Command) -> Command:
    """Give a command the arguments `kind` and `connection`."""
    command = click.option(
        "--kind",
        default="",
        help="user (a person), account (an organization) or a mapped stream's name, where records "
        "of several kinds have the same id.",
    )(command)
    return click.option(
        "--connection", default="", help="Of one connection only; by default of all."
    )(command)


def ledgers(url: str, connection: str) -> Sequence[Ledger]:
    """The ledger once for each connection that it serves, or for the one that is named.

    Raises:
        ConfigurationError: There is no ledger, or no such connection in it.
    """
    known = connections(open_ledger(url))
    if connection and connection not in known:
        raise ConfigurationError(f"The ledger knows no connection {connection!r}; "
                                 f"{near(connection, known)}")  # fmt: skip
    return [open_ledger(url, name) for name in ([connection] if connection else known)]
