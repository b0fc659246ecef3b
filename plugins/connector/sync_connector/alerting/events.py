"""What changed for the worse between one run and the next, and what got well again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from sync_core.ledger import RunRow
from sync_core.text import number_of

from sync_connector.screen import DIRECTIONS
from sync_connector.summary import totals

_FAILED = ("failed", "abandoned")
_RUNNING = "running"


@dataclass(frozen=True)
class Limits:
    """From where on rejected records are worth a word.

    Attributes:
        share: Of the records of a run, between 0 and 1.
        least: And at least so many of them.
    """

    share: float
    least: int

    def exceeded(self, run: RunRow) -> bool:
        """Whether a run rejected too many."""
        counted = totals(run)
        return counted["rejected"] >= max(self.least, self.share * sum(counted.values()), 1)


@dataclass(frozen=True)
class Event:
    """One thing to say.

    Attributes:
        kind: failed, rejected, silent, or recovered.
        connection: The connection's name.
        direction: Which way the run went.
        run: Its id.
        at: When it began.
        text: A sentence without personal data.
    """

    kind: str
    connection: str
    direction: str
    run: str
    at: str
    text: str

    @property
    def bad(self) -> bool:
        """Whether somebody has to act."""
        return self.kind != "recovered"


def events(
    runs: Sequence[RunRow], limits: Limits, *, since: str, silent: str, every: bool
) -> list[Event]:
    """What there is to say of some runs.

    Args:
        runs: Real ones, oldest first.
        limits: For rejected records.
        since: Of runs that began then or later; empty: of the last one of each direction.
        silent: A run has to have begun since then; empty: never mind.
        every: Whether what is as bad as it was before is said again.
    """
    found: list[Event] = []
    if silent and not runs:
        found.append(Event("silent", "", "", "", "", "no run has begun yet"))
    for _, group in groupby(sorted(runs, key=_place), key=_place):
        line = list(group)
        ended = [run for run in line if run.status != _RUNNING]
        for before, run in pairwise([None, *ended]):
            if run is not None and (run.started >= since if since else run is ended[-1]):
                found += _between(before, run, limits, every=every)
        if line[-1].started < silent:
            found.append(_said("silent", line[-1], "no run has begun since the one of"))
    return found


def _place(run: RunRow) -> tuple[str, str]:
    return run.connection, run.direction


def _between(before: RunRow | None, run: RunRow, limits: Limits, *, every: bool) -> Iterator[Event]:
    """What a run says that the one before it didn't."""
    fell, falls = before is not None and before.status in _FAILED, run.status in _FAILED
    if falls and (every or not fell):
        why = "".join((run.error or "").splitlines()[:1])
        yield _said("failed", run, "the run failed that began", f": {why}")
    if fell and not falls:
        yield _said("recovered", run, "it works again with the run of")
    many = before is not None and limits.exceeded(before)
    if limits.exceeded(run) and (every or not many):
        counted = totals(run)
        share = counted["rejected"] / sum(counted.values())
        records = number_of(counted["rejected"], "record")
        wants = "wants" if counted["rejected"] == 1 else "want"
        told = f": {records}, {share:.0%}, {wants} a person"
        yield _said("rejected", run, "many were rejected by the run of", told)


def _said(kind: str, run: RunRow, what: str, more: str = "") -> Event:
    way = DIRECTIONS.get(run.direction, run.direction)
    began = run.started[:16].replace("T", " ")
    text = f"{way} ({run.connection}): {what} {began} UTC{more}"
    return Event(kind, run.connection, run.direction, run.run, run.started, text)
