"""Built-in fields of notes."""

from __future__ import annotations

from typing import Any

from sync_core.mapping import TargetField
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.flags import flag
from sync_core.pipedrive.values.how import How


def pins(field: Field, _how: How) -> TargetField:
    """Whether a note is pinned: written as 1 or 0, read as true or false (Pipedrive OpenAPI v1).

    What it is pinned to has to be named along, so the record is read before.
    """
    return TargetField(
        field.key,
        field.label,
        lambda value: int(flag(value)),
        plain=lambda stored: None if stored is None else int(bool(stored)),
        holds=lambda stored, wanted: bool(stored) == bool(wanted),
        combine=_sent,
    )


def _sent(_stored: Any, wanted: int) -> int:
    return wanted
