"""Opening a ledger for looking at it, never making one; the option that names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sync_core.errors import ConfigurationError
from sync_core.ledger import Ledger
from sync_core.ledger.opening import NO_URL

Command = TypeVar("Command", bound=Callable[..., Any])


def ledger_option(command: Command) -> Command:
    """Give a command the argument `ledger_url`."""
    return click.option(
        "--ledger-url",
        envvar="CONNECTOR_LEDGER_URL",
        required=True,
        metavar="URL",
        help="The ledger, as an SQLAlchemy URL. Meltano sets it from the plugin's settings.",
    )(command)


def open_ledger(url: str, connection: str = "") -> Ledger:
    """Open an existing ledger.

    Args:
        url: Its SQLAlchemy URL.
        connection: The connection whose entries count, where the command asks for one.

    Raises:
        ConfigurationError: The URL is malformed, or there is no ledger yet.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError(NO_URL) from None
    file = parsed.database
    if parsed.get_backend_name() == "sqlite" and not (file and Path(file).exists()):
        raise ConfigurationError(f"There is no ledger at {file} yet: run a sync first")
    return Ledger(url, connection)


def ledger_of(settings: Mapping[str, Any], root: Path) -> Ledger:
    """The ledger that a target with these settings writes, made if it isn't there yet.

    Args:
        settings: The target's.
        root: The folder in which it runs, which a relative file's path begins at.

    Raises:
        ConfigurationError: It can't be opened.
    """
    url = str(settings.get("ledger_url") or "sqlite:///ledger.db")
    name = str(settings.get("connection_name") or "default")
    head, separator, file = url.partition(":///")
    if head.startswith("sqlite") and separator and not Path(file).is_absolute():
        url = f"{head}:///{root / file}"
    return Ledger(url, name)
