"""What a run says of its records, without personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sync_core.engine.model import Item, Kind, Outcome, Plan
from sync_core.text import number_of, one


def listed(tally: Mapping[str, int]) -> str:
    """Outcomes with their numbers, as a part of a sentence."""
    parts = [f"{tally[kind.value]:,} {kind.value}" for kind in Kind if tally.get(kind.value)]
    return ", ".join(parts) or "nothing to do"


def describe(plan: Plan, item: Item) -> str:
    """One record's outcome as a log line, without personal data."""
    assert item.outcome is not None  # noqa: S101 - callers ask after deciding
    known = item.link.pipedrive_id if item.link else ""
    who = f"{plan.noun} {item.source_id}" if plan.side == "pipedrive" else called(plan, known)
    return told(who, item.outcome)


def called(plan: Plan, pipedrive_id: str) -> str:
    """A record of journy by what no log hides: its counterpart in Pipedrive, where it has one."""
    return one(plan.noun) + (f" (Pipedrive {plan.entity} {pipedrive_id})" if pipedrive_id else "")


def told(who: str, outcome: Outcome) -> str:
    """Somebody's outcome as a log line."""
    return f"{who} {outcome.kind.value} ({outcome.reason}): {outcome.text}"


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
    cost = number_of(calls, "call")
    cost += f", {number_of(tokens, 'Pipedrive token')}" if tokens else ""
    prefix += "ended early: " if failed else ""
    done = "no record was looked at" if failed and not totals else listed(totals)
    return f"{direction}: {prefix}{done}; {cost}"
