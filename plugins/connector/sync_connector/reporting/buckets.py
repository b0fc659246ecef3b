"""Dividing a period into hours, days or weeks, whichever a chart can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync_core.ledger import RunRow

#: Length of a place on the time axis, how its label is written, and the longest period for it.
_LENGTHS = (
    (timedelta(minutes=5), "%H:%M", timedelta(hours=2)),
    (timedelta(minutes=30), "%H:%M", timedelta(hours=12)),
    (timedelta(hours=1), "%d %b %H:%M", timedelta(hours=48)),
    (timedelta(days=1), "%d %b", timedelta(days=62)),
    (timedelta(weeks=1), "%d %b %Y", timedelta(days=400)),
    (timedelta(weeks=4), "%d %b %Y", timedelta.max),
)
_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001  # all times are UTC, written without a zone


@dataclass(frozen=True)
class Buckets:
    """The places of a time axis.

    Attributes:
        labels: What stands below each.
        runs: The runs that began in each.
    """

    labels: Sequence[str]
    runs: Sequence[Sequence[RunRow]]


def divide(runs: Sequence[RunRow], whole: Sequence[RunRow]) -> Buckets:
    """Put runs into places.

    Args:
        runs: Those to show, oldest first.
        whole: Those that the axis spans, so that charts stand beside each other alike.
    """
    if not whole:
        return Buckets((), ())
    first, last = _began(whole[0]), _began(whole[-1])
    length, form, _ = next(each for each in _LENGTHS if last - first <= each[2])
    start = _MONDAY + (first - _MONDAY) // length * length
    count = (last - start) // length + 1
    places: list[list[RunRow]] = [[] for _ in range(count)]
    for run in runs:
        places[(_began(run) - start) // length].append(run)
    labels = [(start + at * length).strftime(form) for at in range(count)]
    return Buckets(labels, places)


def _began(run: RunRow) -> datetime:
    return datetime.fromisoformat(run.started[:19])
