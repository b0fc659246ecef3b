"""Mappings of both directions, laid on each other: values that would travel in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sync_connector.checking.model import Finding, ok, problem, warning
from sync_connector.lines import PAIRS, Edge, Node, Settings, Streams, arrows


def find(settings: Mapping[str, Settings], streams: Streams) -> Iterator[Finding]:
    """Loops in the mappings of both targets.

    Args:
        settings: Role -> settings.
        streams: Tap -> its streams, which know fields by name, label and key.
    """
    clean = True
    for pair in PAIRS:
        edges = list(arrows(pair, settings, streams))
        for finding in (*_circles(edges), *_ping_pong(edges)):
            clean = False
            yield finding
    if clean:
        yield ok("mappings both ways", "no value comes back to its field by another way")


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
