"""What the demo shows: steady progress while it works, then tables."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from sync_sandbox.demo.figures import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync_sandbox.demo.figures import Direction

EVERY = 5.0  # seconds between two progress lines where no terminal is


class Screen:
    """A terminal, or a file that a person reads later."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)

    def say(self, text: str = "") -> None:
        """Print one line; markup in it is Rich's."""
        self.console.print(text)

    @contextmanager
    def step(
        self, number: int, of: int, title: str, requests: Callable[[], int]
    ) -> Iterator[Callable[[], None]]:
        """Show a step at work; call what it gives now and then."""
        show = self._bar if self.console.is_terminal else self._lines
        with show(f"{number}/{of} {title}", (number - 1, of), requests) as tick:
            yield tick

    @contextmanager
    def _bar(
        self, title: str, done: tuple[int, int], requests: Callable[[], int]
    ) -> Iterator[Callable[[], None]]:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20))
        counter = TextColumn("{task.fields[requests]} requests")
        with Progress(*columns, TimeElapsedColumn(), counter, console=self.console) as progress:
            task = progress.add_task(title, completed=done[0], total=done[1], requests=0)
            yield lambda: progress.update(task, requests=f"{requests():,}")
            progress.update(task, advance=1, requests=f"{requests():,}")

    @contextmanager
    def _lines(
        self, title: str, _: tuple[int, int], requests: Callable[[], int]
    ) -> Iterator[Callable[[], None]]:
        started = said = time.monotonic()

        def tick() -> None:
            nonlocal said
            now = time.monotonic()
            if now - said >= EVERY:
                said = now
                self.say(f"{title}: {now - started:.0f} s, {requests():,} requests")

        self.say(f"{title}: started")
        yield tick
        self.say(f"{title}: done in {time.monotonic() - started:.1f} s, {requests():,} requests")

    def figures(self, title: str, direction: Direction) -> None:
        """The table of one direction of one run, with the reasons for what was left out."""
        self.say(f"[bold]{title}, {direction.name}[/]")
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
        table.add_column("", no_wrap=True)
        for outcome in OUTCOMES:
            table.add_column(outcome, justify="right", no_wrap=True)
        for entity, counts in direction.counts.items():
            table.add_row(entity, *(f"{counts[outcome]:,}" for outcome in OUTCOMES))
        self.console.print(table)
        self.say(f"{direction.calls:,} calls, {direction.tokens:,} Pipedrive tokens")
        for reason in direction.remarkable:
            why = reason["reason"].replace("_", " ")
            self.say(f"  {reason['count']:>6,} {reason['entity']} {reason['outcome']}: {why}")
        self.say()

    def ways(self, rows: dict[str, str]) -> None:
        """What one can do, and the command or file for it."""
        for what, name in rows.items():
            self.say(f"  {what}\n    [cyan]{name}[/]")
