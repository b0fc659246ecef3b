"""Raw records become flat ones: fixed columns and one column per property."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from tap_journy import kinds
from tap_journy.columns import Columns, Definition, Widened
from tap_journy.entities import Entity
from tap_journy.kinds import KINDS, TEXTS, Schema, text
from tap_journy.sources import Raw, dig

Record = dict[str, Any]


class Layout:
    """The columns of users or accounts, and how a raw record fills them.

    Attributes:
        columns: The columns of the properties.
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
            sample: Raw records, from which types are told; looked at twice.
        """
        self._entity = entity
        self._listing = listing
        self.columns = Columns(itertools.chain(catalogue, self._seen(sample)), entity.fixed)
        self._wanted: Collection[str] = {*entity.fixed, *self.columns.names.values()}
        self.misfits: Counter[str] = Counter()
        self.unknown: set[str] = set()
        self.nameless = 0
        self.learn(sample)

    def _seen(self, sample: Iterable[Raw]) -> Iterator[Definition]:
        """Properties that records have, as far as they can be described by that."""
        names = dict.fromkeys(name for raw in sample for name in self._properties(raw))
        return (Definition(name, name, computed=False) for name in names)

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
        return {"type": "object", "properties": {**fixed, **self.columns.schema}}

    def keep(self, names: Collection[str]) -> None:
        """Fill only these columns from now on."""
        self._wanted = names

    def learn(self, rows: Iterable[Raw]) -> list[Widened]:
        """Settle or widen columns until all these records fit.

        Returns:
            Columns that have changed; `before` is empty for one that has just got a type.
        """
        return self.columns.learn(self._properties(raw) for raw in rows)

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
        for name, column, kind in self.columns.plan:
            if column not in self._wanted:
                continue
            value = values.get(name)
            # An empty text says that the property is there without a value, by journy's
            # documentation; only a text column can tell that from null.
            if value == "" and (kind is not KINDS["string"] or isinstance(value, kinds.Cell)):
                value = None
            record[column] = None if value is None else kind.convert(value)
        if more := values.keys() - self.columns.names.keys():
            self.unknown |= more

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
