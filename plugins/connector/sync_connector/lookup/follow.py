"""Showing the log as it grows."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click
from sync_core.ledger import Ledger
from sync_core.ledger.log import LogLine, Question, find

from sync_connector.lookup.forms import FORMS
from sync_connector.screen import DIRECTIONS, what_of

#: Seconds between two looks; a batch is recorded every few seconds at most.
PAUSE = 2.0
#: Numbers are given before a transaction ends, so a line may appear after one with a higher number.
_OVERLAP = 1_000
_BACKLOG = 10


def follow(ledger: Ledger, question: Question, form: str) -> None:
    """Print lines as they come, oldest first, until Ctrl-C; first the last few that are there."""
    try:
        for lines in _looks(ledger, question):
            _print(lines, form)
    except KeyboardInterrupt:
        sys.stdout.flush()


def _looks(ledger: Ledger, question: Question) -> Iterator[Sequence[LogLine]]:
    newest = find(ledger, replace(question, limit=_BACKLOG))
    seen = {line.id for line in newest}
    high = max(seen, default=0)
    if not newest:
        click.echo("Waiting for what comes; Ctrl-C ends this.", err=True)
    yield newest[::-1]
    while True:
        time.sleep(PAUSE)
        low = max(high - _OVERLAP, min(seen, default=1) - 1)
        came = find(ledger, replace(question, after=low, limit=None))
        fresh = [line for line in came if line.id not in seen]
        seen = {line.id for line in came} or seen
        high = max(seen, default=high)
        yield fresh[::-1]


def _print(lines: Sequence[LogLine], form: str) -> None:
    if form == "table":
        for line in lines:
            click.echo(as_line(line))
    elif lines:
        text = FORMS[form](lines)
        click.echo(text, nl=False)
    sys.stdout.flush()


def as_line(line: LogLine) -> str:
    """A line of the log as a line of text."""
    parts = (
        line.at[:19].replace("T", " "),
        DIRECTIONS.get(line.direction, line.direction),
        line.entity,
        f"planned {line.outcome}" if line.dry_run else line.outcome,
        line.reason,
        line.key,
        line.pipedrive_id and f"Pipedrive {line.pipedrive_id}",
        what_of(line),
    )
    return "  ".join(part for part in parts if part)
