"""How a run reads a stream, and what it keeps in state of how far it came."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass

from sync_core.pipedrive import PipedriveClient

from tap_pipedrive.bookmarks import State, bookmark, set_bookmark
from tap_pipedrive.table import StreamSpec
from tap_pipedrive.times import stamp
from tap_pipedrive.walks import Decode, Page, Pages, Query, pages

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """What the ways of one stream in one run have in common.

    Attributes:
        client: The connection.
        spec: The list.
        state: The stream's part of the Singer state; written to.
        start: Gives the run's start, which no bookmark passes: what changes during a walk may
            have been passed already, and only the next run is sure to see it.
        size: How many pages are fetched side by side.
        lookback: Seconds by which a run overlaps the one before.
        decode: How an answer is decoded, where not into dictionaries.
    """

    client: PipedriveClient
    spec: StreamSpec
    state: State
    start: Callable[[], str]
    size: int = 1
    lookback: float = 0
    decode: Decode | None = None


class Way:
    """Pages in some order, without anything to go on with."""

    #: Whether this run goes on with a first one that didn't come to its end.
    resumed = False

    def pages(self) -> Pages:
        """All pages."""
        raise NotImplementedError

    def delivered(self, page: Page) -> None:
        """All rows of a page have left."""

    def finish(self) -> None:
        """All pages have left."""


class Whole(Way):
    """A list that is read anew each time."""

    def __init__(self, found: Iterable[Page]) -> None:
        self._found = found

    def pages(self) -> Pages:
        """All pages."""
        yield from self._found


class Unsorted(Way):
    """What changed, in an order that says nothing: the bookmark is written at the end."""

    def __init__(self, run: Run, query: Query) -> None:
        self._run = run
        self._query = query
        self._newest = bookmark(run.state)

    def pages(self) -> Pages:
        """All pages."""
        with closing(pages(self._run.client, self._run.spec, self._query)) as found:
            yield from found

    def delivered(self, page: Page) -> None:
        """Keep the latest change in mind."""
        self._newest = max(self._newest, min(newest(page), self._run.start()))

    def finish(self) -> None:
        """Write the bookmark."""
        if self._newest:
            set_bookmark(self._run.state, self._newest)


def newest(page: Page) -> str:
    """The latest update time of a page; empty without one."""
    return max((stamp(row.get("update_time")) for row in page.rows), default="")
