"""What a story is made of. Its text can be pasted into a test, and is the same story again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sync_tests.stories.steps import Discover, Lose, Rest, Run, Step, Wait

__all__ = [
    "Archive",
    "Change",
    "ChangeMany",
    "Delete",
    "Discover",
    "Field",
    "Lose",
    "Make",
    "Merge",
    "Rest",
    "Restore",
    "Run",
    "Skip",
    "Story",
    "Wait",
]

#: Entity -> its streams.
STREAMS_OF = {
    "person": ("persons",),
    "organization": ("organizations",),
    "deal": ("deals", "archived_deals"),
    "activity": ("activities",),
    "lead": ("leads",),
    "note": ("notes",),
    "stage": ("stages",),
}
WITH_FIELDS = ("person", "organization", "deal")
RESTORABLE = ("person", "organization", "deal", "activity")


@dataclass(frozen=True)
class Make:
    """A new record."""

    entity: str
    number: int = 0


@dataclass(frozen=True)
class Change:
    """A record is edited; `which` counts through those that are there."""

    entity: str
    which: int = 0
    number: int = 0


@dataclass(frozen=True)
class ChangeMany:
    """Many records are edited one after the other, so many seconds apart."""

    entity: str
    records: int = 10
    seconds: int = 1


@dataclass(frozen=True)
class Delete:
    """A record is deleted."""

    entity: str
    which: int = 0


@dataclass(frozen=True)
class Restore:
    """A deleted record is there again, with a new update time."""

    entity: str
    which: int = 0


@dataclass(frozen=True)
class Merge:
    """Of two records one goes, the other stays."""

    entity: str
    which: int = 0
    other: int = 1


@dataclass(frozen=True)
class Archive:
    """A deal leaves its list for the archive."""

    which: int = 0


@dataclass(frozen=True)
class Skip:
    """Ids that no reader ever sees, as of records that are gone again."""

    entity: str
    ids: int = 1


@dataclass(frozen=True)
class Field:
    """A custom field appears, is renamed or goes; or one of its options does."""

    what: str
    entity: str
    which: int = 0
    label: int = 0
    kind: int = 0


@dataclass(frozen=True)
class Story:
    """How an account looks at first, how it is read, and what happens.

    Attributes:
        streams: The streams that are read.
        records: How many there are of each entity.
        spread: Decides which ids are missing, which records lack an update time, and when the
            others changed.
        settings: Of the tap.
        switches: Of the sandbox: how it behaves where Pipedrive's behaviour isn't known.
    """

    streams: tuple[str, ...] = ("persons",)
    records: tuple[tuple[str, int], ...] = (("person", 5),)
    spread: int = 0
    steps: tuple[Step, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)
