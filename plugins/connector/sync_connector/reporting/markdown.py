"""The report as Markdown, for the summary of a CI job or a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sync_core.engine import Kind
from sync_core.text import number_of

from sync_connector.reporting.gathering import Direction, Facts
from sync_connector.reporting.names import Names
from sync_connector.reporting.page import moment

_OUTCOMES = tuple(kind.value for kind in Kind)
_CAUSES = 12


def markdown(facts: Facts, *, anonymous: bool = False) -> str:
    """The figures of a report, without its charts."""
    return "\n".join(_lines(facts, Names(anonymous))) + "\n"


def _lines(facts: Facts, names: Names) -> Iterator[str]:
    yield "# Sync report"
    yield ""
    if not facts.runs:
        yield "No run in this period."
        return
    first, last = facts.runs[0], facts.runs[-1]
    dry = " Dry runs only: nothing was written." if facts.dry else ""
    runs = number_of(len(facts.runs), "run")
    yield f"{runs}, {moment(first.started)} to {moment(last.started)} UTC.{dry}"
    yield ""
    yield from table(("Direction", "Runs", *_OUTCOMES, "Tokens"), map(_row, facts.directions))
    causes = [(each, one) for each in facts.directions for one in each.causes if _telling(one)]
    if causes:
        yield from ("", "## Reasons", "")
        yield from table(
            ("Direction", "Stream", "Outcome", "Reason", "Records", "Meaning"),
            (
                (each.label, one.stream, one.outcome, f"`{one.reason}`", one.count, one.meaning)
                for each, one in causes[:_CAUSES]
            ),
        )
    if facts.attention:
        yield from ("", "## Needs a person", "")
        yield from table(
            ("Record", "Stream", "Reason", "What"),
            (
                (names.of(each), each.entity, f"`{each.reason}`", names.text(each.text))
                for each in facts.attention
            ),
        )
    if facts.refusals:
        yield from ("", "## Values that don't fit their field", "")
        yield from table(
            ("Field", "Stream", "Times", "Why"),
            ((e.field, e.stream, e.count, names.text(e.why)) for e in facts.refusals),
        )


def _row(each: Direction) -> tuple[object, ...]:
    return (each.label, len(each.runs), *(each.totals[name] for name in _OUTCOMES), each.tokens)


def _telling(cause: object) -> bool:
    outcome = getattr(cause, "outcome", "")
    return outcome not in {Kind.UNCHANGED.value, Kind.CREATED.value, Kind.UPDATED.value}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A Markdown table; numbers stand to the right."""
    body = [[_cell(value) for value in row] for row in rows]
    yield _joined(head)
    yield _joined("---" for _ in head)
    for row in body:
        yield _joined(row)


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return " ".join(text.split())


def _joined(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
