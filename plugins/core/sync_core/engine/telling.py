"""What a run says of its records, without personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sync_core.engine.model import Item, Kind, Plan
from sync_core.text import one


def listed(tally: Mapping[str, int]) -> str:
    """Outcomes with their numbers, as a part of a sentence."""
    parts = [f"{tally[kind.value]:,} {kind.value}" for kind in Kind if tally.get(kind.value)]
    return ", ".join(parts) or "nothing to do"


def describe(plan: Plan, item: Item) -> str:
    """One record's outcome as a log line, without personal data."""
    assert item.outcome is not None  # noqa: S101 - callers ask after deciding
    known = item.link.pipedrive_id if item.link else ""
    record_id = item.source_id if plan.side == "pipedrive" else known
    who = f"{plan.noun} {record_id}" if plan.side == "pipedrive" else one(plan.noun)
    if plan.side != "pipedrive" and record_id:
        who += f" (Pipedrive {plan.entity} {record_id})"
    return f"{who} {item.outcome.kind.value} ({item.outcome.reason}): {item.outcome.text}"


def summary(
    direction: str,
    counts: Mapping[tuple[str, str, str], int],
    usage: tuple[int, int],
    *,
    dry: bool,
    failed: bool,
) -> str:
    """A whole run in one line.

    Args:
        direction: Of the run.
        counts: (stream, outcome, reason) -> records.
        usage: Calls and tokens.
        dry: Whether it was a dry run.
        failed: Whether an error ended it.
    """
    totals: Counter[str] = Counter()
    for (_, outcome, _), count in counts.items():
        totals[outcome] += count
    calls, tokens = usage
    prefix = "dry run, nothing was written: " if dry else ""
    cost = f"{calls:,} calls" + (f", {tokens:,} Pipedrive tokens" if tokens else "")
    prefix += "ended early: " if failed else ""
    done = "no record was looked at" if failed and not totals else listed(totals)
    return f"{direction}: {prefix}{done}; {cost}"
