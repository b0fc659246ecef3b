"""Where a line's value comes from, compiled against the stream's schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sync_core.mapping import reading
from sync_core.mapping.lines import Constant, FieldMapping
from sync_core.mapping.reading import UNKNOWN, Read, Record, simple
from sync_core.mapping.related import Related
from sync_core.mapping.schema import SourceSchema
from sync_core.mapping.translating import Translation
from sync_core.settings import collected
from sync_core.templates import Template, spelled

TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}


@dataclass(frozen=True)
class Source:
    """A compiled source.

    Attributes:
        name: The ledger's name of it. A line that only reads one field has the field's own, so
            that both directions speak of one connection; a computed one, which can't be turned
            around, has one that no field can have.
        about: JSON Schema of its values.
        reader: Whether objects are wanted as they are -> how to read it from a record.
    """

    name: str
    about: Mapping[str, Any]
    reader: Callable[[bool], Read]


def compile_source(
    line: FieldMapping, schema: SourceSchema, related: Related | None = None
) -> Source:
    """Compile a line's source.

    Args:
        line: The line.
        schema: The stream.
        related: Where fields of a related stream come from, if there is one.

    Raises:
        ConfigurationError: Lists every field that the stream doesn't have.
    """
    source = _compiled(line, schema, related)
    return source if line.translation is None else _translated(source, line.translation)


def names(line: FieldMapping) -> list[str]:
    """Every field that a line reads, as it is written."""
    given = line.source
    if isinstance(given, Constant):
        return []
    if isinstance(given, Template):
        return given.names
    return [given] if isinstance(given, str) else list(given)


def _compiled(line: FieldMapping, schema: SourceSchema, related: Related | None) -> Source:
    given, where = line.source, line.setting
    if isinstance(given, Constant):
        kind = _JSON_TYPES[type(given.value)]
        return Source("=", {"type": kind}, lambda _whole: reading.constant(given.value))
    if isinstance(given, Template):
        where = f"{where}.template"
        parts = collected(*(partial(_field, name, schema, related, where) for name in given.names))
        return Source("{}", TEXT, lambda _whole: _filled(given, parts))
    if isinstance(given, str):
        return _field(given, schema, related, where)
    several = collected(*(partial(_field, name, schema, related, where) for name in given))
    return _first(several)


def _field(name: str, schema: SourceSchema, related: Related | None, setting: str) -> Source:
    """One field of the stream; of its related stream where the stream has none of this name."""
    if related is not None and not schema.knows(name):
        found = related.find(name, setting)
        if found is not None:
            return Source(name, found.about, lambda whole: _reduced(found.read, whole=whole))
    column, part = schema.find(name, setting)
    key = f"{column.key}.{part}" if part else column.key
    return Source(
        key,
        schema.about(column.name, part),
        lambda whole: reading.column(column.name, part, whole=whole),
    )


def _reduced(read: Read, *, whole: bool) -> Read:
    return read if whole else lambda record: simple(read(record))


def _first(sources: Sequence[Source]) -> Source:
    if len(sources) == 1:
        return sources[0]
    same = all(each.about.get("type") == sources[0].about.get("type") for each in sources)
    return Source(
        "|".join(each.name for each in sources),
        sources[0].about if same else TEXT,
        lambda whole: reading.first([each.reader(whole) for each in sources]),
    )


def _filled(template: Template, parts: Sequence[Source]) -> Read:
    reads = [(name, part.reader(False)) for name, part in zip(template.names, parts, strict=True)]

    def read(record: Record) -> Any:
        values = {name: each(record) for name, each in reads}
        if any(value is UNKNOWN for value in values.values()):
            return UNKNOWN
        for value in values.values():
            if _is_nested(value):
                return value  # no field takes it for a text: it is refused, and never spelled out
        texts = {name: spelled(value) for name, value in values.items()}
        return template.plain(texts) if any(texts.values()) else None

    return read


def _is_nested(value: Any) -> bool:
    """Whether a value has parts of its own, so that nobody could say how it is written."""
    if isinstance(value, list):
        return any(isinstance(each, (dict, list)) for each in value)
    return isinstance(value, dict) and bool(value)


def _translated(source: Source, translation: Translation) -> Source:
    """The source's own values, but nothing where the map makes nothing of them.

    What they are translated to is left to the rule: the ledger remembers what each side says in
    its own words, so that a map there and its opposite back come to rest.
    """

    def reader(_whole: bool) -> Read:
        inner = source.reader(False)

        def read(record: Record) -> Any:
            value = inner(record)
            return None if value is not UNKNOWN and translation.empties(value) else value

        return read

    return Source(source.name, _about_results(translation, source.about), reader)


def _about_results(translation: Translation, source: Mapping[str, Any]) -> Mapping[str, Any]:
    results = translation.results
    kinds = {_JSON_TYPES.get(type(each)) for each in results}
    kind = kinds.pop() if len(kinds) == 1 else "string"
    listed = "array" in (source.get("type") or ())
    return {"type": "array", "items": {"type": kind}} if listed else {"type": kind}
