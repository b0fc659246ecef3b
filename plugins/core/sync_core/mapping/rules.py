"""Compiled lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

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


def refuse_twice(rules: Sequence[Rule]) -> None:
    """Refuse fields that several lines write to.

    Raises:
        ConfigurationError: Lists each line whose field an earlier one has, and names that one.
    """
    first: dict[str, Rule] = {}
    for each in rules:
        first.setdefault(each.field.key, each)
    problems = [
        f"{each.mapping.setting}: {each.field.label!r} is already the target of "
        f"{first[each.field.key].mapping.setting}; one field takes one line"
        for each in rules
        if first[each.field.key] is not each
    ]
    if problems:
        raise ConfigurationError(problems)
