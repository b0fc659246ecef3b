"""What changed within a span of time, in the order of its update time."""

from __future__ import annotations

import logging

from tap_pipedrive.times import after, seconds_between, stamp
from tap_pipedrive.walks import ByCursor, Page
from tap_pipedrive.ways import Run

log = logging.getLogger(__name__)

#: A window is split where it seems to have more pages left than this, behind the one under way.
WORTH_PAGES = 2
#: After so many misses a part is all but the next few rows.
_MOST_MISSES = 5


class Window(ByCursor):
    """A walk through one span of update time.

    Attributes:
        since: Where the span begins.
        stop: Where the next one begins; empty where it has no end.
        delivered: What has left of it: all before this moment; empty while nothing has.
        over: Whether all of it was fetched.
        ended: Whether all of it was delivered.
        rises: Whether its rows come in the order of their time.
    """

    def __init__(self, run: Run, since: str, stop: str = "") -> None:
        """Prepare; nothing is asked yet.

        Args:
            run: What is read.
            since: Where it begins.
            stop: Where it ends; empty for no end.
        """
        super().__init__(run.client, run.spec, decode=run.decode)
        self.since, self.stop = since, stop
        self.delivered = ""
        self.over = self.ended = False
        self.rises = True
        self._latest = ""
        self._density: float | None = None
        self._part: Window | None = None
        self._misses = 0
        self.begin_anew()

    def begin_anew(self) -> None:
        """Ask for what comes behind the rows that have come."""
        self.query = {**self.spec.params, "updated_since": self._position}
        if self.stop:
            self.query["updated_until"] = self.stop
        self.query.update(sort_by="update_time", sort_direction="asc")

    @property
    def _position(self) -> str:
        return max(self.since, self._latest) if self.rises else self.since

    def took(self, page: Page) -> bool:
        """Leave what a later window has, and end where that begins."""
        more = super().took(page)
        stamps = [stamp(row.get("update_time")) for row in page.rows]
        self._learn([each for each in stamps if each])
        if self.stop:
            rows = zip(page.rows, stamps, strict=True)
            page.rows = [row for row, moment in rows if not moment or moment < self.stop]
        # A list out of order is read to its end: what belongs here may come behind what doesn't.
        reached = self.rises and self.stop != "" and self._latest >= self.stop
        self.over = reached or not more
        page.place = (self._position, self.over)
        return not self.over

    def _learn(self, stamps: list[str]) -> None:
        """Notice a list out of order before a row can move the bookmark, and how close rows lie."""
        if not stamps:
            return
        if self.rises and (stamps[0] < self._latest or stamps != sorted(stamps)):
            self.rises = False
            log.warning(
                "%s: the list isn't in the order of update_time; until all of it is read the "
                "bookmark stays where it was before the run",
                self.spec.name,
            )
        self._latest = max(self._latest, *stamps)
        self._density = len(stamps) / max(seconds_between(min(stamps), max(stamps)), 1.0)

    def rows_left(self, until: str) -> float:
        """How many rows seem to come behind the page under way, by how close the last ones lay.

        Args:
            until: Where to stop guessing, for a window without an end.
        """
        waits = self._part is not None and self._part.is_unproven
        if self._density is None or self.over or waits or not self.rises:
            return 0.0
        seconds = seconds_between(self._position, self.stop or until)
        return seconds * self._density - self.spec.page_size

    @property
    def is_unproven(self) -> bool:
        """Whether nothing is known yet of what lies in it."""
        return self._density is None and not self.over

    def split(self, run: Run, until: str) -> Window | None:
        """Give the later part of what is left to a new window.

        It is the later half; where such parts turn out to be empty, the rows lie close together at
        the beginning, and it is more and more than that.

        Args:
            run: What is read.
            until: The end, for a window without one.

        Returns:
            The new window; None where no whole second lies between.
        """
        if self._part is not None:
            self._misses = self._misses + 1 if self._part._density is None else 0  # noqa: SLF001
        share = 2.0 ** -(2.0 ** min(self._misses, _MOST_MISSES))
        stop = self.stop or until
        middle = after(self._position, seconds_between(self._position, stop) * share)
        if not self._position < middle < stop:
            return None
        self._part, self.stop = Window(run, middle, stop), middle
        return self._part
