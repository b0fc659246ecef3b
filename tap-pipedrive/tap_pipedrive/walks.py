"""Walking a list page by page, whichever way its pages follow.

A walk is told apart into what takes time, `fetch`, which threads do, and what is learned from it,
`took`, which only the thread that asked does: so no walk needs a lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sync_core.errors import InvalidError, NotFoundError, SyncError, TransientError
from sync_core.pipedrive import PipedriveClient, envelope
from sync_core.text import number_of

from tap_pipedrive.ahead import gathered
from tap_pipedrive.table import Paging, StreamSpec
from tap_pipedrive.typed import Row, TypedBody

log = logging.getLogger(__name__)

Query = dict[str, Any]
Decode = Callable[[bytes], Any]

#: Rows by which the pages of API v1 overlap. A row that is deleted during the walk moves all later
#: ones up by one, and a page that began right behind the last would miss some.
OVERLAP = 20
#: So often a walk goes back where none of those 20 came again, since more rows were deleted.
STEPS_BACK = 100
FRESH_STARTS = 3
SERVER_ERROR = 500


@dataclass(eq=False)
class Page:
    """Some rows of a list.

    Attributes:
        rows: The rows.
        cursor: Where the next ones begin; None at the end, and where there is no cursor.
        walk: Where they come from.
        place: What of it an interrupted run has to know to go on behind the page.
    """

    rows: Sequence[Row]
    cursor: str | None = None
    walk: Walk | None = None
    place: Any = None


#: Pages one by one; closing it ends what is under way.
Pages = Generator[Page, None, None]


class Walk:
    """One way through a list."""

    #: How an answer is decoded, where not into dictionaries.
    decode: Decode | None = None

    def __init__(
        self, client: PipedriveClient, spec: StreamSpec, query: Mapping[str, Any] | None = None
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            client: The connection.
            spec: The list.
            query: Filters and order, sent with each page.
        """
        self.client = client
        self.spec = spec
        self.query: Query = {**spec.params, **(query or {})}

    def fetch(self) -> Page:
        """The next page; runs in a thread, never twice at a time."""
        raise NotImplementedError

    def took(self, page: Page) -> bool:
        """Learn where the next page begins; whether there is one."""
        raise NotImplementedError

    def recovers(self, error: SyncError) -> bool:  # noqa: ARG002  # most don't
        """Whether the walk can go on after a page that failed."""
        return False

    def _get(self, **place: Any) -> Any:
        query = {**self.query, **place}
        return self.client.http.get(
            self.spec.path, query, tokens=self.spec.tokens, decode=self.decode
        )


class ByCursor(Walk):
    """The end is a null or absent `next_cursor`; an empty page in between isn't one.

    How long a cursor lives isn't documented, nor what is answered to an old one: any refusal of the
    request is taken for it, a few times a walk, and the walk begins anew.
    """

    def __init__(
        self,
        client: PipedriveClient,
        spec: StreamSpec,
        query: Mapping[str, Any] | None = None,
        cursor: str | None = None,
        decode: Decode | None = None,
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            client: The connection.
            spec: The list.
            query: Filters and order, sent with each page.
            cursor: Where to begin, from an earlier walk with the same query.
            decode: How an answer is decoded, where not into dictionaries.
        """
        super().__init__(client, spec, query)
        self.decode = decode
        self.cursor = cursor
        self._landmark, self._pages = cursor, 0
        self._starts_left = FRESH_STARTS

    def fetch(self) -> Page:
        """The next page."""
        body = self._get(limit=self.spec.page_size, cursor=self.cursor)
        path = self.spec.path
        if isinstance(body, TypedBody):
            return Page(body.data, envelope.next_cursor(body.frame, path), self)
        return Page(envelope.records(body, path), envelope.next_cursor(body, path), self)

    def took(self, page: Page) -> bool:
        """Follow the cursor."""
        self.cursor = page.cursor
        if self.cursor is not None:
            self._check_progress()
        return self.cursor is not None

    def _check_progress(self) -> None:
        """A cursor that comes back would never end.

        One is kept to compare with, and replaced at each power of two: so a circle of any length
        is noticed within three rounds, without remembering all cursors.
        """
        if self.cursor == self._landmark:
            raise TransientError(
                f"Pipedrive repeats the cursor of {self.spec.path}: no end in sight"
            )
        self._pages += 1
        if self._pages & (self._pages - 1) == 0:
            self._landmark = self.cursor

    def recovers(self, error: SyncError) -> bool:
        """Begin anew where a cursor isn't taken any more."""
        if self.cursor is None or not self._starts_left or not self._may_be_expired(error):
            return False
        log.warning(
            "%s: Pipedrive no longer takes the cursor; the walk begins anew", self.spec.name
        )
        self._starts_left -= 1
        self.cursor = self._landmark = None
        self._pages = 0
        self.begin_anew()
        return True

    def _may_be_expired(self, error: SyncError) -> bool:
        """Whether the cursor may be why a page was refused.

        A failure of the service may be, too, where an earlier run kept the cursor: each run would
        go on with it and end the same way. In an outage the walk from the beginning fails as well.
        """
        if isinstance(error, TransientError) and self._pages == 0:
            return (error.status or 0) >= SERVER_ERROR
        return isinstance(error, (InvalidError, NotFoundError))

    def begin_anew(self) -> None:
        """Ask for what has not come yet; by default for everything."""


class ByOffset(Walk):
    """The end is where the answer says that no more items follow."""

    def __init__(
        self, client: PipedriveClient, spec: StreamSpec, query: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(client, spec, query)
        self._start = 0
        self._more = False
        self._last: frozenset[Any] = frozenset()
        self._steps_back = STEPS_BACK

    def fetch(self) -> Page:
        """The next page, which overlaps the last one."""
        body = self._get(sort=self.spec.order, start=self._start, limit=self.spec.page_size)
        rows = envelope.records(body, self.spec.path)
        self._more = envelope.more_items(body, self.spec.path)
        return Page(rows, walk=self)

    def took(self, page: Page) -> bool:
        """Go on a page further, or back where so many rows went that others moved up unseen."""
        (key,) = self.spec.keys
        keys = [row[key] for row in page.rows if isinstance(row.get(key), (int, str))]
        ids = frozenset(keys)
        if self._start and self._last and not ids & self._last and self._steps_back:
            self._steps_back -= 1
            self._start = max(self._start - self.spec.page_size // 2, 0)
            return True
        if self._more and len(page.rows) <= OVERLAP:
            raise TransientError(
                f"Pipedrive says that more of {self.spec.path} follows "
                f"{number_of(len(page.rows), 'row')}: no end in sight"
            )
        repeated = len(keys) - len(ids)  # which take no place of their own in the list
        self._start += max(len(page.rows) - repeated - OVERLAP, 1)
        self._last = ids
        return self._more


class AtOnce(Walk):
    """A list that has one page."""

    def fetch(self) -> Page:
        """All rows."""
        return Page(envelope.records(self._get(), self.spec.path), walk=self)

    def took(self, page: Page) -> bool:  # noqa: ARG002  # nothing follows
        """Nothing follows."""
        return False


_WALKS: Mapping[Paging, Callable[[PipedriveClient, StreamSpec, Mapping[str, Any]], Walk]] = {
    Paging.CURSOR: ByCursor,
    Paging.OFFSET: ByOffset,
    Paging.ONCE: AtOnce,
}


def pages(
    client: PipedriveClient,
    spec: StreamSpec,
    query: Mapping[str, Any] | None = None,
    decode: Decode | None = None,
) -> Pages:
    """The pages of a list, each fetched while the one before it is in use.

    Args:
        client: The connection.
        spec: The list.
        query: Filters and order, sent with each page.
        decode: How an answer of a list with cursors is decoded, where not into dictionaries.
    """
    walk = _WALKS[spec.paging](client, spec, query or {})
    walk.decode = decode
    with closing(gathered([walk])) as found:
        yield from found
