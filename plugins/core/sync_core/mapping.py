"""Field mappings as data: read from settings, compiled once against source and destination."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sync_core.canonical import is_empty
from sync_core.errors import ConfigurationError
from sync_core.text import fold, near

Write = Literal["always", "if_empty", "on_create"]
Conflict = Literal["pipedrive", "journy", "latest"]

WRITES: tuple[Write, ...] = ("always", "if_empty", "on_create")
CONFLICTS: tuple[Conflict, ...] = ("pipedrive", "journy", "latest")
_KEYS = frozenset({"from", "to", "write", "conflict"})


class ValueMisfitError(ValueError):
    """A value that its destination field can't hold; the text says what was expected."""


@dataclass(frozen=True)
class FieldMapping:
    """One line of a mapping, as the analyst wrote it.

    Attributes:
        source: Column of the record, or its label or key; a part of an object after a dot.
        target: The destination field's label or key.
        write: When the value is written.
        conflict: Which side wins where both have moved; None leaves it to the default.
        setting: Where the line stands, for messages, such as `users.fields[2]`.
        automatic: Whether the product added the line; such a field is kept in step both ways.
    """

    source: str
    target: str
    write: Write = "always"
    conflict: Conflict | None = None
    setting: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class TargetField:
    """A destination field, with everything that writing to it takes.

    Attributes:
        key: What the destination's API calls it, and the ledger.
        label: What people call it.
        convert: Source value -> value to send; raises `ValueMisfitError`.
        plain: Stored value -> the value as the other side would hold it, for comparing.
        holds: Whether a stored value already says what a converted one says.
        combine: Stored value and converted value -> what to send; differs for lists.
        clearable: Whether a vanished source value empties it.
    """

    key: str
    label: str
    convert: Callable[[Any], Any]
    plain: Callable[[Any], Any] = lambda stored: stored
    holds: Callable[[Any, Any], bool] = lambda stored, wanted: bool(stored == wanted)
    combine: Callable[[Any, Any], Any] = lambda stored, wanted: wanted  # noqa: ARG005
    clearable: bool = False


@dataclass(frozen=True)
class Rule:
    """One compiled line: where a value comes from, where it goes, and who yields.

    Attributes:
        column: Column of the source record.
        part: Part of an object in that column.
        field: The destination field.
        pair: The ledger's name of the connection, (Pipedrive field, other side's field).
        mapping: The line it was compiled from.
    """

    column: str
    part: str | None
    field: TargetField
    pair: tuple[str, str]
    mapping: FieldMapping

    def read(self, record: Mapping[str, Any]) -> Any:
        """The source value, simplified to what a single field can hold."""
        value = record.get(self.column)
        if self.part is not None:
            return value.get(self.part) if isinstance(value, Mapping) else None
        return simple(value)


def refuse_twice(rules: Sequence[Rule]) -> None:
    """Refuse a field that two lines write to.

    Raises:
        ConfigurationError: Names both lines.
    """
    seen: dict[str, Rule] = {}
    for rule in rules:
        other = seen.setdefault(rule.field.key, rule)
        if other is not rule:
            raise ConfigurationError(
                f"{rule.mapping.setting}: {rule.field.label!r} is already the target of "
                f"{other.mapping.setting}; one field takes one line"
            )


def simple(value: Any) -> Any:
    """A contact list's primary value, an object's main value; anything else as it is."""
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    if not isinstance(value, list) or not value or not isinstance(value[0], Mapping):
        return value
    entries = [each for each in value if isinstance(each, Mapping)]
    entries = [entry for entry in entries if not is_empty(entry.get("value"))]
    primary = [entry for entry in entries if entry.get("primary")]
    return (primary or entries)[0].get("value") if entries else None


def parse(lines: Any, setting: str) -> list[FieldMapping]:
    """Read a `fields` setting.

    Args:
        lines: A list of {from, to, write?, conflict?}.
        setting: Its name, for messages.

    Raises:
        ConfigurationError: Lists every line that can't be read.
    """
    if not isinstance(lines, Sequence) or isinstance(lines, str):
        raise ConfigurationError(f"{setting}: expected a list of {{from, to}} lines")
    problems: list[str] = []
    mappings: list[FieldMapping] = []
    for index, line in enumerate(lines):
        where = f"{setting}[{index}]"
        found = list(_problems(line, where))
        problems += found
        if not found:
            mappings.append(_mapping(line, where))
    if problems:
        raise ConfigurationError(problems)
    return mappings


def _mapping(line: Mapping[str, Any], where: str) -> FieldMapping:
    return FieldMapping(
        source=line["from"],
        target=line["to"],
        write=line.get("write", "always"),
        conflict=line.get("conflict"),
        setting=where,
    )


def _problems(line: Any, where: str) -> list[str]:
    if not isinstance(line, Mapping):
        return [f"{where}: expected {{from: ..., to: ...}}"]
    found = [
        f"{where}: unknown key {key!r}; {near(str(key), _KEYS)}" for key in line if key not in _KEYS
    ]
    found += [
        f"{where}: {key!r} must name a field"
        for key in ("from", "to")
        if not isinstance(line.get(key), str) or not line[key].strip()
    ]
    found += [
        f"{where}: {key} must be one of {', '.join(allowed)}, got {line[key]!r}"
        for key, allowed in (("write", WRITES), ("conflict", CONFLICTS))
        if key in line and line[key] not in allowed
    ]
    return found


@dataclass(frozen=True)
class SourceColumn:
    """One column of a stream's schema, findable by name, label or the origin's key."""

    name: str
    label: str
    key: str


class SourceSchema:
    """The columns of a stream, as its SCHEMA message describes them.

    Our taps add where a column came from (`x-pipedrive`, `x-journy`); any other tap's columns are
    known by their names alone.
    """

    def __init__(self, stream: str, schema: Mapping[str, Any]) -> None:
        self.stream = stream
        self.properties: Mapping[str, Any] = schema.get("properties") or {}
        self._columns = [_column(name, about) for name, about in self.properties.items()]

    def has(self, name: str) -> bool:
        """Whether any column has this name, key or label."""
        return bool(self._named(name))

    def find(self, name: str, setting: str) -> tuple[SourceColumn, str | None]:
        """The column that a mapping line names, and the part of it after a dot.

        Raises:
            ConfigurationError: No column, or several, have this name.
        """
        found, part = self._named(name), ""
        splits = [at for at, char in enumerate(name) if char == "."]
        while not found and splits:  # a column's own name may hold dots: the longest one counts
            at = splits.pop()
            found, part = self._named(name[:at]), name[at + 1 :]
        if len(found) == 1:
            return found[0], part or None
        if found:
            names = ", ".join(column.name for column in found)
            raise ConfigurationError(
                f"{setting}: {name!r} names several columns of {self.stream}; use one of: {names}"
            )
        raise ConfigurationError(
            f"{setting}: stream {self.stream} has no field {name!r}; {near(name, self._names())}"
        )

    def _named(self, name: str) -> list[SourceColumn]:
        for known in (
            [column for column in self._columns if column.name == name],
            [column for column in self._columns if column.key == name],
            [column for column in self._columns if fold(column.label) == fold(name)],
        ):
            if known:
                return known
        return []

    def _names(self) -> list[str]:
        return [column.name for column in self._columns]


def _column(name: str, about: Any) -> SourceColumn:
    origin: Mapping[str, Any] = {}
    if isinstance(about, Mapping):
        origin = about.get("x-pipedrive") or about.get("x-journy") or {}
    return SourceColumn(
        name=name,
        label=str(origin.get("label") or name),
        key=str(origin.get("key") or origin.get("name") or name),
    )
