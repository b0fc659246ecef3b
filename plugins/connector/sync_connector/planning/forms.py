"""A plan as a table for people, as JSON, and as Markdown for a pull request."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from sync_core.engine import Kind
from sync_core.text import number_of

from sync_connector.planning.summing import Half, Plan
from sync_connector.reporting.markdown import table as markdown_table
from sync_connector.reporting.names import Names
from sync_connector.summary import as_json

_OUTCOMES = tuple(kind.value for kind in Kind)
_WIDTH = 120
_MINUTE = 60
#: A value that stands for a person's stays out of an anonymous plan.
_HIDDEN = "(hidden)"


def data(plan: Plan, names: Names) -> dict[str, Any]:
    """A plan as data; the keys are a contract with scripts."""
    return {
        "pending": plan.pending,
        "calls": plan.calls,
        "tokens": plan.tokens,
        "seconds": round(plan.seconds),
        "daily_tokens": {"left": plan.left, "after": plan.after, "share": plan.share},
        "directions": [_half(half, names) for half in plan.halves],
    }


def _half(half: Half, names: Names) -> dict[str, Any]:
    return {
        "direction": half.run.direction,
        "run": half.run.run,
        "pending": half.pending,
        "calls": half.calls,
        "tokens": half.tokens,
        "seconds": round(half.seconds),
        "cut_short": half.cut_short,
        "counts": {stream: dict(counts) for stream, counts in half.run.counts.items()},
        "reasons": [
            {"stream": c.stream, "outcome": c.outcome, "reason": c.reason, "count": c.count}
            for c in half.causes
        ],
        "samples": [
            {
                "record": row[0], "stream": row[1], "outcome": row[2], "field": row[3],
                "before": row[4], "after": row[5],
            }
            for row in _samples(half, names)
        ],
        "quality": {
            heading: [{"stream": row[1], "reason": row[2], "records": row[3]} for row in rows]
            for heading, rows in half.quality.items()
        },
        "refused_values": [
            {**asdict(refusal), "why": names.text(refusal.why)} for refusal in half.refusals
        ],
    }  # fmt: skip


def _samples(half: Half, names: Names) -> Iterator[tuple[str, str, str, str, str | None, str]]:
    """Record, stream, outcome, field, before and after, field by field."""
    for each in sorted(half.samples, key=lambda one: (one.entity, one.outcome, one.field)):
        before, after = each.before, each.after or ""
        if names.anonymous:
            before, after = before and _HIDDEN, after and _HIDDEN
        yield names.of(each), each.entity, each.outcome, each.field, before, after


def json(plan: Plan, names: Names) -> str:
    """The plan for scripts."""
    return as_json(data(plan, names)) + "\n"


def markdown(plan: Plan, names: Names) -> str:
    """The plan for a pull request or the summary of a CI job."""
    return "\n".join(_markdown(plan, names)) + "\n"


def _markdown(plan: Plan, names: Names) -> Iterator[str]:
    yield from ("# Sync plan", "", _headline(plan), "")
    head = ("Direction", *_OUTCOMES, "Calls", "Tokens", "Takes about")
    yield from markdown_table(head, map(_row, plan.halves))
    for half in plan.halves:
        yield from ("", f"## {half.label}", "")
        yield from markdown_table(
            ("Stream", "Outcome", "Reason", "Records", "Meaning"),
            ((c.stream, c.outcome, f"`{c.reason}`", c.count, c.meaning) for c in half.causes),
        )
        if half.samples:
            yield from ("", "Some of it:", "")
            yield from markdown_table(
                ("Record", "Stream", "Outcome", "Field", "Before", "After"),
                ((*row[:4], _shown(row[4]), _shown(row[5])) for row in _samples(half, names)),
            )
        if wrong := _wrong(half, names):
            yield from ("", "What is wrong in the data:", "")
            yield from markdown_table(("What", "Stream", "Where", "Records"), wrong)


def _row(half: Half) -> tuple[object, ...]:
    counts = (half.counts[name] for name in _OUTCOMES)
    return (half.label, *counts, half.calls, half.tokens, lasting(half.seconds))


def _wrong(half: Half, names: Names) -> list[tuple[str, str, str, int]]:
    """Duplicates, missing keys and values that don't fit."""
    rows = [
        (heading, row[1], row[2], row[3])
        for heading, found in half.quality.items()
        for row in found
    ]
    fits = ((f"Value doesn't fit: {names.text(r.why)}", r.stream, r.field, r.count)
            for r in half.refusals)  # fmt: skip
    return [*rows, *fits]


def _headline(plan: Plan) -> str:
    if not plan.pending:
        said = "Nothing to write: both sides are in step."
    else:
        said = (
            f"{number_of(plan.pending, 'change is', 'changes are')} pending. "
            f"{'It takes' if plan.pending == 1 else 'They take'} {number_of(plan.calls, 'call')}, "
            f"{number_of(plan.tokens, 'Pipedrive token')} and about {lasting(plan.seconds)}."
        )
    if plan.left is not None and plan.after is not None:
        stays = max(plan.after, 0)
        said += f" Of the company's {number_of(plan.left, 'token')} left today, {stays:,} stay."
        if plan.after < 0:
            said += " That is not enough: what is left over goes on in the next run."
        elif any(half.exceeds_share for half in plan.halves):
            said += f" One run may spend {plan.share or 0:,}: the next one goes on with the rest."
    if any(half.cut_short for half in plan.halves):
        said += " The dry run itself stopped at its share of the daily tokens: there is more."
    return said


def _shown(value: str | None) -> str:
    return "(can't be read)" if value is None else value or "(empty)"


def lasting(seconds: float) -> str:
    """A time for people."""
    if seconds < _MINUTE:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / _MINUTE):,} min"


def screen(plan: Plan, names: Names) -> str:
    """The plan as tables."""
    written = io.StringIO()
    console = Console(file=written, width=_WIDTH, highlight=False)
    console.print(_headline(plan), markup=False)
    head = ("Direction", *_OUTCOMES, "Calls", "Tokens", "Takes")
    console.print(_table("", head, [_row(half) for half in plan.halves]))
    for half in plan.halves:
        causes = [(c.stream, c.outcome, c.reason, c.count, c.meaning) for c in half.causes]
        head = ("Stream", "Outcome", "Reason", "Records", "Meaning")
        console.print(_table(half.label, head, causes))
        rows = [(*row[:4], _shown(row[4]), _shown(row[5])) for row in _samples(half, names)]
        head = ("Record", "Stream", "Outcome", "Field", "Before", "After")
        if rows:
            console.print(_table(f"{half.label}: some of it", head, rows))
        if wrong := _wrong(half, names):
            head = ("What", "Stream", "Where", "Records")
            console.print(_table(f"{half.label}: what is wrong in the data", head, wrong))
    return written.getvalue()


def _table(title: str, head: tuple[str, ...], rows: list[Any]) -> Table:
    table = Table(title=title or None, title_justify="left")
    numbers = {at for row in rows for at, value in enumerate(row) if isinstance(value, int)}
    for at, name in enumerate(head):
        table.add_column(name, justify="right" if at in numbers else "left", overflow="fold")
    for row in rows:
        cells = (f"{v:,}" if isinstance(v, int) else str(v).replace("[", r"\[") for v in row)
        table.add_row(*cells)
    return table


#: Form -> how a plan is written in it.
FORMS: Mapping[str, Callable[[Plan, Names], str]] = {
    "table": screen,
    "json": json,
    "markdown": markdown,
}
