"""Conditions as data: read from settings, compiled against a stream, followed record by record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sync_core.actions.kinds import KINDS, YES, Kind
from sync_core.canonical import digest
from sync_core.errors import ConfigurationError
from sync_core.mapping import SourceSchema, simple
from sync_core.segments import known_segments
from sync_core.settings import collected
from sync_core.text import near

Record = Mapping[str, Any]
State = dict[str, str]
#: What a record that doesn't have a column at all says of it; null, in contrast, is a value.
UNKNOWN = object()
_GROUPS = ("all", "any")
_SEGMENTS = "segments"


@dataclass(frozen=True)
class Condition:
    """One condition as the analyst wrote it.

    Attributes:
        kind: What it looks for.
        subject: Name of the segment or property.
        argument: What the property is compared with.
        setting: Where it stands, for messages.
    """

    kind: Kind
    subject: str
    argument: Any
    setting: str

    @property
    def mark(self) -> str:
        """Its name in a record's remembered state; another condition has another one."""
        return digest({"kind": self.kind.name, "of": self.subject, "with": repr(self.argument)})


@dataclass(frozen=True)
class Group:
    """Several conditions: every one, or at least one of them."""

    every: bool
    parts: tuple[Condition | Group, ...]


def read_condition(given: Any, setting: str) -> Condition | Group:
    """Read one condition, or a group of them.

    Raises:
        ConfigurationError: Lists everything that can't be read.
    """
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{setting}: expected an object with {_choices()}")
    known = {*_GROUPS, *KINDS, "property"}
    problems = [
        f"{setting}: unknown key {key!r}; {near(str(key), known)}"
        for key in given
        if key not in known
    ]
    if problems:
        raise ConfigurationError(problems)
    found = [key for key in given if key != "property"]
    if len(found) != 1:
        raise ConfigurationError(
            f"{setting}: expected exactly one of {_choices()}; "
            "several conditions go together under `all` or `any`"
        )
    return _group(given, found[0], setting) if found[0] in _GROUPS else _one(given, setting)


def _choices() -> str:
    return ", ".join((*KINDS, *_GROUPS))


def _group(given: Mapping[str, Any], name: str, setting: str) -> Group:
    members = given[name]
    if not isinstance(members, list) or not members or "property" in given:
        raise ConfigurationError(f"{setting}.{name}: expected a list of conditions, and no more")
    parts = (partial(read_condition, each, f"{setting}.{name}[{at}]")
             for at, each in enumerate(members))  # fmt: skip
    return Group(name == "all", tuple(collected(*parts)))


def _one(given: Mapping[str, Any], setting: str) -> Condition:
    kind = next(KINDS[key] for key in given if key in KINDS)
    argument, about = given[kind.name], given.get("property")
    problems = [] if kind.accepts(argument) else [f"{setting}.{kind.name}: expected {kind.expects}"]
    if kind.of == "property" and not (isinstance(about, str) and about.strip()):
        problems.append(f"{setting}: {kind.name} needs `property`, the name of a property")
    if kind.of == "segment" and about is not None:
        problems.append(f"{setting}: {kind.name} is about a segment; leave `property` out")
    if problems:
        raise ConfigurationError(problems)
    if kind.of == "segment":
        return Condition(kind, argument, None, f"{setting}.{kind.name}")
    return Condition(kind, str(about), argument, f"{setting}.{kind.name}")


@dataclass(frozen=True)
class Sight:
    """What one look at a record shows: whether a condition holds, and whether it just came true."""

    holds: bool
    happens: bool


@dataclass(frozen=True)
class Leaf:
    """A condition that knows where its value stands."""

    condition: Condition
    read: Callable[[Record], Any]
    argument: Any

    @property
    def marks(self) -> set[str]:
        """Its name in a record's remembered state."""
        return {self.condition.mark}

    def look(
        self, record: Record, before: Mapping[str, str], after: State, *, fresh: bool
    ) -> Sight:
        """Compare a record with what is remembered, and note what is to be remembered."""
        kind, mark = self.condition.kind, self.condition.mark
        remembered = before.get(mark)
        value = self.read(record)
        if value is UNKNOWN:
            if remembered is not None:
                after[mark] = remembered
            return Sight(not kind.momentary and remembered == YES, happens=False)
        after[mark] = state = kind.state(remembered, value, self.argument)
        former = kind.blank if fresh else remembered
        return Sight(kind.holds(former, state), kind.happens(former, state))


@dataclass(frozen=True)
class Branch:
    """A compiled group.

    `all` happens when one part does while every other holds; `any` whenever one part does.
    """

    every: bool
    parts: tuple[Tree, ...]

    @property
    def marks(self) -> set[str]:
        """Names of all its parts in a record's remembered state."""
        return {mark for part in self.parts for mark in part.marks}

    def look(
        self, record: Record, before: Mapping[str, str], after: State, *, fresh: bool
    ) -> Sight:
        """Look with every part, since each has something to remember."""
        sights = [part.look(record, before, after, fresh=fresh) for part in self.parts]
        holds = (all if self.every else any)(sight.holds for sight in sights)
        return Sight(holds, holds and any(sight.happens for sight in sights))


Tree = Leaf | Branch


def compile_condition(condition: Condition | Group, schema: SourceSchema) -> Tree:
    """Find every segment and property in a stream.

    Raises:
        ConfigurationError: Lists those that the stream doesn't have.
    """
    if isinstance(condition, Group):
        parts = (partial(compile_condition, part, schema) for part in condition.parts)
        return Branch(condition.every, tuple(collected(*parts)))
    if condition.kind.of == "segment":
        return _segment(condition, schema)
    return _property(condition, schema)


def _segment(condition: Condition, schema: SourceSchema) -> Leaf:
    if _SEGMENTS not in schema.properties:
        raise ConfigurationError(
            f"{condition.setting}: stream {schema.stream} has no column {_SEGMENTS}; "
            "select it in the tap"
        )
    named = known_segments([condition.subject], schema.properties, condition.setting)

    def read(record: Record) -> Any:
        listed = record.get(_SEGMENTS)
        if not isinstance(listed, list):
            return UNKNOWN
        return [condition.subject if named.have(each) else None for each in listed]

    return Leaf(condition, read, condition.subject)


def _property(condition: Condition, schema: SourceSchema) -> Leaf:
    column, part = schema.find(condition.subject, condition.setting)
    if condition.kind.numeric and part is None:
        _must_hold_numbers(condition, schema.properties[column.name])

    def read(record: Record) -> Any:
        if column.name not in record:
            return UNKNOWN
        value = record[column.name]
        if part is not None:
            return value.get(part) if isinstance(value, Mapping) else None
        return simple(value)

    return Leaf(condition, read, condition.argument)


def _must_hold_numbers(condition: Condition, about: Any) -> None:
    kinds = set(_types(about))
    if kinds and not kinds & {"number", "integer", "string"}:
        raise ConfigurationError(
            f"{condition.setting}: {condition.subject!r} holds {' or '.join(sorted(kinds))}, "
            "never a number that could cross a limit"
        )


def _types(about: Any) -> Iterator[str]:
    """The JSON types of a column, without null; none where the schema doesn't say."""
    declared = about.get("type") if isinstance(about, Mapping) else None
    for each in declared if isinstance(declared, list) else [declared]:
        if isinstance(each, str) and each != "null":
            yield each
