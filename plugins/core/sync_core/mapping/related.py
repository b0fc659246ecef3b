"""What another stream's records say of the one that a record belongs to, such as its account."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from sync_core.errors import ConfigurationError
from sync_core.mapping import reading
from sync_core.mapping.reading import UNKNOWN, Read, Record
from sync_core.mapping.schema import SourceSchema
from sync_core.text import number_of

log = logging.getLogger(__name__)


class _Item(Protocol):
    @property
    def record(self) -> dict[str, Any]: ...
    @property
    def source_id(self) -> str: ...


@dataclass(frozen=True)
class Column:
    """A related stream's column, as a line reads it through the relation.

    Attributes:
        read: Record of the line's own stream -> the related record's value; `UNKNOWN` where the
            related record never came by.
        about: JSON Schema of the values.
    """

    read: Read
    about: Mapping[str, Any]


def chosen(record: Record, column: str, into: str) -> str:
    """The one related record's id: the linked one of several, or the only one.

    Args:
        record: With the id, or a list of ids, in `column`.
        column: Where they stand.
        into: Where the engine puts the one that is linked.
    """
    listed = record.get(column)
    ids = listed if isinstance(listed, list) else [listed]
    every = list(dict.fromkeys(str(each) for each in ids if each))
    linked = str(record.get(into) or "")
    return every[0] if len(every) == 1 else linked if linked in every else ""


class Related:
    """What the related stream says, as far as the lines of a mapping ask for it."""

    def __init__(
        self, prefix: str, stream: str, column: str, names: Iterable[str], into: str = "__account"
    ) -> None:
        """Prepare.

        Args:
            prefix: What stands before the dot in a line, such as `account`.
            stream: The related stream; it has to come before the one whose lines ask.
            column: Column of the asking stream that holds the related id, or a list of ids.
            names: Every name that a line asks for; the rest is not remembered.
            into: Column in which the engine says which of several is linked.
        """
        self._prefix = f"{prefix}."
        #: The related stream.
        self.stream = stream
        self._column = column
        self._into = into
        self._wanted = {name for each in names if (name := self._own(each))}
        self._schema: SourceSchema | None = None
        self._reads: dict[str, Read] = {}
        #: What this run's records of the related stream say, by their ids.
        self.seen: dict[str, Mapping[str, Any]] = {}
        #: What earlier runs remembered of those that a batch reads.
        self.recalled: Mapping[str, Mapping[str, Any]] = {}
        self._unknown = 0
        self._nothing = dict.fromkeys(self._wanted)

    @property
    def is_asked(self) -> bool:
        """Whether any line reads the related stream."""
        return bool(self._wanted)

    def _own(self, name: str) -> str:
        return name[len(self._prefix) :] if name.startswith(self._prefix) else ""

    def ordered(self, schemas: Iterable[SourceSchema]) -> list[SourceSchema]:
        """The related stream before those whose lines ask for its fields, the rest as it came."""
        return sorted(schemas, key=lambda each: each.stream != self.stream)

    def announce(self, schema: SourceSchema) -> None:
        """Get to know a stream; what the related one lacks is said where a line asks for it."""
        if schema.stream != self.stream:
            return
        self._schema = schema
        for name in self._wanted:
            with suppress(ConfigurationError):
                found, part = schema.find(name, name)
                self._reads[name] = reading.column(found.name, part, whole=True)

    def learn(self, items: Iterable[_Item]) -> dict[str, Mapping[str, Any]]:
        """Take in a batch of the related stream; what its records say, by their ids."""
        if not self._reads:
            return {}
        said: dict[str, Mapping[str, Any]] = {
            item.source_id: self._values(item.record) for item in items if item.source_id
        }
        self.seen.update(said)
        return said

    def _values(self, record: Record) -> dict[str, Any]:
        return {name: read(record) for name, read in self._reads.items()}

    def unseen(self, items: Iterable[_Item]) -> set[str]:
        """Ids of the related records that a batch reads and this run didn't bring."""
        ids = {chosen(item.record, self._column, self._into) for item in items}
        return ids - {""} - self.seen.keys()

    def standing(self, record: Record) -> tuple[str, Mapping[str, Any] | None]:
        """The related record that a record's lines read, and what it says, if that is known."""
        related = chosen(record, self._column, self._into)
        return related, self._said(related) if related else None

    def _said(self, related: str) -> Mapping[str, Any] | None:
        return self.seen.get(related) or self.recalled.get(related)

    def tell(self, items: Sequence[_Item]) -> None:
        """Count the records of which nothing is known, and say so at their stream's end."""
        self._unknown += sum(self._of(item.record) is None for item in items)
        if not items and self._unknown:
            log.info(
                "%s never came by for %s: what %s… names is left as it is",
                self.stream,
                number_of(self._unknown, "record"),
                self._prefix,
            )
            self._unknown = 0

    def _of(self, record: Record) -> Mapping[str, Any] | None:
        """What the related record says, nothing where there is none; None where it's unknown."""
        if not record.get(self._column):
            return self._nothing
        return self._said(chosen(record, self._column, self._into))

    def find(self, name: str, setting: str) -> Column | None:
        """The related stream's column of this name; None where it isn't named so.

        Raises:
            ConfigurationError: The stream has no such field, or hasn't come.
        """
        own = self._own(name)
        if not own:
            return None
        if self._schema is None:
            raise ConfigurationError(
                f"{setting}: {name!r} comes from the stream {self.stream}, which has to come "
                "before; select it in the tap"
            )
        found, part = self._schema.find(own, setting)
        return Column(self._reader(own), self._schema.about(found.name, part))

    def _reader(self, name: str) -> Read:
        def read(record: Record) -> Any:
            values = self._of(record)
            return UNKNOWN if values is None else values.get(name, UNKNOWN)

        return read
