"""What tap-pipedrive costs: prints a table, and ends with exit code 1 where an aim is missed.

Run it with an interpreter that has the tap and the sandbox:
`python tests/benchmarks/tap_pipedrive.py`.
`--peer` is a Python that has singer-io's tap-pipedrive 2.1.0, to read the same data with it;
`--large 1000000` compares the memory with that of a million persons, whom the sandbox takes some
minutes and 5 GiB to make. All aims are ratios of two runs, so a slow machine misses none for that.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from readers import CUSTOM_FIELDS, Cost, Server, bare, peer, serving, tap
from rich.console import Console
from rich.table import Table

PAGE = 500
#: Cursors by default.
DEFAULT = 2


@dataclass
class Line:
    """One reader's cost, and what it is held against.

    Attributes:
        reader: What was run.
        cost: What it took.
        ratio: A figure that an aim speaks of; None without one.
        what: The figure's meaning.
        least: The aim, where the figure has to be at least that.
        most: The aim, where it has to be at most that.
    """

    reader: str
    cost: Cost
    ratio: float | None = None
    what: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether the aim wasn't reached."""
        low = self.least is not None and self.ratio < self.least
        return low or (self.most is not None and self.ratio > self.most)

    @property
    def cells(self) -> tuple[str, ...]:
        """The line of the table."""
        cost = self.cost
        took = f"{cost.cpu:.1f} s", f"{cost.wall:.1f} s", f"{cost.mebibytes:.0f} MiB"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} {self.what}"
        aim = f"at least {self.least:g}" if self.least is not None else ""
        aim = f"at most {self.most:g}" if self.most is not None else aim
        aim += ": missed" if self.is_missed else ""
        return self.reader, f"{cost.records:,}", f"{cost.requests}", *took, ratio, aim


def cpu(server: Server, folder: Path, python: str | None) -> Iterator[Line]:
    """The tap beside the least that reading takes, and beside its peer."""
    least, ours = bare(server), tap(server, folder)
    yield Line("bare loop", least)
    yield Line("tap", ours, ours.cpu / least.cpu, "x CPU of the bare loop", most=2.5)
    yield _lists(ours)
    if python:
        theirs = peer(server, folder, python)
        yield Line("singer-io", theirs, theirs.cpu / ours.cpu, "x CPU of the tap", least=6)


def _lists(ours: Cost) -> Line:
    """How many pages the tap asked for by default; one request more is that of the catalogue."""
    pages = -(-ours.records // PAGE)
    return Line("tap", ours, ours.requests - 1, "lists, without the catalogue", most=pages)


def speed(server: Server, folder: Path, latency: int) -> Iterator[Line]:
    """Cursors side by side, where each page takes a while."""
    server.delay(latency)
    one = tap(server, folder, concurrency=1)
    yield Line(f"1 cursor, {latency} ms a page", one)
    for size, least in ((2, 1.7), (4, 3.0)):
        many = tap(server, folder, concurrency=size)
        yield Line(f"{size} cursors", many, one.wall / many.wall, "x as fast as 1", least=least)


def lines(options: argparse.Namespace, folder: Path) -> Iterator[Line]:
    """Measure, from small to large."""
    with serving(options.small) as server:
        little = {size: tap(server, folder, concurrency=size) for size in (2, 4)}
        yield Line("tap", little[2])
    with serving(options.persons) as server:
        yield from cpu(server, folder, options.peer)
        yield from speed(server, folder, options.latency)
    if options.large:
        with serving(options.large) as server:
            for size, before in little.items():
                much = tap(server, folder, concurrency=size)
                ratio = much.mebibytes / before.mebibytes
                yield Line(f"tap, {size} cursors", much, ratio, "x memory of the first", most=1.2)
                if size == DEFAULT:
                    yield _lists(much)


def main() -> None:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=200_000, help="0 leaves it out")
    parser.add_argument("--latency", type=int, default=150, help="of a page, in milliseconds")
    parser.add_argument("--peer", help="Python that has singer-io's tap-pipedrive 2.1.0")
    options = parser.parse_args()
    names = ("reader", "records", "requests", "CPU", "wall", "peak memory", "ratio", "aim")
    table = Table(*names, title=f"persons with {CUSTOM_FIELDS} custom fields")
    with tempfile.TemporaryDirectory() as folder:
        found = list(lines(options, Path(folder)))
    for line in found:
        table.add_row(*line.cells)
    Console(width=140).print(table)
    sys.exit(any(line.is_missed for line in found))


if __name__ == "__main__":
    main()
