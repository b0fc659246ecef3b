"""Gathering from the ledger what a report shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
from sync_core import times
from sync_core.actions.firing import ENTITY as ACTIONS
from sync_core.engine import Kind
from sync_core.engine.reasons import REASONS
from sync_core.ledger import Ledger, RunRow, questions, standouts
from sync_core.ledger.questions import Span, Waiting
from sync_core.ledger.standouts import Example, Standout

from sync_connector.screen import DIRECTIONS

#: So many records of each kind; the log has the rest.
SHOWN = 15
#: How the log begins to say what came of a field on which both sides differ.
BOTH_SIDES = "both sides "
#: What people look after, and the reasons that tell of it.
QUALITY = (
    ("Duplicates", ("several_matches", "duplicate_key", "already_linked", "left_behind")),
    ("Missing e-mail address or account id", ("no_match_key",)),
    ("Incomplete or unreadable", ("incomplete", "malformed")),
)
_FIELDS = ("bad_value", "some_fields_rejected")
_NO_OPTION = "no option of the field fits"
#: A field's label at the beginning of what is said of it.
_LABEL = re.compile(r"(?:^|; )([^:;]{1,80}): ")


@dataclass(frozen=True)
class Cause:
    """How many records had an outcome for a reason."""

    direction: str
    stream: str
    outcome: str
    reason: str
    count: int

    @property
    def meaning(self) -> str:
        """What the code says, in a sentence."""
        return REASONS[self.reason][1] if self.reason in REASONS else ""


@dataclass(frozen=True)
class Refusal:
    """How often a field's value was refused, and why."""

    stream: str
    field: str
    count: int
    why: str

    @property
    def option(self) -> bool:
        """Whether the destination lacks an option."""
        return _NO_OPTION in self.why


@dataclass
class Direction:
    """One direction of the sync in the period."""

    name: str
    runs: list[RunRow]
    totals: Counter[str] = field(default_factory=Counter)
    causes: list[Cause] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What people call it."""
        return DIRECTIONS.get(self.name, self.name)

    @property
    def written(self) -> int:
        """Records that were created or updated."""
        return self.totals[Kind.CREATED.value] + self.totals[Kind.UPDATED.value]

    @property
    def failed(self) -> int:
        """Runs that an error ended."""
        return sum(run.status == "failed" for run in self.runs)

    @property
    def tokens(self) -> int:
        """Pipedrive tokens that its runs spent."""
        return sum(run.tokens for run in self.runs)


@dataclass
class Facts:
    """Everything that a report shows.

    Attributes:
        span: What it is of.
        made: When it was made.
        connections: Whose runs these are.
        runs: The runs, oldest first.
        directions: The same by direction.
        quality: What is wrong in the data: heading -> (direction, stream, reason, records).
        refusals: Fields whose values were refused.
        conflicts: The newest records that both sides had changed.
        attention: The newest rejected records.
        slowest: Records whose writes took longest.
        flapping: Records that were updated in many runs.
        actions: Action -> outcome -> activities.
        waiting: What is kept for another try now.
    """

    span: Span
    made: str
    connections: list[str]
    runs: list[RunRow]
    directions: list[Direction]
    quality: dict[str, list[tuple[str, str, str, int]]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    conflicts: list[Example] = field(default_factory=list)
    attention: list[Example] = field(default_factory=list)
    slowest: list[Standout] = field(default_factory=list)
    flapping: list[Standout] = field(default_factory=list)
    actions: dict[str, Counter[str]] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def bill(self) -> list[tuple[str, int]]:
        """Tokens by kind of call, the dearest first, over all runs that kept a bill."""
        total: Counter[str] = Counter()
        for run in self.runs:
            if run.bill:
                total.update(msgspec.json.decode(run.bill, type=dict[str, int]))
        return total.most_common()

    @property
    def acted(self) -> Counter[str]:
        """What became of activities, over all actions."""
        return sum(self.actions.values(), Counter())

    @property
    def dry(self) -> bool:
        """Whether all that is shown was only planned."""
        return bool(self.runs) and all(run.dry_run for run in self.runs)


def gather(ledger: Ledger, span: Span) -> Facts:
    """Ask the ledger for everything."""
    runs = questions.runs_in(ledger, span)
    names = sorted({run.connection for run in runs})
    facts = Facts(span, times.now(), names, runs, _directions(runs))
    concerned = standouts.concerned(ledger, span, [code for _, codes in QUALITY for code in codes])
    facts.quality = {
        heading: [row for row in concerned if row[2] in codes] for heading, codes in QUALITY
    }
    facts.refusals = refusals(ledger, span)
    facts.conflicts = standouts.examples(
        ledger, span, SHOWN, reasons=("conflict",), saying=BOTH_SIDES
    )
    rejected = [code for code, (kinds, _) in REASONS.items() if Kind.REJECTED in kinds]
    facts.attention = standouts.examples(ledger, span, SHOWN, reasons=rejected)
    facts.slowest = standouts.slowest(ledger, span, SHOWN)
    facts.flapping = standouts.flapping(ledger, span, SHOWN)
    facts.actions = _actions(standouts.said_of(ledger, span, ACTIONS))
    facts.waiting = questions.waiting(ledger, span.connection)
    return facts


def _directions(runs: Sequence[RunRow]) -> list[Direction]:
    names = sorted({run.direction for run in runs})
    return [_direction(name, [run for run in runs if run.direction == name]) for name in names]


def _direction(name: str, runs: list[RunRow]) -> Direction:
    found = Direction(name, runs, causes=causes_of(name, runs))
    for each in found.causes:
        found.totals[each.outcome] += each.count
    return found


def causes_of(direction: str, runs: Iterable[RunRow]) -> list[Cause]:
    """How many records of some runs had which outcome for which reason, the most first."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for run in runs:
        for each in run.reasons:
            counted[each["entity"], each["outcome"], each["reason"]] += each["count"]
    return [Cause(direction, *what, number) for what, number in counted.most_common()]


def refusals(ledger: Ledger, span: Span) -> list[Refusal]:
    """Fields whose values were refused, with the first reason that was given for each."""
    counted: Counter[tuple[str, str]] = Counter()
    whys: dict[tuple[str, str], str] = {}
    for stream, _, text in standouts.texts(ledger, span, _FIELDS):
        for label, why in said_of_fields(text):
            if BOTH_SIDES not in why:
                counted[stream, label] += 1
                whys.setdefault((stream, label), why)
    return [
        Refusal(stream, label, number, whys[stream, label])
        for (stream, label), number in counted.most_common()
    ]


def said_of_fields(text: str) -> list[tuple[str, str]]:
    """(label, what is said of it) of each field that a sentence of the log speaks of."""
    heads = list(_LABEL.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [(head[1], text[head.end() : end]) for head, end in zip(heads, ends, strict=True)]


def _actions(lines: Iterable[tuple[str, str]]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for outcome, text in lines:
        found.setdefault(text.partition(":")[0], Counter())[outcome] += 1
    return dict(sorted(found.items()))
