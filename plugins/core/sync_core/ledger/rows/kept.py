"""What is kept for later: records for another try, and what lines read of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.canonical import digest


@dataclass(frozen=True)
class Relative:
    """What the lines of another stream read of a record.

    Attributes:
        stream: The record's stream.
        record: Its own id there.
        said: The columns that are read.
    """

    stream: str
    record: str
    said: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """Tells whether it says something else."""
        return digest(self.said)


@dataclass(frozen=True)
class Left:
    """An account that its organization has left.

    Attributes:
        account: The account's id.
        record: The organization, which stands for another account from now on, or was deleted.
        deleted: Whether the account was deleted along with it, and all memberships with that.
    """

    account: str
    record: str
    deleted: bool = False


@dataclass(frozen=True)
class Kept:
    """A record kept for another try.

    Attributes:
        payload: The record as JSON text.
        reason: Why it is kept.
        last: When it was last tried.
        source_id: Its own id.
        given_up: Whether it waits for a person: no run tries it by itself.
        sent: When a create without an answer may have been sent, by the destination's clock.
    """

    payload: str
    reason: str
    last: str
    source_id: str = ""
    given_up: bool = False
    sent: str = ""


@dataclass(frozen=True)
class Retry:
    """A record to be kept for another try.

    Attributes:
        stream: The record's stream.
        source_id: Its own id there.
        payload: The record as JSON text.
        reason: Why it is kept.
        last: When it was last tried; now, if empty.
        tried: Whether it was, or is only kept on.
        parked: Whether it waits for a person: no run tries it by itself.
        sent: When a create without an answer may have been sent, by the destination's clock.
    """

    stream: str
    source_id: str
    payload: str
    reason: str
    last: str = ""
    tried: bool = True
    parked: bool = False
    sent: str = ""
