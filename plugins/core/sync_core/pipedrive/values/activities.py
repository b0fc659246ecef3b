"""Built-in fields of activities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timezone
from typing import Any

from sync_core.mapping import TargetField, ValueMisfitError
from sync_core.pipedrive.fields import Field
from sync_core.pipedrive.values.how import How, Make
from sync_core.pipedrive.values.kinds import kind, same
from sync_core.pipedrive.values.links import links
from sync_core.pipedrive.values.moments import clock, day

Row = Mapping[str, Any]


def named(what: str, described: str) -> Make:
    """Fields that hold what a name stands for, such as the type of an activity.

    Args:
        what: As the session resolves it.
        described: What names it, for messages.
    """

    def make(field: Field, how: How) -> TargetField:
        resolve = how.resolve.get(what)

        def convert(value: Any) -> Any:
            if resolve is None or not isinstance(value, str) or not value.strip():
                raise ValueMisfitError(f"expected {described}, got {kind(value)}")
            return resolve(value.strip())

        return TargetField(field.key, field.label, convert, holds=same)

    return make


def due_dates(field: Field, how: How) -> TargetField:
    """The day of an activity; a point in time falls on UTC's calendar, as the time of day does."""
    zone = how.zone or timezone.utc
    return TargetField(field.key, field.label, lambda value: day(value, zone), holds=same)


def _minutes(value: Any) -> str:
    """HH:MM, which Pipedrive's documentation names; whether seconds may be written isn't known."""
    return clock(value, timezone.utc)[:5]


def _read(stored: Any) -> Any:
    """A time of day or a duration as it reads back: HH:MM or HH:MM:SS, by the OpenAPI examples."""
    return stored[:5] if isinstance(stored, str) else stored


def due_times(field: Field, _how: How) -> TargetField:
    """The time of day in UTC, or how long it takes."""
    return TargetField(
        field.key,
        field.label,
        _minutes,
        plain=_read,
        holds=lambda stored, wanted: same(_read(stored), wanted),
    )


def people(field: Field, how: How) -> TargetField:
    """The person of an activity: the primary one of its participants, who are kept."""
    person = links("a user's e-mail address, or a person's id as a number")(field, how)
    return replace(
        person,
        key="participants",
        plain=_primary,
        holds=lambda stored, wanted: same(_primary(stored), wanted),
        combine=_with,
        adds=True,
        clearable=False,
    )


def _participants(stored: Any) -> list[Row]:
    return (
        [each for each in stored if isinstance(each, Mapping)] if isinstance(stored, list) else []
    )


def _primary(stored: Any) -> Any:
    marked = (each.get("person_id") for each in _participants(stored) if each.get("primary"))
    return next(marked, None)


def _with(stored: Any, wanted: int) -> list[dict[str, Any]]:
    others = [each["person_id"] for each in _participants(stored) if each.get("person_id")]
    kept = [{"person_id": each, "primary": False} for each in others if each != wanted]
    return [{"person_id": wanted, "primary": True}, *kept]


def lead_links(field: Field, how: How) -> TargetField:
    """A lead, by its id or by the key that the ledger links by."""
    return named("lead", "a lead's id, or the key that it is linked by")(field, how)
