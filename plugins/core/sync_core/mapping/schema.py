"""The columns of a stream, findable by the names that people use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.text import fold, near


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

    def knows(self, name: str) -> bool:
        """Whether a line may use this name, be it a column's or that of a part of one."""
        heads = (name[:at] for at, char in enumerate(name) if char == ".")
        return self.has(name) or any(self.has(head) for head in heads)

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

    def about(self, column: str, part: str | None = None) -> Mapping[str, Any]:
        """The JSON Schema of a column's values, or of a part of them; empty where it isn't told."""
        found = self.properties.get(column)
        if part is not None:
            parts = found.get("properties") if isinstance(found, Mapping) else None
            found = parts.get(part) if isinstance(parts, Mapping) else None
        return found if isinstance(found, Mapping) else {}

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
