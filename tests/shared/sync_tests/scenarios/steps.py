"""What a scenario is made of. Its text can be pasted into a test, and is the same one again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sync_tests.pipedrive_stories.steps import Delete, Merge, Restore
from sync_tests.stories.steps import Step, Wait

__all__ = [
    "BackUp",
    "Both",
    "Delete",
    "Edit",
    "Fault",
    "Field",
    "Give",
    "Lose",
    "Make",
    "Member",
    "Merge",
    "Recall",
    "Remove",
    "Rest",
    "Restore",
    "Run",
    "Scenario",
    "Set",
    "Step",
    "Swap",
    "Unify",
    "Wait",
]


@dataclass(frozen=True)
class Give:
    """A user or an account of journy gets a value, and is made where it isn't there yet."""

    kind: str
    which: int = 0
    what: str = ""
    value: int = 0


@dataclass(frozen=True)
class Remove:
    """A user or an account is deleted in journy."""

    kind: str
    which: int = 0


@dataclass(frozen=True)
class Unify:
    """Of two users, or accounts, journy makes one; the other's id is gone."""

    kind: str
    which: int = 0
    other: int = 1


@dataclass(frozen=True)
class Member:
    """A user joins an account, or leaves it."""

    user: int = 0
    account: int = 0
    joins: bool = True


@dataclass(frozen=True)
class Make:
    """Somebody types a new person or organization into Pipedrive."""

    entity: str
    number: int = 0


@dataclass(frozen=True)
class Edit:
    """Somebody edits one; `which` counts through those that are there."""

    entity: str
    which: int = 0
    what: str = ""
    value: int = 0


@dataclass(frozen=True)
class Swap:
    """Two organizations change account ids, or two persons their addresses."""

    entity: str
    which: int = 0
    other: int = 1


@dataclass(frozen=True)
class Field:
    """A mapped field is deleted or renamed, or an option of it deleted; until the next rest."""

    what: str = "remove"


@dataclass(frozen=True)
class Fault:
    """Requests that fail.

    Attributes:
        where: `tap` or `target`.
        kind: One of `faults.PLANTED`, or `kill`: the process dies there.
        method: Of these requests alone.
        after: So many of them go well first.
        times: So many fail; None: all from there on.
    """

    where: str = "target"
    kind: str = "500"
    method: str = "*"
    after: int = 0
    times: int | None = 1


@dataclass(frozen=True)
class Run:
    """One direction runs.

    Attributes:
        source: `journy` or `pipedrive`.
        full: Whether everything is read again.
        dry: Whether a dry run goes ahead.
        fault: What fails meanwhile.
        budget: Tokens that the target may spend.
    """

    source: str = "journy"
    full: bool = False
    dry: bool = False
    fault: Fault | None = None
    budget: int | None = None


@dataclass(frozen=True)
class Both:
    """Both directions run, journy's first."""


@dataclass(frozen=True)
class Lose:
    """The ledger is lost."""


@dataclass(frozen=True)
class BackUp:
    """The ledger is copied, to be there again after the next `Recall`."""


@dataclass(frozen=True)
class Recall:
    """The ledger is as it was when it was last copied."""


@dataclass(frozen=True)
class Set:
    """A setting changes, see `settings.POSITIONS`."""

    name: str
    value: int = 0


@dataclass(frozen=True)
class Rest:
    """Nothing fails any more and nobody edits: both directions run until all is said."""

    full: bool = True


@dataclass(frozen=True)
class Scenario:
    """The settings at first, how the sandbox behaves where the services are unknown, and steps."""

    settings: dict[str, int] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
