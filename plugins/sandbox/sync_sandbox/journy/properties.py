"""Property catalogues: which properties exist, of which type, and what a write may put in them.

Documented: values are strings, booleans, numbers, arrays of non-empty strings and ISO 8601 dates;
null deletes; "" keeps the key with an empty value; what fails validation is named in `rejected`,
and the rest is accepted. How a property gets its type is not documented: here the catalogue says
it, or the first value does.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sync_sandbox.journy.times import from_iso

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_sandbox.switches import Switches

_SNAKE_CASE = re.compile(r"[a-z0-9]+(?:_+[a-z0-9]+)*")
_ARTICLES = {"array": "an array"}
_PYTHON_TYPES: dict[type, str] = {bool: "boolean", int: "number", float: "number", list: "array"}


@dataclass
class Property:
    """One row of a catalogue; `type` is None until a value has fixed it."""

    name: str
    label: str
    type: str | None = None
    computed: bool = False
    group: str | None = None


def type_of(value: Any) -> str:
    """Name the type of a value: boolean, number, array, date or string."""
    known = _PYTHON_TYPES.get(type(value))
    return known or ("date" if from_iso(value) is not None else "string")


def snake_case(name: str) -> str:
    """Turn a name into lower snake_case, as the web interface does; empty if nothing is left."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


class Catalogue:
    """The properties of users, or of accounts."""

    def __init__(self, known: Iterable[Property]) -> None:
        self.rows = {row.name: Property(**asdict(row)) for row in known}

    def listing(self) -> list[dict[str, Any]]:
        """Rows as `GET /properties/*` shows them: without a type."""
        return [_shown(row) for row in self.rows.values()]

    def sort_out(
        self, values: dict[str, Any], switches: Switches
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Split a write's properties into what is accepted and what is rejected with a message."""
        accepted: dict[str, Any] = {}
        rejected: dict[str, str] = {}
        for given, value in values.items():
            name = self._name(given, switches)
            problem = self._problem(name, value, switches)
            if problem is None:
                accepted[name] = value
                self._learn(name, value)
            elif problem:
                rejected[given] = problem
        return accepted, rejected

    def _name(self, given: str, switches: Switches) -> str:
        convert = switches.get("journy.property_names") == "convert" and given not in self.rows
        return snake_case(given) if convert else given

    def _problem(self, name: str, value: Any, switches: Switches) -> str | None:
        """Say why a value is not taken; "" is a refusal in silence, None is acceptance."""
        if not name:
            return "The name of a property needs at least one letter or digit."
        row = self.rows.get(name)
        if row is None:
            return self._problem_of_unknown(name, switches)
        if row.computed:
            text = "This property is computed and can't be written."
            return text if switches.get("journy.computed_writes") == "reject" else ""
        if switches.get("journy.property_types") == "any":
            return None
        return _mismatch(row.type, value)

    def _problem_of_unknown(self, name: str, switches: Switches) -> str | None:
        strict = switches.get("journy.property_names") == "reject"
        if strict and not _SNAKE_CASE.fullmatch(name):
            return "The name of a property has only lower-case letters, digits and underscores."
        unknown = {"create": None, "reject": "This property doesn't exist.", "drop": ""}
        return unknown[switches.get("journy.unknown_properties")]

    def _learn(self, name: str, value: Any) -> None:
        """Let the first value that says something create the property and fix its type."""
        if value in (None, ""):
            return
        row = self.rows.get(name)
        if row is None:
            label = name.replace("_", " ").capitalize()
            row = self.rows[name] = Property(name, label)
        if row.type is None:
            row.type = type_of(value)


def _shown(row: Property) -> dict[str, Any]:
    shown = {"name": row.name, "label": row.label, "isComputed": row.computed}
    group = row.group
    return shown | ({"group": {"id": snake_case(group), "name": group}} if group else {})


def _mismatch(wanted: str | None, value: Any) -> str | None:
    """Compare a value with a property's type; null and "" fit every type, a date fits a string."""
    if wanted is None or value is None or value == "":
        return None
    found = type_of(value)
    if found == wanted or (found == "date" and wanted == "string"):
        return None
    return f"Expected {_an(wanted)} but found {_an(found)}."


def _an(name: str) -> str:
    return _ARTICLES.get(name, f"a {name}")
