"""Compiled lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sync_core.errors import ConfigurationError
from sync_core.mapping.fields import TargetField
from sync_core.mapping.lines import FieldMapping
from sync_core.mapping.reading import Read
from sync_core.mapping.sources import Source


@dataclass(frozen=True)
class Rule:
    """One compiled line: where a value comes from, where it goes, and who yields.

    Attributes:
        read: Source record -> the value, `None` where there is none, `UNKNOWN` where this run
            can't tell.
        field: The destination field.
        pair: The ledger's name of the connection, (Pipedrive field, other side's field).
        mapping: The line it was compiled from.
    """

    read: Read
    field: TargetField
    pair: tuple[str, str]
    mapping: FieldMapping


def rule(line: FieldMapping, source: Source, field: TargetField, pair: tuple[str, str]) -> Rule:
    """Join a compiled source and a destination field."""
    read = source.reader(field.whole)
    translation = line.translation
    if translation is None:
        return Rule(read, field, pair, line)

    def convert(value: Any) -> Any:
        return field.convert(translation(value))

    return Rule(read, replace(field, convert=convert), pair, line)


class Place(Protocol):
    """A field as far as it is known before its line is compiled."""

    @property
    def key(self) -> str:
        """What the destination's API calls it."""

    @property
    def label(self) -> str:
        """What people call it."""


def refuse_twice(targets: Iterable[tuple[FieldMapping, Place]]) -> None:
    """Refuse fields that several lines write to.

    Args:
        targets: Lines and their fields.

    Raises:
        ConfigurationError: Lists each line whose field an earlier one has, and names that one.
    """
    first: dict[str, FieldMapping] = {}
    problems = [
        f"{line.setting}: {field.label!r} is already the target of {first[field.key].setting}; "
        "one field takes one line"
        for line, field in targets
        if first.setdefault(field.key, line) is not line
    ]
    if problems:
        raise ConfigurationError(problems)
