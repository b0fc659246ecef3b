"""What dry runs found, added up to a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sync_core.engine import Kind
from sync_core.ledger import Ledger, RunRow, Sample, questions, standouts
from sync_core.ledger.questions import Span
from sync_core.ledger.samples import samples_of

from sync_connector.planning.halves import DryRunError, Reading
from sync_connector.reporting.gathering import QUALITY, Cause, Refusal, causes_of, refusals
from sync_connector.screen import DIRECTIONS
from sync_connector.summary import totals

#: Writes a second until earlier runs tell: the burst limit of Pipedrive's smallest plan (20 calls
#: in 2 s, by its documentation), and journy's 1,800 calls a minute.
_PACE = {"journy-to-pipedrive": 10.0, "pipedrive-to-journy": 30.0}
#: Earlier runs tell only if they wrote so many records.
_TELLING = 50


@dataclass
class Half:
    """One direction of a plan.

    Attributes:
        run: The dry run.
        reading: What its tap read.
        seconds: How long the real run takes, as far as can be told.
        samples: A few values before and after.
        quality: What is wrong in the data: heading -> (direction, stream, reason, records).
        refusals: Fields whose values don't fit.
    """

    run: RunRow
    reading: Reading
    seconds: float = 0.0
    samples: Sequence[Sample] = ()
    quality: dict[str, list[tuple[str, str, str, int]]] = field(default_factory=dict)
    refusals: Sequence[Refusal] = ()

    @property
    def label(self) -> str:
        """What people call the direction."""
        return DIRECTIONS.get(self.run.direction, self.run.direction)

    @property
    def counts(self) -> dict[str, int]:
        """Outcome -> records."""
        return totals(self.run)

    @property
    def causes(self) -> list[Cause]:
        """Outcomes with their reasons, the most first."""
        return causes_of(self.run.direction, [self.run])

    @property
    def pending(self) -> int:
        """Records that would be created or updated, activities included."""
        return self.counts[Kind.CREATED.value] + self.counts[Kind.UPDATED.value]

    @property
    def calls(self) -> int:
        """Calls of the real run: what the dry one made, and its writes."""
        return self.run.calls + self.reading.calls + (self.run.planned_calls or 0)

    @property
    def tokens(self) -> int:
        """Pipedrive tokens of the real run, the tap's included."""
        return self.run.tokens + self.reading.tokens + (self.run.planned_tokens or 0)

    @property
    def exceeds_share(self) -> bool:
        """Whether the target needs more tokens than one run of it may spend."""
        needed = self.run.tokens + (self.run.planned_tokens or 0)
        return self.run.daily_share is not None and needed > self.run.daily_share

    @property
    def cut_short(self) -> bool:
        """Whether the dry run itself had to stop at its share of the daily tokens."""
        return any(cause.reason == "budget_spent" for cause in self.causes)


@dataclass
class Plan:
    """What the next sync would do.

    Attributes:
        halves: Direction by direction.
    """

    halves: list[Half]

    @property
    def pending(self) -> int:
        """Everything that would be written."""
        return sum(half.pending for half in self.halves)

    @property
    def calls(self) -> int:
        """Calls of the real sync."""
        return sum(half.calls for half in self.halves)

    @property
    def tokens(self) -> int:
        """Pipedrive tokens of the real sync."""
        return sum(half.tokens for half in self.halves)

    @property
    def seconds(self) -> float:
        """How long it takes, the plugins' start left out."""
        return sum(half.seconds for half in self.halves)

    @property
    def left(self) -> int | None:
        """The company's daily tokens now; None where Pipedrive didn't say."""
        for at, half in reversed(list(enumerate(self.halves))):
            if half.run.daily_left is not None:
                later = sum(each.reading.tokens for each in self.halves[at + 1 :])
                return half.run.daily_left - later
        return None

    @property
    def after(self) -> int | None:
        """What stays of them after the real sync."""
        return None if self.left is None else self.left - self.tokens

    @property
    def share(self) -> int | None:
        """How many the writing side may spend in one run, had it begun where the plan did."""
        return next((h.run.daily_share for h in self.halves if h.run.daily_share is not None), None)


def half(ledger: Ledger, run: str, reading: Reading) -> Half:
    """Add up one dry run.

    Raises:
        DryRunError: It left nothing in the ledger, or wasn't dry.
    """
    span = Span(run=run, dry_runs=True)
    rows = questions.runs_in(ledger, span)
    if len(rows) != 1 or not rows[0].dry_run:
        raise DryRunError("the ledger has no dry run of this plan: is another ledger configured?")
    codes = [code for _, reasons in QUALITY for code in reasons]
    concerned = standouts.concerned(ledger, span, codes)
    found = Half(
        rows[0],
        reading,
        samples=samples_of(ledger, run),
        quality={name: [row for row in concerned if row[2] in some] for name, some in QUALITY},
        refusals=refusals(ledger, span),
    )
    found.seconds = _lasted(rows[0]) + (rows[0].planned_calls or 0) / pace(ledger, rows[0])
    return found


def pace(ledger: Ledger, run: RunRow) -> float:
    """Records that runs of a direction wrote in a second so far."""
    written, seconds = 0, 0.0
    for each in questions.runs_in(ledger, Span(connection=run.connection)):
        counted = Counter(totals(each))
        wrote = counted[Kind.CREATED.value] + counted[Kind.UPDATED.value]
        if each.direction == run.direction and each.ended and wrote >= _TELLING:
            written, seconds = written + wrote, seconds + _lasted(each)
    return written / seconds if seconds else _PACE.get(run.direction, min(_PACE.values()))


def _lasted(run: RunRow) -> float:
    return run.seconds or 0.0
