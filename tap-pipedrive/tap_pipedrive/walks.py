"""Walking a list from its first row to its last, whichever way its pages follow."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from sync_core.errors import InvalidError, TransientError
from sync_core.pipedrive import PipedriveClient, envelope

from tap_pipedrive.table import Paging, StreamSpec

log = logging.getLogger(__name__)

Row = dict[str, Any]
Query = dict[str, Any]

#: Rows by which the pages of API v1 overlap. A row that is deleted during the walk moves all later
#: ones up by one, and a page that began right behind the last would miss some.
OVERLAP = 20
FRESH_STARTS = 3


class Page(NamedTuple):
    """Some rows, and where the next ones begin.

    Attributes:
        rows: The rows.
        cursor: Where the next page begins; None at the end, and where there is no cursor.
    """

    rows: list[Row]
    cursor: str | None = None


def pages(
    client: PipedriveClient, spec: StreamSpec, query: Mapping[str, Any], cursor: str | None = None
) -> Iterator[Page]:
    """The pages of a list.

    Args:
        client: The connection.
        spec: The list.
        query: Filters and order, sent with each page.
        cursor: Where to begin, from an earlier walk with the same query.
    """
    return _WALKS[spec.paging](client, spec, {**spec.params, **query}, cursor)


def _by_cursor(
    client: PipedriveClient, spec: StreamSpec, query: Query, cursor: str | None
) -> Iterator[Page]:
    """The end is a null or absent `next_cursor`; an empty page in between isn't one."""
    seen = {cursor}
    while True:
        params = {**query, "limit": spec.page_size, "cursor": cursor}
        body = client.http.get(spec.path, params, tokens=spec.tokens)
        rows, cursor = envelope.records(body, spec.path), envelope.next_cursor(body, spec.path)
        yield Page(rows, cursor)
        if cursor is None:
            return
        if cursor in seen:
            raise TransientError(f"Pipedrive repeats the cursor of {spec.path}: no end in sight")
        seen.add(cursor)


def _by_offset(
    client: PipedriveClient, spec: StreamSpec, query: Query, _cursor: str | None
) -> Iterator[Page]:
    """The end is where the answer says that no more items follow."""
    start = 0
    while True:
        params = {**query, "sort": spec.order, "start": start, "limit": spec.page_size}
        body = client.http.get(spec.path, params, tokens=spec.tokens)
        rows = envelope.records(body, spec.path)
        yield Page(rows)
        if not envelope.more_items(body, spec.path):
            return
        if len(rows) <= OVERLAP:
            raise TransientError(
                f"Pipedrive says that more of {spec.path} follows {len(rows)} rows: no end in sight"
            )
        start += len(rows) - OVERLAP


def _at_once(
    client: PipedriveClient, spec: StreamSpec, query: Query, _cursor: str | None
) -> Iterator[Page]:
    body = client.http.get(spec.path, query, tokens=spec.tokens)
    yield Page(envelope.records(body, spec.path))


_Walk = Callable[[PipedriveClient, StreamSpec, Query, "str | None"], Iterator[Page]]
_WALKS: Mapping[Paging, _Walk] = {
    Paging.CURSOR: _by_cursor,
    Paging.OFFSET: _by_offset,
    Paging.ONCE: _at_once,
}


def steady(
    client: PipedriveClient,
    spec: StreamSpec,
    query: Callable[[], Query],
    cursor: str | None = None,
) -> Iterator[Page]:
    """The pages of a list, begun anew where a cursor isn't taken any more.

    How long a cursor lives isn't documented, nor what is answered to an old one; a refusal of the
    request's content is taken for it, a few times a walk.

    Args:
        client: The connection.
        spec: The list.
        query: Gives filters and order for where the walk has come to.
        cursor: Where to begin.
    """
    for left in reversed(range(FRESH_STARTS + 1)):
        try:
            for page in pages(client, spec, query(), cursor):
                yield page
                cursor = page.cursor
        except InvalidError:
            if cursor is None or not left:
                raise
            log.warning("%s: Pipedrive no longer takes the cursor; the walk begins anew", spec.name)
            cursor = None
        else:
            return
