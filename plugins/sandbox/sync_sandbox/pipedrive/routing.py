"""Finds the endpoint of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_sandbox.pipedrive.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_sandbox.pipedrive.calls import Endpoint


class Node:
    """One step of a path."""

    def __init__(self) -> None:
        self.fixed: dict[str, Node] = {}
        self.variable: Node | None = None
        self.methods: dict[str, Endpoint] = {}

    def step(self, segment: str) -> Node:
        """The node below, made where it is missing."""
        if segment != "{}":
            return self.fixed.setdefault(segment, Node())
        self.variable = self.variable or Node()
        return self.variable


class Router:
    """The endpoints as a tree of path segments; a fixed segment goes before a variable one.

    `closed` are paths of the vendor that are not served, and must not be taken for a variable.
    """

    def __init__(self, endpoints: Iterable[Endpoint], closed: Iterable[str] = ()) -> None:
        self._root = Node()
        for endpoint in endpoints:
            self._node(endpoint.path).methods[endpoint.method] = endpoint
        for path in closed:
            self._node(path)

    def _node(self, path: str) -> Node:
        node = self._root
        for segment in path.split("/")[1:]:
            node = node.step(segment)
        return node

    def find(self, method: str, path: str) -> tuple[Endpoint, list[str]]:
        """The endpoint and the variable segments.

        Raises:
            ApiError: 404 for an unknown path, 405 for another method.
        """
        # v1 answers under /v1 and under /api/v1 alike.
        segments = path.removeprefix("/api") if path.startswith("/api/v1/") else path
        found = self._walk(segments.split("/")[1:])
        if found is None or not found[0].methods:
            raise ApiError(404, f"Unknown path {path}", "The sandbox serves no such path.")
        node, args = found
        if method not in node.methods:
            known = ", ".join(node.methods)
            raise ApiError(405, f"{method} is not allowed for {path}", f"It takes {known}.")
        return node.methods[method], args

    def _walk(self, segments: list[str]) -> tuple[Node, list[str]] | None:
        node, args = self._root, list[str]()
        for segment in segments:
            below = node.fixed.get(segment)
            if below is None:
                if node.variable is None or not segment:
                    return None
                below = node.variable
                args.append(segment)
            node = below
        return node, args
