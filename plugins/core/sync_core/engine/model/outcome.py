"""What became of a record, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

#: Reason of a record whose create may or may not have taken place.
ANSWER_LOST = "answer_lost"
#: Reason of a record that waits for the next run, since this one may spend no more.
BUDGET_SPENT = "budget_spent"
#: Reason of a record that vanished between reading and writing.
GONE = "gone"
#: Reason of a record that was deleted or archived, since it was deleted at its origin.
REMOVED = "removed"
#: Reason of a record whose key another source record has as well.
DUPLICATE = "duplicate_key"
#: Reason of a record whose match is another one's already.
TAKEN = "already_linked"


class Kind(str, Enum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of a record, and why.

    Attributes:
        kind: The outcome.
        reason: A code that reports count by.
        text: A sentence for people, without personal data.
        fields: Labels of the fields that were written.
    """

    kind: Kind
    reason: str
    text: str = ""
    fields: tuple[str, ...] = ()
