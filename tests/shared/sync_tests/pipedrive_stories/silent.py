"""Values that change without a new update time, so that no reader of changes can know."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: Key of a field with options -> their labels.
Labels = dict[str, dict[int, str]]


class Silent:
    """Links to a merged record, and options that are gone or called otherwise now."""

    def __init__(self, tables: dict[str, Any], labels: Callable[[], Labels]) -> None:
        """Watch tables, of which `labels` tells how options are called now."""
        self._tables, self._labels = tables, labels
        self._earlier: dict[tuple[str, Any, str], list[Any]] = {}

    def allows(self, entity: str, record: Any, key: str, value: Any) -> bool:
        """Whether a value was true once, and nobody was told that it isn't any more."""
        return any(value in pair for pair in self._earlier.get((entity, record, key), ()))

    def told(self, entity: str, record: Any) -> None:
        """From now on the update time tells of all that a record has."""
        for key in [key for key in self._earlier if key[:2] == (entity, record)]:
            del self._earlier[key]

    @contextmanager
    def watched(self, *told: tuple[str, Any], option: int | None = None) -> Iterator[None]:
        """Note what an edit changes in records that it doesn't touch.

        Args:
            told: The records that it does touch, by entity and id.
            option: The option that gets another label.
        """
        before, labels = {n: copy.deepcopy(t.rows) for n, t in self._tables.items()}, self._labels()
        yield
        for entity, rows in before.items():
            for record, old in rows.items():
                new = self._tables[entity].rows.get(record)
                if new is None or (entity, record) in told:
                    continue
                if old.get("update_time") == new.get("update_time"):
                    self._note((entity, record), (_flat(old), _flat(new)), labels, option)

    def _note(self, at: tuple[str, Any], rows: Any, labels: Labels, option: int | None) -> None:
        old, new = rows
        for key in old.keys() | new.keys():
            value, named = old.get(key), labels.get(key, {})
            several = value if isinstance(value, list) else [value]
            if value != new.get(key) or (named and option is not None and option in several):
                shown = [named.get(each, each) for each in several]
                earlier = (value, shown if isinstance(value, list) else shown[0])
                self._earlier.setdefault((*at, key), []).append(earlier)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    flat = {**row, **row.get("custom_fields", {})}
    flat.pop("custom_fields", None)
    return flat
