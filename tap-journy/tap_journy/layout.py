"""Raw records become flat ones: fixed columns and one column per property."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from tap_journy import kinds
from tap_journy.entities import Entity
from tap_journy.kinds import KINDS, TEXTS, UNSETTLED, Kind, Schema, text
from tap_journy.sources import Raw, dig

Record = dict[str, Any]


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


class Layout:
    """The columns of users or accounts, and how a raw record fills them.

    Attributes:
        misfits: Time column -> values that are no time and were left empty.
        unknown: Properties first seen after discovery.
        nameless: How many records had no identifier.
    """

    def __init__(
        self,
        entity: Entity,
        listing: Mapping[str, Any],
        catalogue: Iterable[Definition],
        sample: Iterable[Raw],
    ) -> None:
        """Lay out the columns.

        Args:
            entity: Users or accounts.
            listing: Where things stand in a raw record.
            catalogue: The documented definitions, in journy's order.
            sample: Raw records, from which types are told.
        """
        self._entity = entity
        self._listing = listing
        named = {definition.name: definition for definition in catalogue}
        for raw in sample:
            for name in self._properties(raw):
                named.setdefault(name, Definition(name, name, computed=False))
        self._definitions = named
        self._settled: dict[str, str] = {}
        self._columns = _column_names(named, entity.fixed)
        self._wanted: Collection[str] = {*entity.fixed, *self._columns.values()}
        self._planned: list[tuple[str, str, Kind]] | None = None
        self.misfits: Counter[str] = Counter()
        self.unknown: set[str] = set()
        self.nameless = 0
        self.learn(sample)

    @property
    def schema(self) -> Schema:
        """JSON Schema of a record."""
        times = {"type": ["string", "null"], "format": "date-time"}
        fixed: dict[str, Schema] = {
            self._entity.id_column: {"type": "string"},
            self._entity.contact: {"type": ["string", "null"]},
            "segments": dict(TEXTS),
            **{name: dict(TEXTS) for name in self._entity.links},
            "created_at": dict(times),
            "updated_at": dict(times),
        }
        own = {column: self._property_schema(name) for name, column in self._columns.items()}
        return {"type": "object", "properties": {**fixed, **own}}

    @property
    def settled(self) -> dict[str, str]:
        """Property -> kind, once there was a value or the column was announced."""
        return dict(self._settled)

    def _kind(self, name: str) -> Kind:
        return KINDS.get(self._settled.get(name, ""), UNSETTLED)

    def _property_schema(self, name: str) -> Schema:
        found = self._definitions[name]
        about = {"name": name, "label": found.label, "computed": found.computed}
        return {**self._kind(name).schema, "title": found.label, "x-journy": about}

    def keep(self, names: Collection[str]) -> None:
        """Fill only these columns from now on."""
        self._wanted, self._planned = names, None

    def recall(self, memory: Mapping[str, Any]) -> list[Widened]:
        """Take earlier runs' kinds into account, so that no column ever gets narrower.

        Returns:
            Columns that now take more than they did then.
        """
        found = []
        self._planned = None
        for name in self._definitions.keys() & memory.keys():
            before, now = memory[name], self._settled.get(name)
            if before not in KINDS and before != kinds.ANY:
                continue
            after = before if now is None else kinds.wider(before, now)
            self._settled[name] = after
            if after != before:
                found.append(Widened(self._columns[name], before, after))
        return sorted(found)

    def expect(self, columns: Mapping[str, Mapping[str, Any]]) -> None:
        """Take a catalog's column types into account, which may be wider on request."""
        self._planned = None
        told = {name: kinds.kind_named(columns.get(col, {})) for name, col in self._columns.items()}
        for name, kind in told.items():
            if kind is not None:
                self._settled[name] = kinds.wider(kind, self._settled.get(name, kind))

    def learn(self, rows: Iterable[Raw]) -> list[Widened]:
        """Settle or widen columns until all these records fit.

        Returns:
            Columns that have changed; `before` is empty for one that has just got a type.
        """
        before = dict(self._settled)
        for raw in rows:
            for name, value in self._properties(raw).items():
                if name in self._definitions and not kinds.blank(value):
                    self._settle(name, value)
        if before != self._settled:
            self._planned = None
        return [
            Widened(self._columns[name], before.get(name, ""), kind)
            for name, kind in self._settled.items()
            if before.get(name) != kind
        ]

    def settle_rest(self) -> None:
        """Let the columns without a value so far take anything, for good."""
        self._planned = None
        for name in self._definitions:
            self._settled.setdefault(name, kinds.ANY)

    def _settle(self, name: str, value: Any) -> None:
        known = self._settled.get(name)
        if known not in ("string", kinds.ANY):  # these take anything
            self._settled[name] = kinds.wider(known, kinds.kind_of(value))

    def _properties(self, raw: Raw) -> Mapping[str, Any]:
        found = dig(raw, self._listing["properties"])
        return found if isinstance(found, dict) else {}

    def record(self, raw: Raw) -> Record | None:
        """The record, or None where it has neither of the two identifiers."""
        contact = _given(dig(raw, self._listing[self._entity.contact]))
        # journy identifies by either; a record that has only the second one is known by it.
        own_id = _given(dig(raw, self._listing["id"]))
        own_id = contact if own_id is None else own_id
        if own_id is None:
            self.nameless += 1
            return None
        record: Record = {self._entity.id_column: text(own_id)}
        self._set(record, self._entity.contact, contact, text)
        for name in ("segments", *self._entity.links):
            self._set(record, name, dig(raw, self._listing[name]), _names)
        for name in ("created_at", "updated_at"):
            self._set(record, name, _given(dig(raw, self._listing[name])), self._time(name))
        self._set_properties(record, self._properties(raw))
        return record

    def _time(self, name: str) -> Callable[[Any], str | None]:
        def convert(value: Any) -> str | None:
            found = kinds.stamp(value)
            if not found:
                self.misfits[name] += 1
            return found or None

        return convert

    def _set_properties(self, record: Record, values: Mapping[str, Any]) -> None:
        for name, column, kind in self._plan:
            value = values.get(name)
            # An empty text says that the property is there without a value, by journy's
            # documentation; only a text column can tell that from null.
            if value == "" and (kind is not KINDS["string"] or isinstance(value, kinds.Cell)):
                value = None
            record[column] = None if value is None else kind.convert(value)
        if values.keys() - self._columns.keys():
            self.unknown |= values.keys() - self._columns.keys()

    @property
    def _plan(self) -> list[tuple[str, str, Kind]]:
        """Each wanted property with its column and kind; made anew after a change of either."""
        if self._planned is None:
            self._planned = [
                (name, column, self._kind(name))
                for name, column in self._columns.items()
                if column in self._wanted
            ]
        return self._planned

    def _set(self, record: Record, column: str, value: Any, convert: Callable[[Any], Any]) -> None:
        if column in self._wanted:
            record[column] = None if value is None else convert(value)


def _given(value: Any) -> Any:
    return None if kinds.blank(value) else value


def _names(value: Any) -> list[str]:
    """Names of segments or ids: a list, or the lines of a text, as old journy pages show them."""
    if isinstance(value, str):
        return [each for line in value.splitlines() if (each := line.strip())]
    return kinds.texts(value)


def _column_names(properties: Iterable[str], fixed: Collection[str]) -> dict[str, str]:
    """Property -> column: journy's own name, prefixed where a fixed column has it."""
    names = list(properties)
    taken = {*fixed, *names}
    columns = {}
    for name in names:
        column = name
        while column in fixed or (column != name and column in taken):
            column = f"property_{column}"
        taken.add(column)
        columns[name] = column
    return columns
