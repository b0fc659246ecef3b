"""The kinds of rules that compute properties, and the conditions that they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sync_sandbox.journy.records import Record

Test = Callable[[Any, Any], bool]


def _number(found: Any) -> bool:
    return isinstance(found, (int, float)) and not isinstance(found, bool)


TESTS: dict[str, Test] = {
    "is": lambda found, wanted: type(found) is type(wanted) and bool(found == wanted),
    "is_not": lambda found, wanted: bool(found != wanted),
    "at_least": lambda found, wanted: _number(found) and found >= wanted,
    "at_most": lambda found, wanted: _number(found) and found <= wanted,
    "contains": lambda found, wanted: isinstance(found, list) and wanted in found,
    "among": lambda found, wanted: found in wanted,
}


@dataclass(frozen=True)
class If:
    """A condition on one property; a missing property has the value None."""

    name: str
    test: str
    value: Any

    def holds(self, record: Record) -> bool:
        """Whether the record meets the condition."""
        return TESTS[self.test](record.properties.get(self.name), self.value)


class Rule(Protocol):
    """Computes one property from the record, after the rules before it."""

    @property
    def name(self) -> str:
        """The property that the rule computes."""
        ...

    def value(self, record: Record) -> Any:
        """The property's value; None for no property."""
        ...


@dataclass(frozen=True)
class Mirror:
    """An identifier shown as a property."""

    name: str
    attribute: str

    def value(self, record: Record) -> Any:
        """The identifier."""
        return getattr(record, self.attribute)


@dataclass(frozen=True)
class Joined:
    """The parts that are not empty, with a blank between them."""

    name: str
    parts: tuple[str, ...]

    def value(self, record: Record) -> Any:
        """The joined text, or None if all parts are empty."""
        return (
            " ".join(str(record.properties.get(part) or "") for part in self.parts).strip() or None
        )


@dataclass(frozen=True)
class Links:
    """How many records on the other side this one is linked to."""

    name: str

    def value(self, record: Record) -> Any:
        """The number of links."""
        return len(record.links)


@dataclass(frozen=True)
class Score:
    """A percentage: a base and the weights of the signals that hold."""

    name: str
    base: int
    signals: tuple[tuple[int, If], ...]

    def value(self, record: Record) -> Any:
        """The score, between 0 and 100."""
        score = self.base + sum(weight for weight, signal in self.signals if signal.holds(record))
        return max(0, min(100, score))


@dataclass(frozen=True)
class FirstOf:
    """The first case whose conditions all hold, or the default."""

    name: str
    cases: tuple[tuple[str, tuple[If, ...]], ...]
    default: str

    def value(self, record: Record) -> Any:
        """The name of the case."""
        for case, conditions in self.cases:
            if all(condition.holds(record) for condition in conditions):
                return case
        return self.default


@dataclass(frozen=True)
class Segments:
    """The names of all segments of which one alternative holds."""

    name: str
    segments: tuple[tuple[str, tuple[tuple[If, ...], ...]], ...]

    def value(self, record: Record) -> Any:
        """The names, in the table's order."""
        return [
            segment
            for segment, alternatives in self.segments
            if any(all(one.holds(record) for one in conditions) for conditions in alternatives)
        ]
