"""Raw records become flat ones: fixed columns and one column per property."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from tap_journy import kinds
from tap_journy.columns import Columns, Definition, Widened
from tap_journy.entities import Entity
from tap_journy.kinds import TEXTS, Schema, text
from tap_journy.sources import Page, Raw, dig, gather

Record = dict[str, Any]


class Layout:
    """The columns of users or accounts, and how a raw record fills them.

    Attributes:
        columns: The columns of the properties.
        odd: What was left out or empty -> how often.
        unknown: Properties first seen after discovery.
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
            self.columns.discover(dict.fromkeys(name for each in found for name in each if name))
            self.learn(page)
        self._wanted: Collection[str] = {*entity.fixed, *self.columns.names.values()}
        self.odd: Counter[str] = Counter()
        self.unknown: set[str] = set()

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
            names = f"{self._entity.id_column} and {self._entity.contact}"
            self.odd[f"records without {names}, left out"] += len(ids) - len(rows)
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
        lists = ("segments", *self._entity.links)
        ways: dict[str, Callable[[list[Any]], list[Any]]] = {
            self._entity.contact: _texts,
            **{name: self._names(name) for name in lists},
            **{name: self._times(name, stamp) for name in ("created_at", "updated_at")},
        }
        return {
            name: ways[name](
                _values(page.rows, self._listing[name], gather if name in lists else dig)
            )
            for name in self._entity.fixed
            if name in ways and name in self._wanted
        }

    def _names(self, name: str) -> Callable[[list[Any]], list[list[str] | None]]:
        """Names of segments or ids; what stands for nothing, and objects, are none."""

        def convert(values: list[Any]) -> list[list[str] | None]:
            lists = [_entries(value) for value in values]
            odd = [found for found in lists if found and not kinds.are_texts(found)]
            if objects := sum(isinstance(each, (dict, list)) for found in odd for each in found):
                part = f"name the part that is meant, such as {self._listing[name]}.id"
                self.odd[f"entries of {name} that are objects, left out ({part})"] += objects
            return [found and _named(found) for found in lists]

        return convert

    def _times(
        self, name: str, stamp: Callable[[Any], str]
    ) -> Callable[[list[Any]], list[str | None]]:
        def convert(values: list[Any]) -> list[str | None]:
            found = [None if kinds.blank(value) else stamp(value) for value in values]
            if misfits := found.count(""):
                self.odd[f"values of {name} that are no time, left empty"] += misfits
            return [each or None for each in found]

        return convert

    def _filled(self, page: Page) -> dict[str, list[Any]]:
        given = _values(page.rows, self._listing["properties"])
        if odd := sum(bool(each) and not isinstance(each, dict) for each in given):
            said = "records with properties that are no object, left without"
            self.odd[said] += odd
        found = self._properties(page)
        if more := _names_in(found) - self.columns.names.keys() - {""}:
            self.unknown |= more
        return {
            column: kinds.filled(kind, [each.get(name) for each in found], cells=page.cells)
            for name, column, kind in self.columns.plan
            if column in self._wanted
        }


def _values(
    rows: Sequence[Raw], path: str | None, reach: Callable[[Any, str | None], Any] = dig
) -> list[Any]:
    """What stands at a dotted path in each row."""
    if path and "." not in path:
        return [row.get(path) for row in rows]
    return [reach(row, path) for row in rows]


def _names_in(found: Iterable[Mapping[str, Any]]) -> set[str]:
    return set().union(*found)


def _texts(values: list[Any]) -> list[str | None]:
    return [None if kinds.blank(value) else text(value) for value in values]


#: What neither names nor identifies anything.
_NO_NAMES = (dict, list, type(None))


def _named(found: list[Any]) -> list[str]:
    if not kinds.are_texts(found):
        found = [text(each) for each in found if not isinstance(each, _NO_NAMES)]
    return [each for each in found if each]


def _entries(value: Any) -> list[Any] | None:
    """A list, or the lines of a text, as old journy pages show segments."""
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines()]
    return value if value is None or isinstance(value, list) else [value]
