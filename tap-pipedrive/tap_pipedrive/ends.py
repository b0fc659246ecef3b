"""A first run by id: from one end of the list, or from both at once until they meet.

No filter by time takes part in it, so it finds old records that lack an update time, and ids never
change, so it passes every row that was there when it began. Two walks need as many pages as one.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

from tap_pipedrive.ahead import gathered
from tap_pipedrive.bookmarks import FIRST_RUN, NEWEST, State, set_bookmark
from tap_pipedrive.ids import ids
from tap_pipedrive.typed import Row
from tap_pipedrive.walks import ByCursor, Page, Pages
from tap_pipedrive.ways import Run, Way, newest

#: Of the walk that comes from the last id; the other's place stands beside it.
FROM_END = "from_end"


class End(ByCursor):
    """A walk by id from one end.

    Attributes:
        border: The id that it has come to.
        other: The walk that comes towards it.
        under_way: Whether a page of it is to come.
        over: Whether it has come to the list's other end.
    """

    def __init__(self, run: Run, place: State, *, rising: bool = True) -> None:
        """Prepare; nothing is asked yet.

        Args:
            run: What is read.
            place: Where an earlier run stopped; empty to begin at the end.
            rising: Whether it begins at the first id.
        """
        order = {"sort_by": "id", "sort_direction": "asc" if rising else "desc"}
        super().__init__(run.client, run.spec, order, place.get("cursor"), run.decode)
        self.border: int | None = place.get("border")
        self.other: End | None = None
        self.under_way = self.over = False
        self._sign = 1 if rising else -1

    def took(self, page: Page) -> bool:
        """Leave what the other walk has; with another one, `has_room` says whether to go on."""
        more = super().took(page)
        self.under_way = False
        end, sign = self._end, self._sign
        furthest = max((each * sign for each in ids(page.rows)), default=None)
        if furthest is not None:
            self.border = sign * (furthest if end is None else min(furthest, end - 1))
        if end is not None and (furthest is None or furthest >= end):
            page.rows = [row for row in page.rows if not _is_met(row, end, sign)]
        self.over = not more
        page.place = {"cursor": page.cursor, "border": self.border}
        return more and self.other is None

    @property
    def _end(self) -> int | None:
        """Where the other walk has come to, seen along this one's way."""
        border = self.other.border if self.other else None
        return None if border is None else border * self._sign

    def has_room(self, other: End) -> bool:
        """Whether what lies between the walks takes another page.

        Ids have gaps: where the other's next page may hold all rows between, it is waited for.
        """
        if self.under_way or self.over or other.over:
            return False
        if self.border is None:
            # One begins, and the other when it is known that there is more than one page.
            return not other.under_way
        if other.border is None:
            return False
        claimed = 2 * self.spec.page_size if other.under_way else 0
        return abs(other.border - self.border) - 1 > claimed

    def begin_anew(self) -> None:
        """Ask for everything again, up to where the other walk is."""
        self.border = None
        self.under_way = True


def _is_met(row: Row, end: int, sign: int) -> bool:
    return isinstance(row.get("id"), int) and row["id"] * sign >= end


class ById(Way):
    """The first run, by id; a killed one goes on behind the pages that were delivered."""

    def __init__(self, run: Run) -> None:
        """Begin, or go on with what the state tells of."""
        self._run = run
        self._begun: State = run.state.get(FIRST_RUN) or {}
        self.resumed = "cursor" in self._begun
        self._newest: str = self._begun.get(NEWEST, "")
        self._up = End(run, self._begun)
        self._down = None
        if run.size > 1 or FROM_END in self._begun:
            self._down = End(run, self._begun.get(FROM_END) or {}, rising=False)
            self._up.other, self._down.other = self._down, self._up

    @property
    def _start(self) -> str:
        """What changed after the first part of this run began comes in the next run."""
        return str(self._begun.get("began") or self._run.start())

    def pages(self) -> Pages:
        """All pages."""
        walks = [] if self._down else [self._up]
        with closing(gathered(walks, min(self._run.size, 2), self._further)) as found:
            yield from found

    def _further(self) -> End | None:
        if self._down is not None:
            for walk, other in ((self._up, self._down), (self._down, self._up)):
                if walk.has_room(other):
                    walk.under_way = True
                    return walk
        return None

    def delivered(self, page: Page) -> None:
        """Keep where a killed run goes on."""
        self._newest = max(self._newest, min(newest(page), self._start))
        self._begun = {**self._begun, "began": self._start, NEWEST: self._newest}
        if page.cursor is not None:
            self._begun.update(self._placed(page))
        if "cursor" in self._begun or FROM_END in self._begun:
            self._run.state[FIRST_RUN] = {"cursor": None, **self._begun}

    @property
    def place(self) -> State:
        """Where a killed run goes on; empty where it begins anew."""
        place: State = self._run.state.get(FIRST_RUN) or {}
        return place

    def _placed(self, page: Page) -> dict[str, Any]:
        if self._down is None:
            return {"cursor": page.cursor}
        return {FROM_END: page.place} if page.walk is self._down else page.place

    def finish(self) -> None:
        """Write the bookmark: later runs ask for changes."""
        self._run.state.pop(FIRST_RUN, None)
        if self._newest:
            set_bookmark(self._run.state, self._newest)
