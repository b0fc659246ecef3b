"""The lines of both mappings as arrows between fields, however a line calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.mapping import SourceSchema
from sync_core.text import fold

from sync_connector.schemas import Stream

Settings = Mapping[str, Any]
Streams = Mapping[str, Mapping[str, Stream]]
#: A field of one side: (pipedrive or journy, its name).
Node = tuple[str, str]

PIPEDRIVE, JOURNY = "Pipedrive", "journy"
_PLACEHOLDER = re.compile(r"\{([^{}:!|]+)")


@dataclass(frozen=True)
class Pair:
    """The two streams that hold the same people or companies, and what goes across by itself.

    Attributes:
        source: journy's stream, and target-pipedrive's setting.
        target: Pipedrive's stream, and target-journy's setting.
        automatic: (journy field, Pipedrive field) that go both ways unless a line says otherwise.
        key: (journy field, Pipedrive field) by which both are matched; the second one unless
            `external_id_field` names another.
    """

    source: str
    target: str
    automatic: tuple[tuple[str, str], ...]
    key: tuple[str, str]


PAIRS = (
    Pair(
        "users",
        "persons",
        (("first_name", "first_name"), ("last_name", "last_name"), ("phone", "phones")),
        ("email", "emails"),
    ),
    Pair(
        "accounts",
        "organizations",
        (("name", "name"), ("domain", "website")),
        ("account_id", "Account ID"),
    ),
)


@dataclass(frozen=True)
class Edge:
    """A line: its value goes from one field to another.

    Attributes:
        start: Where it comes from.
        end: Where it goes.
        setting: Where the line stands.
        changed: Whether it arrives as something else: by a `map` or a template.
    """

    start: Node
    end: Node
    setting: str
    changed: bool = False


def arrows(pair: Pair, settings: Mapping[str, Settings], streams: Streams) -> Iterator[Edge]:
    """Every line between two streams, and what goes across by itself.

    Args:
        pair: The streams.
        settings: Role -> settings.
        streams: Tap -> its streams, which know fields by name, label and key.
    """
    journy = (JOURNY, _schema(streams, "tap-journy", pair.source))
    pipedrive = (PIPEDRIVE, _schema(streams, "tap-pipedrive", pair.target))
    there = list(_lines(settings.get("target-pipedrive"), pair.source, journy, pipedrive))
    back = list(_lines(settings.get("target-journy"), pair.target, pipedrive, journy))
    yield from there
    yield from back
    taken = {edge.end for edge in (*there, *back)}
    for first, second in pair.automatic:
        ends = (JOURNY, first), (PIPEDRIVE, second)
        for start, end in (ends, ends[::-1]):
            if end not in taken:
                yield Edge(start, end, "automatic mapping")


def key(pair: Pair, settings: Mapping[str, Settings], streams: Streams) -> tuple[Node, Node]:
    """The fields by which records of both sides are known to be the same."""
    about = settings.get("target-pipedrive", {}).get(pair.source)
    named = about.get("external_id_field") if isinstance(about, Mapping) else None
    schema = _schema(streams, "tap-pipedrive", pair.target)
    return (JOURNY, pair.key[0]), _node(PIPEDRIVE, schema, str(named or pair.key[1]))


def _schema(streams: Streams, tap: str, name: str) -> SourceSchema:
    stream = streams.get(tap, {}).get(name)
    return stream.source if stream else SourceSchema(name, {})


def _lines(
    settings: Settings | None,
    setting: str,
    start: tuple[str, SourceSchema],
    end: tuple[str, SourceSchema],
) -> Iterator[Edge]:
    about = (settings or {}).get(setting)
    lines = about.get("fields") if isinstance(about, Mapping) else None
    for at, line in enumerate(lines if isinstance(lines, list) else ()):
        if isinstance(line, Mapping) and isinstance(line.get("to"), str):
            place = f"{setting}.fields[{at}]"
            changed = "map" in line or "template" in line
            for name in _sources(line):
                yield Edge(_node(*start, name), _node(*end, line["to"]), place, changed)


def _sources(line: Mapping[str, Any]) -> Iterable[str]:
    if isinstance(line.get("template"), str):
        return [name.strip() for name in _PLACEHOLDER.findall(line["template"])]
    given = line.get("from")
    names = given if isinstance(given, list) else [given]
    return [name for name in names if isinstance(name, str)]


def _node(side: str, schema: SourceSchema, name: str) -> Node:
    """A field by the name that its tap gives it, however the line calls it."""
    try:
        return side, schema.find(name, "")[0].name
    except ConfigurationError:  # the targets report what they don't know
        return side, fold(name)
