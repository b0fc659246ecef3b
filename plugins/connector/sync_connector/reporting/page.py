"""The page: charts drawn from the facts, and the template filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import jinja2
from sync_core.engine import Kind
from sync_core.ledger import RunRow

from sync_connector.reporting.buckets import divide
from sync_connector.reporting.charts import HEIGHT, WIDTH, Chart, Series
from sync_connector.reporting.gathering import Direction, Facts
from sync_connector.reporting.names import Names
from sync_connector.summary import totals

#: What a chart over time shows; records that stayed as they were would dwarf it.
_MOVING = (Kind.CREATED, Kind.UPDATED, Kind.REJECTED, Kind.DEFERRED, Kind.FAILED)
#: A limit so many times higher than every bar would leave nothing of the bars to see.
_TOWERING = 8


@dataclass(frozen=True)
class Burn:
    """Pipedrive's daily tokens: spent, the share where the chart can't show it, and left."""

    spent: Chart
    share: str
    left: Chart | None


def html(facts: Facts, *, anonymous: bool = False) -> str:
    """The whole page as one text that needs nothing else."""
    names = Names(anonymous)
    loader = jinja2.PackageLoader("sync_connector.reporting", "templates")
    pages = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["moment"] = moment
    pages.filters["lasting"] = lasting
    pages.filters["count_of"] = lambda run, kind: totals(run)[kind]
    return pages.get_template("report.html").render(
        facts=facts,
        names=names,
        kinds=[kind.value for kind in Kind],
        charts=[(each, timeline(each, facts.runs)) for each in facts.directions],
        burn=burn(facts.runs),
        width=WIDTH,
        height=HEIGHT,
    )


def timeline(direction: Direction, whole: Sequence[RunRow]) -> Chart:
    """What one direction changed, over time."""
    buckets = divide(direction.runs, whole)
    counted = [[totals(run) for run in runs] for runs in buckets.runs]
    series = [
        Series(kind.value, kind.value, [sum(run[kind.value] for run in runs) for runs in counted])
        for kind in _MOVING
    ]
    return Chart(f"over-time-{direction.name}", direction.label, buckets.labels, series)


def burn(runs: Sequence[RunRow]) -> Burn | None:
    """What runs spent of the daily tokens; None where no run spent any."""
    spenders = [run for run in runs if run.tokens or run.daily_left is not None]
    if not spenders:
        return None
    buckets = divide(spenders, runs)
    spent = [sum(run.tokens for run in some) for some in buckets.runs]
    caps = [
        max((run.daily_share for run in some if run.daily_share is not None), default=None)
        for some in buckets.runs
    ]
    shown = max(spent) * _TOWERING >= max((cap for cap in caps if cap is not None), default=0)
    return Burn(
        Chart(
            "tokens-spent",
            "Tokens that the sync's writing side spent",
            buckets.labels,
            [Series("tokens", "tokens", spent)],
            caps if shown else (),
        ),
        "" if shown else f"{max(cap for cap in caps if cap is not None):,}",
        _left(spenders),
    )


def _left(spenders: Sequence[RunRow]) -> Chart | None:
    """What the company had left after each run that learnt it."""
    known = [run for run in spenders if run.daily_left is not None]
    if len(known) <= 1:
        return None
    values = [run.daily_left or 0 for run in known]
    labels = [day(run.started) for run in known]
    return Chart(
        "tokens-left",
        "Tokens that the company had left that day",
        labels,
        [Series("tokens left", "left", values)],
        line=True,
    )


def moment(text: str) -> str:
    """A comparable time for people."""
    return text[:16].replace("T", " ")


def day(text: str) -> str:
    """A comparable time for an axis: 31 Jan 09:00."""
    return datetime.fromisoformat(text[:19]).strftime("%d %b %H:%M")


def lasting(run: RunRow) -> str:
    """How long a run took; empty while it isn't over."""
    if run.seconds is None:
        return ""
    minutes, seconds = divmod(round(run.seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
