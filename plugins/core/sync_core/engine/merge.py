"""Three-way merging of one field: what is wanted, what is there, what both last agreed on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sync_core.canonical import EMPTY
from sync_core.mapping import FieldMapping


class Verdict(Enum):
    """What happens to one field."""

    SAME = "same"  # both sides say the same already
    WRITE = "write"
    KEEP = "keep"  # the destination's value stays, though the source's differs
    LEAVE = "leave"  # nothing moved here; the destination's own change is the other direction's


@dataclass(frozen=True)
class State:
    """What is known of one field, as digests; None stands for unknown.

    Attributes:
        source: The source's value now.
        current: The destination's value now.
        same: Whether the destination's value already says what is wanted.
        agreed_source: The source's value when both last agreed.
        agreed_current: The destination's value when both last agreed.
        source_updated: When the source record last changed, comparable text.
        current_updated: When the destination record last changed.
    """

    source: str
    current: str | None
    same: bool
    agreed_source: str | None = None
    agreed_current: str | None = None
    source_updated: str = ""
    current_updated: str = ""

    @property
    def both_moved(self) -> bool:
        """Whether source and destination have both changed since they last agreed."""
        return (
            self.agreed_source is not None
            and self.current is not None
            and self.source != self.agreed_source
            and self.current != self.agreed_current
        )


def decide(mapping: FieldMapping, state: State, destination: str) -> Verdict:
    """Decide one field of a record that exists at the destination.

    Before both sides have ever agreed, a line that the analyst wrote writes, while an automatic
    one, which is kept in step both ways, respects the conflict rule.

    Args:
        mapping: The line.
        state: What is known.
        destination: The destination's name, as in `conflict`.
    """
    if state.same:
        return Verdict.SAME
    if mapping.write == "on_create" or state.source == state.agreed_source:
        return Verdict.LEAVE
    if state.agreed_source is None:
        return _first_contact(mapping, state, destination)
    if mapping.write == "if_empty":
        return _filled(state)
    if mapping.adds or state.current is None or state.current == state.agreed_current:
        return Verdict.WRITE
    return _conflict(mapping, state, destination)


def _filled(state: State) -> Verdict:
    """Fill in what is empty, whoever emptied it; what is there stays."""
    if state.current == EMPTY:
        return Verdict.WRITE
    unseen = state.current is None and state.source == EMPTY  # and stays that
    return Verdict.LEAVE if unseen else Verdict.KEEP


def _first_contact(mapping: FieldMapping, state: State, destination: str) -> Verdict:
    if state.source == EMPTY:
        return Verdict.LEAVE
    if state.current == EMPTY:
        return Verdict.WRITE
    if mapping.write == "if_empty":
        return Verdict.KEEP
    if state.current is None:
        return Verdict.WRITE
    if not mapping.adds and (mapping.automatic or mapping.conflict is not None):
        return _conflict(mapping, state, destination)
    return Verdict.WRITE


def _conflict(mapping: FieldMapping, state: State, destination: str) -> Verdict:
    rule: Any = mapping.conflict or "pipedrive"
    if rule == "latest":
        later = state.source_updated > state.current_updated
        return Verdict.WRITE if state.current_updated and later else Verdict.KEEP
    return Verdict.KEEP if rule == destination else Verdict.WRITE
