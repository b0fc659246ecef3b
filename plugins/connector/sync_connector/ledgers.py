"""Opening a ledger for looking at it, never making one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sync_core.errors import ConfigurationError
from sync_core.ledger import Ledger


def open_ledger(url: str) -> Ledger:
    """Open an existing ledger.

    Raises:
        ConfigurationError: The URL is malformed, or there is no ledger yet.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            "ledger_url: expected an SQLAlchemy URL such as sqlite:////path/to/ledger.db"
        ) from error
    file = parsed.database
    if parsed.get_backend_name() == "sqlite" and not (file and Path(file).exists()):
        raise ConfigurationError(f"There is no ledger at {file} yet: run a sync first")
    return Ledger(url, connection="")
