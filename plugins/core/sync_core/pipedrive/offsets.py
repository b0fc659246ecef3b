"""Lists of API v1, which are read by the position of a page's first row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sync_core.errors import TransientError
from sync_core.http import HttpClient
from sync_core.pipedrive import envelope
from sync_core.pipedrive.endpoints import PAGE_SIZE
from sync_core.text import number_of

Row = dict[str, Any]

#: Rows of a page that the next one brings again: where none of them comes, rows before it were
#: deleted in between, and some moved from the next page to the last one unseen.
OVERLAP = 10


def by_offset(
    http: HttpClient, path: str, query: Mapping[str, Any], tokens: int
) -> Iterator[list[Row]]:
    """Walk a list whose order rows keep while they change; none is left out, some come twice.

    Args:
        http: The connection.
        path: The list.
        query: Filters and order, sent with each page.
        tokens: Price of one page.

    Raises:
        TransientError: More is said to follow a page that brings nothing further.
    """
    start, last = 0, frozenset[Any]()
    while True:
        body = http.get(path, {**query, "start": start, "limit": PAGE_SIZE}, tokens=tokens)
        found, more = envelope.records(body, path), envelope.more_items(body, path)
        ids = frozenset(row.get("id") for row in found)
        if start and not ids & last:
            start = max(0, start - PAGE_SIZE // 2)
            continue
        yield found
        if not more:
            return
        if len(found) <= OVERLAP:
            raise TransientError(
                f"Pipedrive says that more of {path} follows {number_of(len(found), 'row')}: "
                "no end in sight"
            )
        start, last = start + len(found) - OVERLAP, ids
