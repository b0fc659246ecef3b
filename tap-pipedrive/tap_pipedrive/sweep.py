"""Finding records that vanished, which Pipedrive's lists don't tell of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sync_core import times
from sync_core.errors import InvalidError
from sync_core.pipedrive.endpoints import IDS_PER_CALL

from tap_pipedrive import deletes, typed
from tap_pipedrive.arrived import Arrived
from tap_pipedrive.ids import Ids, ids
from tap_pipedrive.rows import Record
from tap_pipedrive.times import stamp
from tap_pipedrive.typed import Row
from tap_pipedrive.walks import Query, pages

if TYPE_CHECKING:
    from tap_pipedrive.streams import EntityStream

SECONDS_PER_HOUR = 3600


class Sweep:
    """Compares the ids of a list with those that were there before."""

    def __init__(self, stream: EntityStream, *, whole: bool = False, resumed: bool = False) -> None:
        """Prepare.

        Args:
            stream: The stream.
            whole: Whether this run's own walk passes every row, so that it needs no other.
            resumed: Whether this run only ends a first one, which cost enough already.
        """
        wanted = stream.spec.swept and stream.is_incremental and stream.config["detect_deletes"]
        self._stream = stream if wanted else None
        self._whole = whole
        self._resumed = resumed
        self._alive = Ids()
        self._dead = Ids()
        self._arrived = Arrived(stream.stream_state if wanted else {})

    def saw(self, rows: Sequence[Row]) -> None:
        """Rows of this run's own walk."""
        if self._stream is not None:
            alive, dead = _parted(rows)
            self._dead.update(dead)
            self._arrived.add(alive)
            if self._whole:
                self._alive.update(alive)

    def delivered(self) -> None:
        """The rows that were seen have left."""
        if self._stream is not None and not self._arrived.keep():
            self._stream.logger.warning(
                "%s: too many new ids to remember in state; which of them vanish before the next "
                "look isn't noticed",
                self._stream.name,
            )

    def vanished(self) -> Iterator[Record]:
        """A record for each id that is gone, when it is time to look."""
        if self._stream is None:
            return
        if self._whole:
            # An empty list is walked as in a first run until it has rows; its state stays as it is.
            if len(self._alive) or len(self._arrived.ids):
                yield from self._compared(self._stream, self._alive, Ids())
        elif self._resumed:
            self._stream.stream_state[deletes.SWEPT_AT] = stamp(times.now())
        elif self._is_due(self._stream):
            yield from self._compared(self._stream, *self._listed(self._stream))
        else:
            self._forget(self._stream)

    @staticmethod
    def _is_due(stream: EntityStream) -> bool:
        last = times.comparable(stream.stream_state.get(deletes.SWEPT_AT))
        hours: float = stream.config["delete_sweep_hours"]
        # A moment that lies ahead was written when this machine's clock was wrong.
        return not last or not 0 <= times.seconds_since(last) < hours * SECONDS_PER_HOUR

    def _compared(self, stream: EntityStream, alive: Ids, dead: Ids) -> Iterator[Record]:
        first = deletes.known(stream.stream_state) is None
        missing = list(self._arrived.ids.without(alive, dead, self._dead))
        found = _found(stream, missing)
        moment, gone = stamp(times.now()), [each for each in missing if each not in found]
        for each in gone:
            yield deletes.tombstone(each, moment, stream.layout.names)
        alive.update(found)
        self._keep(stream, alive)
        if gone or not first:
            stream.logger.info("%s: %d records vanished", stream.name, len(gone))
        elif not self._whole:
            text = "%s: %d ids are remembered; deletions are noticed from now on"
            stream.logger.info(text, stream.name, len(alive))

    @staticmethod
    def _listed(stream: EntityStream) -> tuple[Ids, Ids]:
        """Ids of the rows that are there, and of those that the list calls deleted."""
        query = {"sort_by": "id", "sort_direction": "asc"}
        if not (stream.spec.narrow and stream.layout.custom):
            return _alive_and_dead(stream, query)
        # Without it each row has all custom fields; one is the fewest that can be asked for.
        narrow = {**query, "custom_fields": stream.layout.custom[0].field.key}
        try:
            return _alive_and_dead(stream, narrow)
        except InvalidError:  # a field that went since the catalogue was read can't be asked for
            return _alive_and_dead(stream, query)

    def _forget(self, stream: EntityStream) -> None:
        """A deletion that the list told of needn't be noticed again."""
        if len(self._dead):
            left = Ids(self._arrived.ids.without(self._dead))
            self._keep(stream, left, stream.stream_state[deletes.SWEPT_AT])

    def _keep(self, stream: EntityStream, ids: Ids, moment: str = "") -> None:
        self._arrived.forget()
        if not deletes.keep(stream.stream_state, ids, moment or stamp(times.now())):
            stream.logger.warning(
                "%s: too many ids to remember in state; deletions aren't noticed", stream.name
            )


def _alive_and_dead(stream: EntityStream, query: Query) -> tuple[Ids, Ids]:
    alive, dead = Ids(), Ids()
    with closing(pages(stream.client, stream.spec, query, typed.ids)) as found:
        for page in found:
            there, gone = _parted(page.rows)
            alive.update(there)
            dead.update(gone)
    return alive, dead


def _parted(rows: Sequence[Row]) -> tuple[list[int], list[int]]:
    """Ids of the rows that are there, and of those that are called deleted."""
    dead = [row for row in rows if row.get("is_deleted")]
    alive = [row for row in rows if not row.get("is_deleted")] if dead else rows
    return ids(alive), ids(dead)


def _found(stream: EntityStream, ids: list[int]) -> set[int]:
    """Those ids that can be fetched after all: lists can lag behind, and pages can shift."""
    found: set[int] = set()
    for start in range(0, len(ids), IDS_PER_CALL):
        some = ids[start : start + IDS_PER_CALL]
        query: dict[str, Any] = {"ids": ",".join(map(str, some))}
        with closing(pages(stream.client, stream.spec, query, typed.ids)) as listed:
            for page in listed:
                found.update(_parted(page.rows)[0])
    return found
