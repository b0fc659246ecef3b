"""The lines of a mapping as the analyst wrote them, read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sync_core.canonical import is_empty
from sync_core.errors import ConfigurationError
from sync_core.mapping.translating import Translation, read_translation
from sync_core.templates import Template, parse_template
from sync_core.text import near
from sync_core.zones import read_zone

Write = Literal["always", "if_empty", "on_create"]
Conflict = Literal["pipedrive", "journy", "latest"]

WRITES: tuple[Write, ...] = ("always", "if_empty", "on_create")
CONFLICTS: tuple[Conflict, ...] = ("pipedrive", "journy", "latest")
#: How several choices meet those that are stored already.
MERGES = ("replace", "add")
#: Where the value of a line comes from: one of these.
SOURCES = ("from", "value", "template")


@dataclass(frozen=True)
class Constant:
    """The same value for every record."""

    value: Any


#: A field; several, of which the first that isn't empty counts; a constant; a text with fields.
From = str | tuple[str, ...] | Constant | Template


@dataclass(frozen=True)
class FieldMapping:
    """One line of a mapping, as the analyst wrote it.

    Attributes:
        source: Where the value comes from. A field goes by its column's name, label or key, with
            a part of an object after a dot.
        target: The destination field's label or key.
        write: When the value is written.
        conflict: Which side wins where both have moved; None leaves it to the default.
        setting: Where the line stands, for messages, such as `users.fields[2]`.
        automatic: Whether the product added the line; such a field is kept in step both ways.
        translation: What becomes of the source's value, if it has a `map`.
        details: What the destination's field needs to know besides, such as a currency.
    """

    source: From
    target: str
    write: Write = "always"
    conflict: Conflict | None = None
    setting: str = ""
    automatic: bool = False
    translation: Translation | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def adds(self) -> bool:
        """Whether its values only join what is stored, so that neither side gives way."""
        return self.details.get("merge") == "add"


def parse(lines: Any, setting: str, details: Collection[str] = ()) -> list[FieldMapping]:
    """Read a `fields` setting.

    Args:
        lines: A list of {from | value | template, to, write?, conflict?, map?, otherwise?}.
        setting: Its name, for messages.
        details: Further keys that the destination's fields understand, of `DETAILS`.

    Raises:
        ConfigurationError: Lists every line that can't be read.
    """
    if not isinstance(lines, Sequence) or isinstance(lines, str):
        raise ConfigurationError(f"{setting}: expected a list of {{from, to}} lines")
    problems: list[str] = []
    mappings: list[FieldMapping] = []
    for index, given in enumerate(lines):
        where, line = f"{setting}[{index}]", _without_nulls(given)
        found = list(_problems(line, where, details))
        problems += found
        if not found:
            mappings.append(_mapping(line, where, details))
    if problems:
        raise ConfigurationError(problems)
    return mappings


def _without_nulls(line: Any) -> Any:
    """A line without the keys that say nothing; `otherwise: null` says that nothing is left."""
    if not isinstance(line, Mapping):
        return line
    return {key: said for key, said in line.items() if said is not None or key == "otherwise"}


def _mapping(line: Mapping[str, Any], where: str, details: Collection[str]) -> FieldMapping:
    otherwise = (line["otherwise"],) if "otherwise" in line else ()
    return FieldMapping(
        source=_source(line, where),
        target=line["to"],
        write=line.get("write", "always"),
        conflict=line.get("conflict"),
        setting=where,
        translation=read_translation(line["map"], where, otherwise) if "map" in line else None,
        details={key: line[key] for key in details if key in line},
    )


def _source(line: Mapping[str, Any], where: str) -> From:
    if "value" in line:
        return Constant(line["value"])
    if "template" in line:
        return parse_template(line["template"], f"{where}.template")
    given: str | Sequence[str] = line["from"]
    return given if isinstance(given, str) else tuple(given)


def _problems(line: Any, where: str, details: Collection[str]) -> Iterator[str]:
    if not isinstance(line, Mapping):
        yield f"{where}: expected {{from: ..., to: ...}}"
        return
    known = {*_CHECKS, *details}
    yield from (
        f"{where}: unknown key {key!r}; {near(str(key), known)}" for key in line if key not in known
    )
    given = [key for key in SOURCES if key in line]
    if len(given) > 1:
        yield f"{where}: {' and '.join(given)} exclude each other; keep one"
    elif not given:
        yield f"{where}: 'from' must name a field; or give a value, or a template"
    for key, check in {**_CHECKS, **{key: DETAILS[key] for key in details}}.items():
        if key in line or key == "to":
            yield from (f"{where}: {problem}" for problem in check(line, where))
    if "map" in line and "from" not in line:
        yield f"{where}: map goes with from"
    if "otherwise" in line and "map" not in line:
        yield f"{where}: otherwise goes with map"


Check = Callable[[Mapping[str, Any], str], Iterator[str]]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _check_from(line: Mapping[str, Any], _where: str) -> Iterator[str]:
    given = line["from"]
    names = given if isinstance(given, list) and given else [given]
    if not all(_is_name(name) for name in names):
        yield "'from' must name a field, or be a list of names"
    elif len(set(names)) < len(names):
        yield "'from' names a field twice"


def _check_to(line: Mapping[str, Any], _where: str) -> Iterator[str]:
    if not _is_name(line.get("to")):
        yield "'to' must name a field"


def _check_value(line: Mapping[str, Any], _where: str) -> Iterator[str]:
    value = line["value"]
    texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    if not (isinstance(value, (str, int, float)) or texts) or is_empty(value):
        yield "value must be a text, a number, true, false or a list of texts, and not be empty"


def _check_template(line: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(line["template"], str):
        yield "template must be a text"
        return
    try:
        names = parse_template(line["template"], "template").names
    except ConfigurationError as error:
        yield from error.problems
        return
    if not names:
        yield f"template names no field; write {{first_name}}, or a constant as {where}.value"


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _check_map(line: Mapping[str, Any], _where: str) -> Iterator[str]:
    given = line["map"]
    if not isinstance(given, Mapping) or not given:
        yield "map must be an object, such as {gold: Gold}"
        return
    if not all(_is_scalar(each) for each in (*given, *given.values())):
        yield "map must lead from single values to single values; null empties the field"
        return
    if any(is_empty(key) for key in given):
        yield "map has an entry for an empty value, of which nothing is made: leave it out"
    try:
        read_translation(given, "", ())
    except ConfigurationError as error:
        yield from (problem.removeprefix(": ") for problem in error.problems)


def _check_otherwise(line: Mapping[str, Any], _where: str) -> Iterator[str]:
    if not _is_scalar(line["otherwise"]):
        yield "otherwise must be a single value; null empties the field"


def _one_of(key: str, allowed: Sequence[str]) -> Check:
    def check(line: Mapping[str, Any], _where: str) -> Iterator[str]:
        if line[key] not in allowed:
            yield f"{key} must be one of {', '.join(allowed)}, got {line[key]!r}"

    return check


def _check_clear(line: Mapping[str, Any], _where: str) -> Iterator[str]:
    if not isinstance(line["clear"], bool):
        yield f"clear must be true or false, got {line['clear']!r}"


def _check_currency(line: Mapping[str, Any], _where: str) -> Iterator[str]:
    if not isinstance(line["currency"], str) or not re.fullmatch("[A-Z]{3}", line["currency"]):
        yield f"currency must be a code such as EUR, got {line['currency']!r}"


def _check_zone(line: Mapping[str, Any], _where: str) -> Iterator[str]:
    try:
        read_zone(str(line["zone"]), "zone")
    except ConfigurationError as error:
        yield from error.problems


#: What every mapping understands, and how it is checked.
_CHECKS: Mapping[str, Check] = {
    "from": _check_from,
    "value": _check_value,
    "template": _check_template,
    "to": _check_to,
    "map": _check_map,
    "otherwise": _check_otherwise,
    "write": _one_of("write", WRITES),
    "conflict": _one_of("conflict", CONFLICTS),
}
#: What some destinations' fields understand besides.
DETAILS: Mapping[str, Check] = {
    "currency": _check_currency,
    "zone": _check_zone,
    "merge": _one_of("merge", MERGES),
    "clear": _check_clear,
}
