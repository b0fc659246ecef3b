"""Pages of pairs: searched, filtered, from the latest change back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sync_sandbox.status.compare import Comparison
from sync_sandbox.status.pairing import END, Pair, Pairing, Place
from sync_sandbox.status.questions import QueryError, one_of, read, whole, words

if TYPE_CHECKING:
    from starlette.requests import Request

    from sync_sandbox.world import World

ENTITIES = {"people": "person", "companies": "organization"}
SHOWN = 25
# A search through many records lets other requests in after so many seconds.
SLICE = 0.01
ONLY: dict[str, Callable[[Comparison, Pair], bool]] = {
    "both": lambda _, pair: pair.row is not None and pair.record is not None,
    "different": lambda compare, pair: (
        pair.row is not None
        and pair.record is not None
        and not compare.agree(pair.row, pair.record)
    ),
    "pipedrive": lambda _, pair: pair.record is None,
    "journy": lambda _, pair: pair.row is None,
}


def _place(name: str, text: str) -> Place:
    parts = text.split("-")
    if len(parts) != len(END) or not all(part.isascii() and part.isdigit() for part in parts):
        raise QueryError(f"{name} must be a place that an earlier page gave, not {text!r}")
    when, side, number = (int(part[:20]) for part in parts)
    return min(when, 32_503_680_000_000), side, number


READERS = {
    "kind": one_of(*ENTITIES),
    "q": words,
    "only": one_of(*ONLY),
    "after": _place,
    "limit": whole(1, 100),
}


@dataclass(frozen=True)
class Search:
    """What goes onto a page."""

    entity: str
    wanted: Callable[[Pair], bool]
    limit: int


class Pages:
    """Answers for the table of records."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pairings = {entity: Pairing(world, entity) for entity in ENTITIES.values()}

    async def page(self, request: Request) -> dict[str, Any]:
        """The pairs behind a place, and the place where the next page begins.

        Raises:
            QueryError: a parameter is unknown or can't be.
        """
        asked = read(request.query_params, READERS)
        entity = ENTITIES[asked.get("kind", "people")]
        self._world.journy.world.settle()
        search = Search(entity, self._wanted(entity, asked), asked.get("limit", SHOWN))
        found, place = await self._find(search, asked.get("after", END), request)
        compare, pairing = Comparison(self._world, entity), self._pairings[entity]
        return {
            "columns": [line.label for line in compare.lines],
            "rows": [_shown(compare, pairing, pair) for pair in found],
            "next": place and "-".join(str(int(part)) for part in place),
        }

    def _wanted(self, entity: str, asked: dict[str, Any]) -> Callable[[Pair], bool]:
        tests: list[Callable[[Pair], bool]] = []
        if texts := asked.get("q"):
            tests.append(lambda pair: all(text in _haystack(pair) for text in texts))
        if only := asked.get("only"):
            compare = Comparison(self._world, entity)
            tests.append(lambda pair: ONLY[only](compare, pair))
        return lambda pair: all(test(pair) for test in tests)

    async def _find(
        self, search: Search, place: Place, request: Request
    ) -> tuple[list[Pair], Place | None]:
        """Walk in slices until the page is full; each slice starts anew where the last one ended.

        All pairs of one place stay together, so a page may hold a few more than its limit. Nobody
        searches for a client that has left.
        """
        found: list[Pair] = []
        while not await request.is_disconnected():
            until = perf_counter() + SLICE
            for at, pairs in self._pairings[search.entity].walk(place):
                fitting = [pair for pair in pairs if search.wanted(pair)]
                if fitting and len(found) >= search.limit:
                    return found, place
                found += fitting
                place = at
                if perf_counter() > until:
                    break
            else:
                return found, None
            await asyncio.sleep(0)
        return found, place


def _haystack(pair: Pair) -> str:
    """What a search looks at: names, addresses and ids of both sides."""
    parts: list[Any] = []
    if (row := pair.row) is not None:
        parts += [row["name"], row["id"], *(one["value"] for one in row.get("emails", ()))]
        parts.append(row.get("website"))
    if (record := pair.record) is not None:
        known = record.properties
        parts += [known.get("full_name"), known.get("name"), record.external, record.contact]
    return "\n".join(str(part) for part in parts if part is not None).casefold()


def _shown(compare: Comparison, pairing: Pairing, pair: Pair) -> dict[str, Any]:
    row, record = pair.row, pair.record
    sharing = 0 if row is None else pairing.sharing(row)
    return {
        "key": pair.key,
        "pipedrive": row and {"id": row["id"], "changed": row["update_time"]},
        "journy": record and {"id": record.label(), "changed": record.updated},
        "sharing": sharing,
        "cells": compare.cells(row, record),
    }
