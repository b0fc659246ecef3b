"""A first run through windows of update time, and how it finds what has none.

Old records can lack an update time, and where a list sorted by it has those, if at all, isn't
documented. So the windows are not trusted to be complete: every id up to the greatest that they
didn't show is asked for, in the cheaper of two ways. Where ids have no gaps that costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice

from sync_core.pipedrive.endpoints import IDS_PER_CALL

from tap_pipedrive.ahead import gathered
from tap_pipedrive.bookmarks import FIRST_RUN, NEWEST, WINDOWS, State
from tap_pipedrive.ends import ById
from tap_pipedrive.ids import Ids, ids
from tap_pipedrive.typed import Row
from tap_pipedrive.walks import ByCursor, Page, Pages, Query
from tap_pipedrive.ways import Run
from tap_pipedrive.window import Window
from tap_pipedrive.windows import Spans, Windows

#: Before Pipedrive was.
EPOCH = "2000-01-01T00:00:00Z"
#: Of the walk by id after the windows, how far it has come.
REST = "rest"


class FirstWindows(Windows):
    """The first run, in windows of time that are read side by side."""

    def __init__(self, run: Run) -> None:
        """Begin, or go on with what the state tells of."""
        self._begun: State = dict(run.state.get(FIRST_RUN) or {})
        self.resumed = WINDOWS in self._begun
        super().__init__(run, EPOCH)
        self._seen = Ids()
        self._greatest = 0
        self._walk: ById | None = None

    @property
    def _memory(self) -> State:
        return self._begun

    @property
    def _start(self) -> str:
        """What changed after the first part of this run began comes in the next run."""
        return str(self._begun.get("began") or self._run.start())

    def pages(self) -> Pages:
        """All pages: first those of the windows, then what they didn't show."""
        if not self.resumed:
            last = self._last()
            if last.cursor is None:  # which is all there is
                yield last
                return
            self._greatest = max(ids(last.rows), default=0)
        with closing(super().pages()) as found:
            for page in found:
                # Should a filter by time let rows without one pass, each window has all of them.
                page.rows = [
                    row for row in page.rows if row.get("update_time") or self._is_new(row)
                ]
                self._seen.update(ids(page.rows))
                yield page
        with closing(self._rest()) as found:
            yield from found

    def _last(self) -> Page:
        """The page with the greatest ids."""
        order = {"sort_by": "id", "sort_direction": "desc"}
        return self._listed(order).fetch()

    def _listed(self, query: Query) -> ByCursor:
        return ByCursor(self._run.client, self._run.spec, query, decode=self._run.decode)

    def _rest(self) -> Pages:
        """What the windows didn't show."""
        missing = 0 if self.resumed else self._seen.missing(self._greatest)
        calls = -(-missing // IDS_PER_CALL)
        if self.resumed or calls > len(self._seen) // self._run.spec.page_size:
            yield from self._rest_by_id()
        elif missing:
            yield from gathered([], self._run.size, self._batches().__next__)

    def _rest_by_id(self) -> Pages:
        """All rows once more, of which the new ones are passed on.

        Which ids an interrupted run has seen isn't known; it has seen all that have a time.
        """
        self._walk = ById(replace(self._run, state={FIRST_RUN: self._begun.get(REST) or {}}))
        with closing(self._walk.pages()) as found:
            for page in found:
                timeless = [r for r in page.rows if not (self.resumed and r.get("update_time"))]
                page.rows = [row for row in timeless if self._is_new(row)]
                yield page

    def _is_new(self, row: Row) -> bool:
        return not isinstance(row.get("id"), int) or row["id"] not in self._seen

    def _batches(self) -> Iterator[ByCursor | None]:
        gaps = self._seen.gaps(self._greatest)
        while some := list(islice(gaps, IDS_PER_CALL)):
            yield self._listed({"ids": ",".join(map(str, some))})
        while True:
            yield None

    def delivered(self, page: Page) -> None:
        """Keep of each walk how far it has left."""
        if self._walk is not None:
            self._walk.delivered(page)
            self._begun[REST] = self._walk.place
        super().delivered(page)

    def _keep(self, spans: Spans) -> None:
        self._begun.update({"began": self._start, NEWEST: self._newest, WINDOWS: spans})
        self._run.state[FIRST_RUN] = dict(self._begun)

    def _mark(self, first: Window) -> None:
        """A first run has no bookmark before its end."""

    def finish(self) -> None:
        """Write the bookmark: later runs ask for changes."""
        self._run.state.pop(FIRST_RUN, None)
        super().finish()
