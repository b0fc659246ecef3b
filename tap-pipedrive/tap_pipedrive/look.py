"""One look for records that vanished: the ids of a list, compared with those that were there.

It goes page by page and keeps in state how far it came: where one costs more than a run may spend,
the next run goes on, rather than to begin anew and never to reach the streams behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sync_core import times
from sync_core.errors import InvalidError
from sync_core.pipedrive.endpoints import IDS_PER_CALL

from tap_pipedrive import deletes, typed
from tap_pipedrive.ahead import gathered
from tap_pipedrive.arrived import LOST
from tap_pipedrive.ids import Ids, ids
from tap_pipedrive.times import stamp
from tap_pipedrive.typed import Row
from tap_pipedrive.walks import ByCursor, Decode, Page, Pages, Query, pages

if TYPE_CHECKING:
    from tap_pipedrive.streams import EntityStream

#: Where in a stream's state a look stands that isn't over.
LOOK = "look"

#: Makes records of the rows of a page.
Make = Callable[[Page], list[Any]]


class Look:
    """Finds what vanished, and what came without a word.

    A record that the token's user may see again, or that was restored, needn't have changed: so no
    list of changes tells of it, and the target would take it for deleted for ever.

    Attributes:
        gone: How many vanished.
        came: How many came.
        knows: Whether all that was there before is known; otherwise nothing counts as come.
    """

    def __init__(self, stream: EntityStream, before: Ids, told: Ids, make: Make) -> None:
        """Begin, or go on with what the state tells of.

        Args:
            stream: The stream.
            before: The ids that were there.
            told: Those that the list of changes called deleted in this run.
            make: Makes records of rows.
        """
        state = stream.stream_state
        place: dict[str, Any] = state.get(LOOK) or {}
        self._stream, self._before, self._told, self._make = stream, before, told, make
        self._cursor: str | None = place.get("cursor")
        self._border: int = place.get("border", 0)
        self._missing: list[int] = [*place.get("missing", [])]
        self._unseen: list[int] = [*place.get("unseen", [])]
        knows = deletes.known(state) is not None and LOST not in state
        self.knows: bool = place.get("knows", knows)
        self._alive, self._dead = Ids(), Ids(told)
        self.gone = self.came = 0

    def whole(self, alive: Ids) -> Iterator[list[Any]]:
        """Compare with all ids, which this run's own walk has passed on."""
        self._alive.update(alive)
        self._missing = list(self._before.without(alive, self._told))
        yield from self._settled(1)

    def lists(self) -> Iterator[list[Any]]:
        """Walk the list by id; gives records of what vanished and of what came."""
        with closing(self._pages()) as found:
            for page in found:
                self._compare(page)
                yield from self._settled(IDS_PER_CALL)
        yield from self._settled(1)

    @property
    def ids(self) -> Ids:
        """All ids that are there, as far as is known."""
        there = Ids(self._before.without(self._dead))
        there.update(self._alive)
        return there

    @property
    def place(self) -> dict[str, Any]:
        """Where another run goes on."""
        return {
            "cursor": self._cursor,
            "border": self._border,
            "missing": self._missing,
            "unseen": self._unseen,
            "knows": self.knows,
        }

    def _compare(self, page: Page) -> None:
        """Compare the ids from the last page's end to this one's.

        A row that is called deleted isn't there: no list of changes need have told of it, since a
        deletion may leave the record's time as it was.
        """
        alive, dead = parted(page.rows)
        there = {*alive}
        end = None if page.cursor is None else max((*alive, *dead), default=self._border)
        known = self._before.between(self._border, end)
        self._missing += [each for each in known if each not in there and each not in self._told]
        new = [each for each in alive if each not in self._before] if self.knows else []
        self._unseen += new
        self._alive.update(there.difference(new))
        self._cursor, self._border = page.cursor, max(self._border, end or 0)

    def _settled(self, least: int) -> Iterator[list[Any]]:
        """Ask for the ids in question, once there are so many."""
        while len(self._missing) >= least:
            some = self._missing[:IDS_PER_CALL]
            found = {each for page in self._asked(some, typed.ids) for each in parted(page.rows)[0]}
            gone = [each for each in some if each not in found]
            yield self._tombstones(gone)
            self.gone += len(gone)
            self._dead.update(gone)
            self._alive.update(found)
            self._missing = self._missing[IDS_PER_CALL:]
        while len(self._unseen) >= least:
            some = self._unseen[:IDS_PER_CALL]
            for page in self._asked(some, self._stream.decode):
                yield self._make(page)
                self.came += len(page.rows)
            self._alive.update(some)
            self._unseen = self._unseen[IDS_PER_CALL:]

    def _tombstones(self, gone: Iterable[int]) -> list[Any]:
        moment, names = stamp(times.now()), self._stream.layout.names
        return [deletes.tombstone(each, moment, names) for each in gone]

    def _asked(self, some: Sequence[int], decode: Decode | None) -> Iterator[Page]:
        """Those that can be fetched: lists can lag behind, and pages can shift."""
        query: Query = {"ids": ",".join(map(str, some))}
        with closing(pages(self._stream.client, self._stream.spec, query, decode)) as found:
            yield from found

    def _pages(self) -> Pages:
        stream, query = self._stream, {"sort_by": "id", "sort_direction": "asc"}
        if stream.spec.narrow and stream.layout.custom:
            # Without it each row has all custom fields; one is the fewest that can be asked for.
            narrow = {**query, "custom_fields": stream.layout.custom[0].field.key}
            try:
                yield from self._walk(narrow)
            except InvalidError:  # a field that went since the catalogue was read
                self._cursor = None
            else:
                return
        yield from self._walk(query)

    def _walk(self, query: Query) -> Pages:
        stream = self._stream
        walk = ByCursor(stream.client, stream.spec, query, self._cursor, typed.ids)
        with closing(gathered([walk])) as found:
            yield from found


def parted(rows: Sequence[Row]) -> tuple[list[int], list[int]]:
    """Ids of the rows that are there, and of those that are called deleted."""
    dead = [row for row in rows if row.get("is_deleted")]
    alive = [row for row in rows if not row.get("is_deleted")] if dead else rows
    return ids(alive), ids(dead)
