"""The lines of an archive: calls in Segment's specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tap_journy import rows
from tap_journy.cells import Make, by_column
from tap_journy.sources import Raw


class Context(msgspec.Struct, gc=False):
    """What else was known when a call was made; all but the traits is passed over."""

    traits: Any = None


class Line(msgspec.Struct, rename="camel", gc=False):
    """One call; most of a track line, as what happened, is passed over unread.

    Attributes:
        type: What it is.
        user_id: Whom it tells of.
        anonymous_id: The same for a visitor.
        previous_id: Who the user was before.
        group_id: The account.
        traits: What it says of the user or account.
        context: What it says of the user beside that.
        timestamp: When it was made, and by less good clocks `original_timestamp`, `sent_at` and
            `received_at`.
    """

    type: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    traits: Any = None
    context: Context | None = None
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    received_at: Any = None


_DECODE = msgspec.json.Decoder(Line).decode


def decoded(line: bytes) -> Line | None:
    """The call in a line of JSON; None where there is none."""
    try:
        return _DECODE(line)
    except (ValueError, RecursionError):  # perhaps its context is no object, or a mark precedes it
        row = rows.decoded(line)
        return None if row is None else of(row)


def of(row: Mapping[str, Any]) -> Line:
    """The call that an object is."""
    return msgspec.convert({**row, "context": as_object(row.get("context"))}, Line)


def as_object(value: Any) -> Raw | None:
    """An object, also in a text, as a cell of CSV has it; None where there is none."""
    if isinstance(value, str):
        return rows.decoded(value.encode()) if value.startswith("{") else None
    return value if isinstance(value, dict) else None


def shaped(header: list[str]) -> Make:
    """Rows of CSV are calls as well."""
    row = by_column(header)
    return lambda cells: of(row(cells))
