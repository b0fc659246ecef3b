"""Pages that threads fetch while others become messages: one ahead for each walk."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sync_core.errors import SyncError

if TYPE_CHECKING:
    from tap_pipedrive.walks import Page, Pages, Walk

#: How long a thread that computes keeps the others from a page that has come. Python's own 5 ms, a
#: few times a page, leave four cursors idle for a tenth of the time.
TURN_SECONDS = 0.0005


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, TURN_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def gathered(
    walks: Sequence[Walk], size: int = 1, further: Callable[[], Walk | None] = lambda: None
) -> Pages:
    """The pages of several walks, in the order in which they come.

    Whatever ends it, nothing is under way afterwards. A failure is raised when all pages that
    were fetched, and paid for, have been handed out.

    Args:
        walks: Where to begin.
        size: How many pages are fetched side by side.
        further: Gives another walk for a thread that has nothing to do, or None.
    """
    team = _Team(walks, size, further)
    with _short_turns(), closing(team):
        while found := team.take():
            while found:
                yield found.pop(0)  # which leaves no page in memory that is done with
                if len(found) < size:
                    found += team.look()
    if team.failure is not None:
        raise team.failure


class _Team:
    """Threads, the walks that they are on, and those that wait for one."""

    def __init__(
        self, walks: Sequence[Walk], size: int, further: Callable[[], Walk | None]
    ) -> None:
        self._size = size
        self._further = further
        self._waiting = list(walks)
        self._asked: dict[Future[Page], Walk] = {}
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="pages")
        self.failure: SyncError | None = None

    def take(self) -> list[Page]:
        """Wait for a page; gives those that have come, none at the end.

        The next page of each walk is asked for before its last one is handed out.
        """
        found: list[Page] = []
        self._fill()
        while self._asked and not found:
            found = self.look(None)
        return found

    def look(self, seconds: float | None = 0) -> list[Page]:
        """Take the pages that have come, waiting so long for one; keep the threads busy."""
        found: list[Page] = []
        done, _ = wait(self._asked, seconds, FIRST_COMPLETED)
        for future in [each for each in self._asked if each in done]:
            found += self._arrived(self._asked.pop(future), future)
        self._fill()
        return found

    def _arrived(self, walk: Walk, future: Future[Page]) -> list[Page]:
        try:
            page = future.result()
        except SyncError as error:
            if walk.recovers(error):
                self._waiting.append(walk)
            else:
                self.failure = self.failure or error
            return []
        try:
            if walk.took(page):
                self._waiting.append(walk)
        except SyncError as error:
            self.failure = self.failure or error
        return [page]

    def _fill(self) -> None:
        while self.failure is None and len(self._asked) < self._size:
            walk = self._waiting.pop(0) if self._waiting else self._further()
            if walk is None:
                return
            self._asked[self._pool.submit(walk.fetch)] = walk

    def close(self) -> None:
        """Wait for what is under way; its pages are lost."""
        self._pool.shutdown(wait=True, cancel_futures=True)
