"""When records that vanished are looked for, and what is remembered for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sync_core import times
from sync_core.errors import ApiError
from sync_core.text import number_of

from tap_pipedrive import deletes
from tap_pipedrive.arrived import Arrived
from tap_pipedrive.ids import Ids
from tap_pipedrive.look import LOOK, Look, Make, parted
from tap_pipedrive.times import stamp
from tap_pipedrive.typed import Row

if TYPE_CHECKING:
    from tap_pipedrive.streams import EntityStream

SECONDS_PER_HOUR = 3600


class Sweep:
    """Compares the ids of a list with those that were there before."""

    def __init__(
        self, stream: EntityStream, make: Make, *, whole: bool = False, resumed: bool = False
    ) -> None:
        """Prepare.

        Args:
            stream: The stream.
            make: Makes records of rows.
            whole: Whether this run's own walk passes every row, so that it needs no other.
            resumed: Whether this run only ends a first one, which cost enough already.
        """
        self._stream = stream if _is_wanted(stream) else None
        self._make = make
        self._whole = whole
        self._resumed = resumed
        self._alive = Ids()
        self._dead = Ids()
        self._arrived = Arrived(stream.stream_state if self._stream else {})

    def saw(self, rows: Sequence[Row]) -> None:
        """Rows of this run's own walk."""
        if self._stream is not None:
            alive, dead = parted(rows)
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

    def found(self) -> Iterator[list[Any]]:
        """Records of what vanished, and of what came without a word, when it is time to look."""
        if self._stream is None:
            return
        if self._whole:
            # An empty list is walked as in a first run until it has rows; its state stays as it is.
            if len(self._alive) or len(self._arrived.ids):
                look = self._look(self._stream)
                yield from look.whole(self._alive)
                self._done(self._stream, look)
        elif self._resumed:
            self._stream.stream_state[deletes.SWEPT_AT] = stamp(times.now())
        elif self._is_due(self._stream):
            yield from self._looked(self._stream)
        else:
            self._forget(self._stream)

    @staticmethod
    def _is_due(stream: EntityStream) -> bool:
        last = times.comparable(stream.stream_state.get(deletes.SWEPT_AT))
        hours: float = stream.config["delete_sweep_hours"]
        # A moment that lies ahead was written when this machine's clock was wrong.
        return not last or not 0 <= times.seconds_since(last) < hours * SECONDS_PER_HOUR

    def _look(self, stream: EntityStream) -> Look:
        return Look(stream, self._arrived.ids, self._dead, self._make)

    def _looked(self, stream: EntityStream) -> Iterator[list[Any]]:
        look = self._look(stream)
        try:
            yield from look.lists()
        except ApiError:
            self._keep(stream, look.ids, stream.stream_state.get(deletes.SWEPT_AT, ""))
            stream.stream_state[LOOK] = look.place
            raise
        self._done(stream, look)

    def _done(self, stream: EntityStream, look: Look) -> None:
        there = look.ids
        stream.stream_state.pop(LOOK, None)
        self._keep(stream, there, stamp(times.now()))
        if look.gone or look.knows:
            stream.logger.info("%s: %s vanished", stream.name, number_of(look.gone, "record"))
        elif not self._whole:
            text = "%s: %s remembered; deletions are noticed from now on"
            stream.logger.info(text, stream.name, number_of(len(there), "id is", "ids are"))
        if look.came:
            text = "%s: %s came that no list of changes told of"
            stream.logger.info(text, stream.name, number_of(look.came, "record"))

    def _forget(self, stream: EntityStream) -> None:
        """A deletion that the list told of needn't be noticed again."""
        if len(self._dead):
            left = Ids(self._arrived.ids.without(self._dead))
            self._keep(stream, left, stream.stream_state[deletes.SWEPT_AT])

    def _keep(self, stream: EntityStream, ids: Ids, moment: str) -> None:
        self._arrived.forget()
        if not deletes.keep(stream.stream_state, ids, moment):
            stream.logger.warning(
                "%s: too many ids to remember in state; deletions aren't noticed", stream.name
            )


def _is_wanted(stream: EntityStream) -> bool:
    """Whether deletions are looked for; not where nothing could tell them from empty records."""
    swept = stream.spec.swept and stream.is_incremental and stream.config["detect_deletes"]
    return bool(swept) and "is_deleted" in stream.layout.names
