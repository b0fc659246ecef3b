"""Charts as geometry: where each bar, mark and label of an SVG stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: The drawing's size, which a phone shows without scaling; a wide screen enlarges it a little.
WIDTH, HEIGHT = 400, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 6, 10, 26
#: So many labels of at most so many letters fit below the axis; a letter is about so wide.
_LABELS, _SHORT, _LETTER = 4, 6, 6
_TICKS = 4
_WIDEST_BAR = 44.0
_THOUSAND = 1_000


@dataclass(frozen=True)
class Series:
    """One colour of a chart.

    Attributes:
        name: What people call it.
        style: The class that colours it.
        values: One for each label.
    """

    name: str
    style: str
    values: Sequence[int]


@dataclass(frozen=True)
class Chart:
    """Stacked bars over time, or a line.

    Attributes:
        id: Names it within the page.
        title: What it shows.
        labels: One for each place on the time axis.
        series: What is stacked; of a line, one.
        caps: A limit at each place, where there is one.
        line: Whether it is a line.
    """

    id: str
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    caps: Sequence[int | None] = ()
    line: bool = False

    @property
    def used(self) -> list[Series]:
        """The series with anything to show."""
        return [each for each in self.series if any(each.values)]

    @property
    def top(self) -> int:
        """The highest value of the axis, a round number."""
        heights = [sum(each.values[at] for each in self.series) for at in range(len(self.labels))]
        return _round_up(max([*heights, *(cap or 0 for cap in self.caps), 1]))

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Heights and texts of the axis."""
        steps = min(_TICKS, self.top)
        values = sorted({round(self.top * step / steps) for step in range(steps + 1)})
        return [(self.height_of(value), short(value)) for value in values]

    @property
    def marks(self) -> list[tuple[float, str, str]]:
        """Places, texts and anchors of some labels, the first and last among them."""
        last = len(self.labels) - 1
        count = min(_LABELS if max(map(len, self.labels), default=0) <= _SHORT else 3, last + 1)
        steps = max(count - 1, 1)
        chosen = sorted({round(last * step / steps) for step in range(count)})
        return [self._mark(at) for at in chosen]

    def _mark(self, at: int) -> tuple[float, str, str]:
        label, x = self.labels[at], self.middle(at)
        overflows = x + len(label) * _LETTER / 2 > WIDTH
        return (WIDTH, label, "end") if overflows else (x, label, "middle")

    @property
    def bars(self) -> list[tuple[float, float, float, float, str, str]]:
        """x, y, width, height, class and text of every bar."""
        found = []
        for at, label in enumerate(self.labels):
            below = 0
            for each in self.series:
                value = each.values[at]
                if value:
                    high, low = self.height_of(below + value), self.height_of(below)
                    text = f"{label}: {value:,} {each.name}"
                    left = self.middle(at) - self._bar / 2
                    found.append((left, high, self._bar, low - high, each.style, text))
                below += value
        return found

    @property
    def limits(self) -> list[tuple[float, float, float, str]]:
        """From, to, height and text of every limit."""
        half = self._bar / 2 + 2
        return [
            (self.middle(at) - half, self.middle(at) + half, self.height_of(cap), f"{cap:,}")
            for at, cap in enumerate(self.caps)
            if cap is not None
        ]

    @property
    def points(self) -> list[tuple[float, float, str]]:
        """x, y and text of a line's points."""
        (only,) = self.series
        return [
            (self.middle(at), self.height_of(value), f"{label}: {value:,} {only.name}")
            for at, (label, value) in enumerate(zip(self.labels, only.values, strict=True))
        ]

    def middle(self, at: int) -> float:
        """The middle of a place on the time axis."""
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (at + 0.5) / max(len(self.labels), 1)

    def height_of(self, value: int) -> float:
        """Where a value stands; SVG counts downwards."""
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / self.top

    @property
    def _bar(self) -> float:
        return min((WIDTH - _LEFT - _RIGHT) / max(len(self.labels), 1) * 0.8, _WIDEST_BAR)


def _round_up(value: int) -> int:
    """The next number that is easy to read: 1, 2, 3, 4, 5, 6, 8 and 10 times a power of ten."""
    power: int = 10 ** math.floor(math.log10(value))
    return next(each * power for each in (1, 2, 3, 4, 5, 6, 8, 10) if each * power >= value)


def short(value: int) -> str:
    """A number as it fits beside an axis."""
    for size, letter in ((_THOUSAND**2, "M"), (_THOUSAND, "k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return str(value)
