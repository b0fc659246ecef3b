"""One column per property: its name, and what it holds, which only ever gets wider."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from tap_journy import kinds
from tap_journy.kinds import KINDS, UNSETTLED, Kind, Schema


class Definition(NamedTuple):
    """A property as journy's catalogue describes it; the catalogue has no types."""

    name: str
    label: str
    computed: bool


class Widened(NamedTuple):
    """A column that takes more than before."""

    column: str
    before: str
    after: str


class Column(NamedTuple):
    """A property, its column, and the kind of its values."""

    name: str
    column: str
    kind: Kind


class Columns:
    """The columns of all properties, and the kinds of their values."""

    def __init__(self, definitions: Iterable[Definition], fixed: Collection[str]) -> None:
        """Begin with properties that are documented.

        Args:
            definitions: The properties; of two with one name the first counts.
            fixed: Columns that don't come from properties.
        """
        self._fixed = fixed
        self._definitions: dict[str, Definition] = {}
        self._settled: dict[str, str] = {}
        self._define(definitions)

    def _define(self, definitions: Iterable[Definition]) -> None:
        for definition in definitions:
            self._definitions.setdefault(definition.name, definition)
        self.__dict__.pop("names", None)

    def discover(self, names: Collection[str]) -> None:
        """Take in properties that records have, as far as they can be described by that."""
        if not self._definitions.keys() >= set(names):
            self._define(Definition(name, name, computed=False) for name in names)

    @cached_property
    def names(self) -> dict[str, str]:
        """Property -> column."""
        return _column_names(self._definitions, self._fixed)

    @property
    def settled(self) -> dict[str, str]:
        """Property -> kind, once there was a value or the column was announced."""
        return dict(self._settled)

    @property
    def plan(self) -> list[Column]:
        """All columns as they are by now."""
        return [Column(name, column, self._kind(name)) for name, column in self.names.items()]

    @property
    def schema(self) -> dict[str, Schema]:
        """JSON Schema of each column."""
        return {column: self._schema(name) for name, column in self.names.items()}

    def _kind(self, name: str) -> Kind:
        return KINDS.get(self._settled.get(name, ""), UNSETTLED)

    def _schema(self, name: str) -> Schema:
        found = self._definitions[name]
        about = {"name": name, "label": found.label, "computed": found.computed}
        return {**self._kind(name).schema, "title": found.label, "x-journy": about}

    def recall(self, memory: Mapping[str, Any]) -> list[Widened]:
        """Take earlier runs' kinds into account, so that no column ever gets narrower.

        Returns:
            Columns that now take more than they did then.
        """
        found = []
        for name in self._definitions.keys() & memory.keys():
            before, now = memory[name], self._settled.get(name)
            if before not in KINDS and before != kinds.ANY:
                continue
            after = before if now is None else kinds.wider(before, now)
            self._settle(name, after)
            if after != before:
                found.append(Widened(self.names[name], before, after))
        return sorted(found)

    def expect(self, columns: Mapping[str, Mapping[str, Any]]) -> None:
        """Take a catalog's columns into account, whose types may be wider on request.

        They may be more than could be discovered: somebody knows of a property that is rare.
        """
        known = {*self._fixed, *self.names.values()}
        self.discover([_property(each, self._fixed) for each in columns if each not in known])
        told = {name: kinds.kind_named(columns.get(col, {})) for name, col in self.names.items()}
        for name, kind in told.items():
            if kind is not None:
                self._settle(name, kinds.wider(kind, self._settled.get(name, kind)))

    def learn(
        self, found: Sequence[Mapping[str, Any]], present: Collection[str], *, cells: bool
    ) -> list[Widened]:
        """Settle or widen columns until all these properties fit.

        Args:
            found: The properties of some records.
            present: Their names.
            cells: Whether the values stood in CSV.

        Returns:
            Columns that have changed; `before` is empty for one that has just got a type.
        """
        before = dict(self._settled)
        for name in self._definitions:
            if name in present and self._settled.get(name) not in _OPEN:
                for kind in kinds.kinds_of([each.get(name) for each in found], cells=cells):
                    self._settle(name, kinds.wider(self._settled.get(name), kind))
        return [
            Widened(self.names[name], before.get(name, ""), kind)
            for name, kind in self._settled.items()
            if before.get(name) != kind
        ]

    def settle_rest(self) -> None:
        """Let the columns without a value so far take anything, for good."""
        for name in self._definitions:
            if name not in self._settled:
                self._settle(name, kinds.ANY)

    def _settle(self, name: str, kind: str) -> None:
        self._settled[name] = kind


#: Kinds that take any value.
_OPEN = frozenset({"string", kinds.ANY})


_PREFIX = "property_"


def _property(column: str, fixed: Collection[str]) -> str:
    """The property to which a column of a catalog belongs."""
    name = column.removeprefix(_PREFIX)
    return name if name.casefold() in fixed else column


def _column_names(properties: Iterable[str], fixed: Collection[str]) -> dict[str, str]:
    """Property -> column: journy's own name, prefixed where a fixed column has it.

    In whichever case: many databases don't tell `Email` from `email`.
    """
    names = list(properties)
    taken = {*fixed, *(name.casefold() for name in names)}
    columns = {}
    for name in names:
        column = name
        while column.casefold() in fixed or (column != name and column.casefold() in taken):
            column = f"{_PREFIX}{column}"
        taken.add(column.casefold())
        columns[name] = column
    return columns
