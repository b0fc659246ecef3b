"""Rows by id, with the sorted orders that keyset paging walks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Row = dict[str, Any]
# From here on, looking at each row in turn beats sorting those that were found by their time.
MANY = 2_000
# Fewer emptied buckets than this are not worth tidying up.
TIDY_FROM = 1_000
# A place in an order: the value sorted by, then the id.
Place = tuple[Any, Any]


class Order:
    """Ids sorted by (value, id). Rows without a value come first.

    Ids with one value share a bucket, so moving a row costs two dictionary operations.
    Values are put in order when somebody reads, and emptied buckets stay until they are many.
    """

    def __init__(self) -> None:
        self._buckets: dict[Any, dict[Any, None]] = {}
        self._keys: list[Any] = []
        self._in_order = True
        self._empty = 0
        self._sorted: dict[Any, list[Any]] = {}

    def add(self, value: Any, row_id: Any) -> None:
        """Put an id into its place."""
        key = "" if value is None else value
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = {}
            self._in_order = self._in_order and not (self._keys and key < self._keys[-1])
            self._keys.append(key)
        elif not bucket:
            self._empty -= 1
        bucket[row_id] = None
        self._sorted.pop(key, None)

    def discard(self, value: Any, row_id: Any) -> None:
        """Take an id out of its place."""
        key = "" if value is None else value
        bucket = self._buckets[key]
        del bucket[row_id]
        self._sorted.pop(key, None)
        if not bucket:
            self._empty += 1

    def walk(self, *, descending: bool, after: Place | None) -> Iterator[Any]:
        """Ids in order, beginning behind a place."""
        for key in self._from(self._ordered(), descending, after):
            ids = self._ids(key)
            if after is not None and key == after[0]:
                ids = (
                    ids[: bisect_left(ids, after[1])]
                    if descending
                    else ids[bisect_right(ids, after[1]) :]
                )
            yield from reversed(ids) if descending else ids

    def between(self, since: str | None, until: str | None) -> Iterator[Any]:
        """Ids whose value is at least `since` and before `until`; never those without a value."""
        keys = self._ordered()
        start = bisect_left(keys, since if since is not None else "\0")
        stop = len(keys) if until is None else bisect_left(keys, until)
        for key in keys[start:stop]:
            yield from self._ids(key)

    def span(self, since: str | None, until: str | None) -> int:
        """How many different values lie between; a lower bound of the ids there."""
        keys = self._ordered()
        first = bisect_left(keys, since) if since is not None else 0
        last = len(keys) if until is None else bisect_left(keys, until)
        return max(0, last - first)

    def _ordered(self) -> list[Any]:
        if self._empty > TIDY_FROM and self._empty > len(self._keys) // 2:
            self._buckets = {key: ids for key, ids in self._buckets.items() if ids}
            self._keys, self._empty, self._in_order = list(self._buckets), 0, False
        if not self._in_order:
            self._keys.sort()
            self._in_order = True
        return self._keys

    @staticmethod
    def _from(keys: list[Any], descending: bool, after: Place | None) -> Iterator[Any]:
        if descending:
            stop = bisect_right(keys, after[0]) if after else len(keys)
            return (keys[index] for index in range(stop - 1, -1, -1))
        start = bisect_left(keys, after[0]) if after else 0
        return (keys[index] for index in range(start, len(keys)))

    def _ids(self, key: Any) -> list[Any]:
        ids = self._sorted.get(key)
        if ids is None:
            ids = sorted(self._buckets[key])
            if len(ids) > 1:
                self._sorted[key] = ids
        return ids


class Table:
    """One entity's rows."""

    def __init__(self, sort_fields: Iterable[str] = ()) -> None:
        self.rows: dict[Any, Row] = {}
        self.next_id = 1
        self.version = 0
        self._lookups: dict[str, Lookup] = {}
        self._pointing: dict[str, tuple[int, dict[Any, list[Row]]]] = {}
        self._ids: list[Any] = []
        self._orders = {name: Order() for name in sort_fields if name != "id"}

    def new_id(self) -> int:
        """The next free number."""
        row_id = self.next_id
        self.next_id += 1
        return row_id

    def insert(self, row: Row) -> Row:
        """Add a row under its own id."""
        row_id = row["id"]
        if self._ids and row_id < self._ids[-1]:
            insort(self._ids, row_id)
        else:
            self._ids.append(row_id)
        self.rows[row_id] = row
        self._touched(row_id)
        for name, order in self._orders.items():
            order.add(row[name], row_id)
        return row

    def update(self, row: Row, changes: Row) -> Row:
        """Change a row in place."""
        for name, order in self._orders.items():
            if name in changes and changes[name] != row[name]:
                order.discard(row[name], row["id"])
                order.add(changes[name], row["id"])
        row.update(changes)
        self._touched(row["id"])
        return row

    def remove(self, row_id: Any) -> None:
        """Forget a row for good."""
        row = self.rows.pop(row_id)
        self._touched(row_id)
        del self._ids[bisect_left(self._ids, row_id)]
        for name, order in self._orders.items():
            order.discard(row[name], row_id)

    def _touched(self, row_id: Any) -> None:
        self.version += 1
        for lookup in self._lookups.values():
            lookup.changed.add(row_id)

    def matching(self, key: str, texts: Callable[[Row], Iterable[str]], text: str) -> list[Row]:
        """The rows that may hold a text; `key` names what `texts` reads from a row."""
        if key not in self._lookups:
            self._lookups[key] = Lookup(texts)
        return [self.rows[row_id] for row_id in self._lookups[key].find(self.rows, text)]

    def pointing(self, column: str, row_id: Any) -> list[Row]:
        """The rows that hold this id in a column; all are looked at once after each change."""
        known = self._pointing.get(column)
        if known is None or known[0] != self.version:
            rows: dict[Any, list[Row]] = {}
            for row in self.rows.values():
                if row[column] is not None:
                    rows.setdefault(row[column], []).append(row)
            known = self._pointing[column] = (self.version, rows)
        return known[1].get(row_id, [])

    def walk(self, sort_by: str, *, descending: bool, after: Place | None) -> Iterator[Any]:
        """Ids in the order of a field, beginning behind a place."""
        if sort_by != "id":
            return self._orders[sort_by].walk(descending=descending, after=after)
        if descending:
            stop = bisect_left(self._ids, after[1]) if after else len(self._ids)
            return (self._ids[index] for index in range(stop - 1, -1, -1))
        start = bisect_right(self._ids, after[1]) if after else 0
        return (self._ids[index] for index in range(start, len(self._ids)))

    def updated(self, since: str | None, until: str | None) -> Iterator[Any] | None:
        """Ids by `update_time`, at least `since` and before `until`; None when they are many."""
        order = self._orders["update_time"]
        return None if order.span(since, until) > MANY else order.between(since, until)

    def dump(self) -> dict[str, Any]:
        """The rows as plain data."""
        return {"next_id": self.next_id, "rows": list(self.rows.values())}

    def restore(self, dumped: dict[str, Any]) -> None:
        """Take rows that `dump` gave."""
        for row in dumped["rows"]:
            self.insert(row)
        self.next_id = dumped["next_id"]
