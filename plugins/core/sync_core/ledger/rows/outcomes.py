"""Lines of the sync log, and samples of a dry run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Difference:
    """What became of one field's value, in words; kept only where the user asks for values.

    Attributes:
        field: The destination field's label.
        before: Its value before; None where the destination can't be read.
        after: Its value now.
        lost: The source's value that gave way to it in a conflict; None without one.
    """

    field: str
    before: str | None
    after: str | None
    lost: str | None = None


@dataclass(frozen=True)
class OutcomeRow:
    """One line of the sync log; `milliseconds` is how long its write took, waits included.

    `changes` are values before and after, where these are kept.
    """

    entity: str
    outcome: str
    reason: str
    text: str = ""
    key: str = ""
    pipedrive_id: str = ""
    journy_id: str = ""
    fields: tuple[str, ...] = ()
    milliseconds: int | None = None
    changes: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Sample:
    """One field of a record that a dry run would have written.

    Attributes:
        entity: The stream.
        outcome: created or updated.
        key: The record's match key.
        pipedrive_id: Its id in Pipedrive; empty if it has none.
        journy_id: Its id in journy; empty if it has none.
        field: The destination field's label.
        before: The value that is there; None where the destination can't be read.
        after: The value that would be written.
    """

    entity: str
    outcome: str
    key: str
    pipedrive_id: str
    journy_id: str
    field: str
    before: str | None
    after: str | None
