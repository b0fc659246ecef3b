"""Raw records become flat ones: fixed columns and one column per property."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from tap_journy import kinds
from tap_journy.columns import Columns, Definition, Widened
from tap_journy.entities import Entity
from tap_journy.kinds import TEXTS, Schema, text
from tap_journy.sources import Page, Raw, dig

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
        sample: Iterable[Page],
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
        self.columns = Columns(catalogue, entity.fixed)
        for page in sample:
            found = self._properties(page)
            self.columns.discover(dict.fromkeys(name for each in found for name in each))
            self.learn(page)
        self._wanted: Collection[str] = {*entity.fixed, *self.columns.names.values()}
        self.misfits: Counter[str] = Counter()
        self.unknown: set[str] = set()
        self.nameless = 0

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

    def learn(self, page: Page) -> list[Widened]:
        """Settle or widen columns until all records of a page fit.

        Returns:
            Columns that have changed; `before` is empty for one that has just got a type.
        """
        found = self._properties(page)
        return self.columns.learn(found, _names_in(found), cells=page.cells)

    def _properties(self, page: Page) -> list[Mapping[str, Any]]:
        found = _values(page.rows, self._listing["properties"])
        return [each if isinstance(each, dict) else {} for each in found]

    def records(self, page: Page) -> list[Record]:
        """The records of a page, but for those that have neither of the two identifiers.

        They are made column by column, which takes a fraction of the time.
        """
        page, ids = self._identified(page)
        columns = {self._entity.id_column: ids, **self._fixed(page), **self._filled(page)}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _identified(self, page: Page) -> tuple[Page, list[str]]:
        """The records that have an identifier, and these."""
        rows, ids = page.rows, self._ids(page)
        if None in ids:
            rows = [row for row, own_id in zip(rows, ids, strict=True) if own_id]
            self.nameless += len(ids) - len(rows)
        return page._replace(rows=rows), [own_id for own_id in ids if own_id]

    def _ids(self, page: Page) -> list[str | None]:
        # journy identifies by either; a record that has only the second one is known by it.
        own = _texts(_values(page.rows, self._listing["id"]))
        if None not in own:
            return own
        contacts = _texts(_values(page.rows, self._listing[self._entity.contact]))
        return [one or other for one, other in zip(own, contacts, strict=True)]

    def _fixed(self, page: Page) -> dict[str, list[Any]]:
        stamp = kinds.stamp_of_cell if page.cells else kinds.stamp
        ways: dict[str, Callable[[list[Any]], list[Any]]] = {
            self._entity.contact: _texts,
            **dict.fromkeys(("segments", *self._entity.links), _lists),
            **{name: self._times(name, stamp) for name in ("created_at", "updated_at")},
        }
        return {
            name: convert(_values(page.rows, self._listing[name]))
            for name, convert in ways.items()
            if name in self._wanted
        }

    def _times(
        self, name: str, stamp: Callable[[Any], str]
    ) -> Callable[[list[Any]], list[str | None]]:
        def convert(values: list[Any]) -> list[str | None]:
            found = [None if kinds.blank(value) else stamp(value) for value in values]
            if misfits := found.count(""):
                self.misfits[name] += misfits
            return [each or None for each in found]

        return convert

    def _filled(self, page: Page) -> dict[str, list[Any]]:
        found = self._properties(page)
        if more := _names_in(found) - self.columns.names.keys():
            self.unknown |= more
        return {
            column: kinds.filled(kind, [each.get(name) for each in found], cells=page.cells)
            for name, column, kind in self.columns.plan
            if column in self._wanted
        }


def _values(rows: Sequence[Raw], path: str | None) -> list[Any]:
    """What stands at a dotted path in each row."""
    if path and "." not in path:
        return [row.get(path) for row in rows]
    return [dig(row, path) for row in rows]


def _names_in(found: Iterable[Mapping[str, Any]]) -> set[str]:
    return set().union(*found)


def _texts(values: list[Any]) -> list[str | None]:
    return [None if kinds.blank(value) else text(value) for value in values]


def _lists(values: list[Any]) -> list[list[str] | None]:
    return [None if value is None else _list(value) for value in values]


def _list(value: Any) -> list[str]:
    """Names of segments or ids: a list, or the lines of a text, as old journy pages show them."""
    if isinstance(value, str):
        return [each for line in value.splitlines() if (each := line.strip())]
    return kinds.texts(value)
