"""What a run says of itself: a line now and then while it works, and a summary at its end.

Under `meltano run` nobody's terminal is at the other end, so these are plain lines that read well
in a log; on a terminal they only come more often.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from sync_core.budget import Daily
from sync_core.engine import Engine, Kind
from sync_core.engine.reasons import REASONS
from sync_core.text import number_of

#: Seconds of work between two lines: where a log is kept, and where a person watches.
IN_A_LOG, ON_A_TERMINAL = 15.0, 2.0
_MINUTE = 60.0
#: Reasons that say no more than their outcome; into others somebody may want to look.
_PLAIN = frozenset({"created", "updated", "planned", "no_difference"})


class Progress:
    """Watches one run of an engine."""

    def __init__(
        self,
        engine: Engine,
        logger: logging.Logger,
        *,
        clock: Callable[[], float] = time.monotonic,
        every: float | None = None,
    ) -> None:
        """Begin to count.

        Args:
            engine: The run.
            logger: Where lines go.
            clock: Seconds that only go forward.
            every: Seconds between two lines; by default fewer where standard error is a terminal.
        """
        self._engine = engine
        self._logger = logger
        self._clock = clock
        self._every = every or (ON_A_TERMINAL if sys.stderr.isatty() else IN_A_LOG)
        self._began = self._last = clock()

    def tick(self) -> None:
        """Say where the run stands, if it is time."""
        now = self._clock()
        if now - self._last >= self._every:
            self._last = now
            self._logger.info("%s", self._line(now - self._began))

    def finish(self, error: BaseException | None = None) -> None:
        """Say what became of everything.

        Args:
            error: What ended the run early; it is said by whoever caught it.
        """
        for line in self._summary(failed=error is not None):
            self._logger.info("%s", line)

    def _line(self, seconds: float) -> str:
        records = sum(self._engine.counts.values())
        calls, tokens = self._engine.destination.usage()
        pace = f"in {_lasting(seconds)} ({records / seconds:,.0f} a second)"
        parts = [
            f"{self._engine.direction}: {number_of(records, 'record')} {pace}",
            _listed(_by_outcome(self._engine.counts)),
            number_of(calls, "call"),
        ]
        if daily := self._engine.destination.daily():
            parts.append(_budget(daily, tokens, seconds))
        to_come = self._engine.last_size - records
        if records and to_come > 0:
            rest = _lasting(to_come * seconds / records)
            parts.append(f"about {rest} more if as many records come as the last time")
        return "; ".join(parts)

    def _summary(self, *, failed: bool) -> Iterator[str]:
        seconds = self._clock() - self._began
        dry = ", a dry run that wrote nothing" if self._engine.dry_run else ""
        yield f"Summary of {self._engine.direction}{dry}:"
        streams = sorted({stream for stream, _, _ in self._engine.counts})
        for stream in streams:
            yield from _of_stream(stream, self._engine.counts)
        if failed:
            yield "  ended early, see the error"
        elif not streams:
            yield "  nothing to do"
        if daily := self._engine.destination.daily():
            _, tokens = self._engine.destination.usage()
            left = number_of(daily.left, "is", "are")
            yield f"  {_tokens(daily, tokens)}; {left} left to the company today"
        yield f"  {_lasting(seconds)}; look records up: connector log --run {self._engine.run[:8]}"


def _of_stream(stream: str, counts: Mapping[tuple[str, str, str], int]) -> Iterator[str]:
    own = {(outcome, why): n for (name, outcome, why), n in counts.items() if name == stream}
    yield f"  {stream}: {_listed(_by_outcome(counts, stream))}"
    for kind in Kind:
        reasons = [(n, why) for (outcome, why), n in own.items()
                   if outcome == kind.value and why not in _PLAIN]  # fmt: skip
        for number, why in sorted(reasons, reverse=True):
            meaning = REASONS[why][1] if why in REASONS else ""
            yield f"    {number:,} {kind.value}, {why}: {meaning}"


def _by_outcome(
    counts: Mapping[tuple[str, str, str], int], stream: str | None = None
) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (name, outcome, _), number in counts.items():
        if stream in {None, name}:
            totals[outcome] += number
    return totals


def _listed(totals: Mapping[str, int]) -> str:
    return ", ".join(f"{totals[k.value]:,} {k.value}" for k in Kind if totals.get(k.value))


def _budget(daily: Daily, tokens: int, seconds: float) -> str:
    """How much of the share is spent, and how long the rest lasts at this pace."""
    said = _tokens(daily, tokens)
    left = daily.share - tokens
    if tokens and left > 0:
        said += f", enough for {_lasting(left * seconds / tokens)} more at this pace"
    return said


def _tokens(daily: Daily, tokens: int) -> str:
    return f"{tokens:,} of this run's {daily.share:,} Pipedrive tokens spent"


def _lasting(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
