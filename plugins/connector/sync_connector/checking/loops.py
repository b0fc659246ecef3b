"""Mappings of both directions, laid on each other: values that would travel in a circle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.errors import ConfigurationError
from sync_core.mapping import SourceSchema
from sync_core.text import fold

from sync_connector.checking.model import Finding, ok, problem, warning
from sync_connector.schemas import Stream

Settings = Mapping[str, Any]
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
    """

    source: str
    target: str
    automatic: tuple[tuple[str, str], ...]


PAIRS = (
    Pair(
        "users",
        "persons",
        (("first_name", "first_name"), ("last_name", "last_name"), ("phone", "phones")),
    ),
    Pair("accounts", "organizations", (("name", "name"), ("domain", "website"))),
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


def find(
    settings: Mapping[str, Settings], streams: Mapping[str, Mapping[str, Stream]]
) -> Iterator[Finding]:
    """Loops in the mappings of both targets.

    Args:
        settings: Role -> settings.
        streams: Tap -> its streams, which know fields by name, label and key.
    """
    clean = True
    for pair in PAIRS:
        edges = list(_edges(pair, settings, streams))
        for finding in (*_circles(edges), *_ping_pong(edges)):
            clean = False
            yield finding
    if clean:
        yield ok("mappings both ways", "no value comes back to its field by another way")


def _edges(
    pair: Pair, settings: Mapping[str, Settings], streams: Mapping[str, Mapping[str, Stream]]
) -> Iterator[Edge]:
    journy = _schema(streams, "tap-journy", pair.source)
    pipedrive = _schema(streams, "tap-pipedrive", pair.target)
    there = list(
        _lines(
            settings.get("target-pipedrive"), pair.source, (JOURNY, journy), (PIPEDRIVE, pipedrive)
        )
    )
    back = list(
        _lines(settings.get("target-journy"), pair.target, (PIPEDRIVE, pipedrive), (JOURNY, journy))
    )
    yield from there
    yield from back
    taken = {edge.end for edge in (*there, *back)}
    for first, second in pair.automatic:
        ends = (JOURNY, first), (PIPEDRIVE, second)
        for start, end in (ends, ends[::-1]):
            if end not in taken:
                yield Edge(start, end, "automatic mapping")


def _schema(streams: Mapping[str, Mapping[str, Stream]], tap: str, name: str) -> SourceSchema:
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


def _circles(edges: list[Edge]) -> Iterator[Finding]:
    ways: dict[Node, list[Edge]] = {}
    for edge in edges:
        ways.setdefault(edge.start, []).append(edge)
    seen: set[Node] = set()
    for edge in edges:
        if edge.start in seen:
            continue
        circle = _back(ways, edge)
        if circle:
            seen |= {each.start for each in circle}
            path = " → ".join(_said(each.start) for each in (*circle, circle[0]))
            places = sorted({each.setting for each in circle} - {"automatic mapping"})
            yield problem(
                "mappings both ways",
                f"a value travels in a circle: {path}; it never comes to rest",
                f"remove one of {', '.join(places)}",
            )


def _back(ways: Mapping[Node, list[Edge]], first: Edge) -> list[Edge] | None:
    """The shortest way on which a value comes back by another way than it went."""
    paths = [[first]]
    reached = {first.end}
    while paths:
        path = paths.pop(0)
        for edge in ways.get(path[-1].end, ()):
            if edge.end == first.start and len(path) > 1:
                return [*path, edge]
            if edge.end not in reached and edge.end != first.start:
                reached.add(edge.end)
                paths.append([*path, edge])
    return None


def _ping_pong(edges: list[Edge]) -> Iterator[Finding]:
    """Lines that change a value, which another line brings back as it arrived."""
    by_ends = {(edge.start, edge.end): edge for edge in edges}
    for edge in edges:
        back = by_ends.get((edge.end, edge.start))
        if back and edge.changed and not back.changed:
            yield warning(
                "mappings both ways",
                f"{edge.setting} changes a value on its way to {_said(edge.end)}, and "
                f"{back.setting} brings it back as it arrived",
                "give the line back a `map` as well, or remove it",
            )


def _said(node: Node) -> str:
    return f"{node[0]}.{node[1]}"
