"""A field of either service, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["mapped", "likely", "free", "closed"]

#: What a JSON type is called in a table.
_KINDS = {
    "string": "text",
    "number": "number",
    "integer": "number",
    "boolean": "yes/no",
    "array": "list",
    "object": "object",
}


@dataclass(frozen=True)
class Column:
    """One field, as its tap announces it.

    Attributes:
        name: The column's name.
        label: What people call it.
        about: Its JSON schema with the tap's own words.
    """

    name: str
    label: str
    about: Mapping[str, Any]

    @property
    def origin(self) -> Mapping[str, Any]:
        """What the service itself says of it."""
        found: Mapping[str, Any] = self.about.get("x-pipedrive") or self.about.get("x-journy") or {}
        return found

    @property
    def kinds(self) -> frozenset[str]:
        """Its kinds in people's words; several where that isn't settled."""
        given = self.about.get("type") or ()
        types = {given} if isinstance(given, str) else set(given)
        if types & {"string"} and self.about.get("format") in ("date", "date-time"):
            return frozenset({"date"})
        return frozenset(_KINDS[each] for each in types if each in _KINDS)

    @property
    def type(self) -> str:
        """Its type for a table: Pipedrive's own name of it, else its kind."""
        told = self.origin.get("type")
        if told:
            return str(told)
        return next(iter(self.kinds)) if len(self.kinds) == 1 else "any"

    @property
    def custom(self) -> bool:
        """Whether the company defined it in Pipedrive."""
        return "type" in self.origin

    @property
    def computed(self) -> bool:
        """Whether journy computes it by itself."""
        return bool(self.origin.get("computed"))


def columns(properties: Mapping[str, Any]) -> list[Column]:
    """The fields of a stream, in the tap's order."""
    found = []
    for name, about in properties.items():
        schema = about if isinstance(about, Mapping) else {}
        origin = schema.get("x-pipedrive") or schema.get("x-journy") or {}
        found.append(Column(name, str(origin.get("label") or name), schema))
    return found


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        journy: journy's field; None for one of Pipedrive alone.
        pipedrive: Pipedrive's field; None for one of journy alone.
        state: mapped; likely (a pair that suggests itself); free; closed (it can't be mapped).
        way: How it goes: `→` to Pipedrive, `←` to journy, `↔` both; empty unless mapped or likely.
        note: By which line, or why not.
    """

    journy: Column | None
    pipedrive: Column | None
    state: State
    way: str = ""
    note: str = ""
