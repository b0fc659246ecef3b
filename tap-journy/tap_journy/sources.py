"""What the streams ask of a record source, wherever the records come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, Protocol

from tap_journy.entities import Entity

Raw = dict[str, Any]
SAMPLE_SIZE = 400
PAGE_ROWS = 500


class Page(NamedTuple):
    """Some records.

    Attributes:
        rows: The records.
        files: File -> its fingerprint, for files that are read whole when these records are
            delivered.
        present: All files that there are, once that is known to matter: others can be forgotten.
        cells: Whether values stood in CSV, where everything is text and some of it means more.
    """

    rows: list[Raw]
    files: Mapping[str, str] = {}
    present: frozenset[str] | None = None
    cells: bool = False

    def parts(self) -> Iterator[Page]:
        """The records, few at a time."""
        for start in range(0, len(self.rows), PAGE_ROWS):
            yield self._replace(rows=self.rows[start : start + PAGE_ROWS])


class Position(NamedTuple):
    """How far earlier runs have come.

    Attributes:
        since: Update time from which records are wanted; None for all.
        files: File -> fingerprint of what was read of it.
    """

    since: str | None
    files: Mapping[str, str]


class Source(Protocol):
    """Where the records come from."""

    @property
    def sorted(self) -> bool:
        """Whether records come in the order of their update time."""
        ...

    @property
    def samples_all(self) -> bool:
        """Whether pages hold nothing that the sample doesn't."""
        ...

    def incremental(self, entity: Entity, /) -> bool:
        """Whether the source can leave out what hasn't changed."""
        ...

    def sample(self, entity: Entity, /) -> Iterable[Page]:
        """A few records or all, from which types are told."""
        ...

    def pages(self, entity: Entity, position: Position, /) -> Iterator[Page]:
        """All records that a position hasn't passed yet."""
        ...


def dig(value: Any, path: str | None) -> Any:
    """What stands at a dotted path; None where there is nothing."""
    for key in _keys(path or ""):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value if path else None


def gather(value: Any, path: str | None) -> Any:
    """The same, where the path may lead through a list of objects: a list of what stands there."""
    for key in _keys(path or ""):
        if isinstance(value, list):
            value = [each.get(key) for each in value if isinstance(each, dict)]
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value if path else None


@cache
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()
