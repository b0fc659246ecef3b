"""Changes in the order of their time: one span of time, or several that are read side by side.

The spans are disjoint and leave no gap: where one is split, the earlier part ends where the later
begins. State knows of each how far it was delivered.
"""

from __future__ import annotations

from contextlib import closing

from tap_pipedrive.ahead import gathered
from tap_pipedrive.bookmarks import INTERRUPTED, NEWEST, WINDOWS, State, bookmark, set_bookmark
from tap_pipedrive.times import after
from tap_pipedrive.walks import Page, Pages
from tap_pipedrive.ways import Run, Way, newest
from tap_pipedrive.window import WORTH_PAGES, Window

Spans = list[list[str]]


class Windows(Way):
    """What changed since the bookmark."""

    def __init__(self, run: Run, since: str) -> None:
        """Begin, or go on with the windows that the state tells of.

        Args:
            run: What is read.
            since: Where to begin.
        """
        self._run = run
        self._before = bookmark(run.state)
        self._newest = self._memory.get(NEWEST) or self._before
        spans: Spans = self._memory.get(WINDOWS, [[since, ""]])
        self._windows = [Window(run, *self._overlapping(*span)) for span in spans]
        #: Of several windows the one without an end, read when the others are: so it has what
        #: changed meanwhile and left them.
        self._tail = self._windows[-1] if len(self._windows) > 1 else None

    @property
    def _memory(self) -> State:
        """What an interrupted run left."""
        memory: State = self._run.state.get(INTERRUPTED) or {}
        return memory

    @property
    def _start(self) -> str:
        return self._run.start()

    def _overlapping(self, since: str, stop: str) -> tuple[str, str]:
        """Lists can lag behind, so a remembered window without an end begins a little earlier."""
        lags = WINDOWS in self._memory and not stop
        return (after(since, -self._run.lookback) if lags else since), stop

    def pages(self) -> Pages:
        """All pages."""
        walks = [window for window in self._windows if window is not self._tail]
        with closing(gathered(walks, self._run.size, self._further)) as found:
            yield from found

    def _further(self) -> Window | None:
        """Something to do for a free thread."""
        part = self._part() if self._run.size > 1 else None
        tail = self._tail
        if part is None and tail and all(w.over for w in self._windows if w is not tail):
            self._tail = None
            return tail
        return part

    def _part(self) -> Window | None:
        """The later part of the window that seems to have most left."""
        start = self._start
        worth = WORTH_PAGES * self._run.spec.page_size
        divisible = [window for window in self._windows if window.rows_left(start) > worth]
        if not divisible:
            return None
        largest = max(divisible, key=lambda window: window.rows_left(start))
        whole = not largest.stop
        part = largest.split(self._run, start)
        if part is not None:
            self._windows.insert(self._windows.index(largest) + 1, part)
            if whole:
                self._tail = Window(self._run, start)
                self._windows.append(self._tail)
        return part

    def delivered(self, page: Page) -> None:
        """Keep of each window how far it has left."""
        self._newest = max(self._newest, min(newest(page), self._start))
        window = page.walk
        if isinstance(window, Window):
            window.delivered, window.ended = page.place
        left = [window for window in self._windows if not window.ended]
        self._keep([self._span(window) for window in left])
        if left:
            self._mark(left[0])

    def _keep(self, spans: Spans) -> None:
        """Write into state what is left; of a single window the bookmark tells all."""
        if len(spans) > 1:
            self._run.state[INTERRUPTED] = {NEWEST: self._newest, WINDOWS: spans}
        else:
            self._run.state.pop(INTERRUPTED, None)

    def _span(self, window: Window) -> list[str]:
        begin = (window.delivered if window.rises else "") or window.since
        return [begin if window.stop else min(begin, self._start), window.stop]

    def _mark(self, first: Window) -> None:
        """Write the bookmark before which nothing is left."""
        reached = first.delivered if first.rises else ""
        if not reached and first is not self._windows[0]:
            reached = first.since
        set_bookmark(self._run.state, max(self._before, min(reached, self._newest)))

    def finish(self) -> None:
        """Write the bookmark."""
        self._run.state.pop(INTERRUPTED, None)
        if self._newest:
            set_bookmark(self._run.state, self._newest)
