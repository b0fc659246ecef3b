"""What a story is made of. Its text can be pasted into a test, and is the same story again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Step = Any

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
class Wait:
    """Time passes."""

    seconds: int = 1


@dataclass(frozen=True)
class Run:
    """A run of the tap.

    Attributes:
        size: The setting `concurrency`.
        turns: Decides in which order pages that are under way are read, and come.
        during: What happens before which of its requests: `((3, Change("person")), ...)`.
        faults: Which requests fail, how, and how often in a row: `((3, "500", 1), ...)`.
        kill: How many of a hundred messages reach the target; None: all.
        back: Of the states that the target got, how many it has lost again.
        budget: Tokens that the run may spend.
        skew: Seconds by which this machine's clock is ahead of Pipedrive's.
        pace: Seconds that pass before each request but the first.
    """

    size: int = 2
    turns: int = 0
    during: tuple[tuple[int, Step], ...] = ()
    faults: tuple[tuple[int, str, int], ...] = ()
    kill: int | None = None
    back: int = 0
    budget: int | None = None
    skew: int = 0
    pace: int = 0


@dataclass(frozen=True)
class Lose:
    """The state is lost."""


@dataclass(frozen=True)
class Rest:
    """Nothing is under way any more, and a run ends well: the table has to equal the truth."""

    size: int = 2


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
