"""Finding records that vanished, which Pipedrive's lists don't tell of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sync_core import times
from sync_core.pipedrive.endpoints import IDS_PER_CALL

from tap_pipedrive import deletes
from tap_pipedrive.rows import Record
from tap_pipedrive.times import stamp
from tap_pipedrive.walks import Row, pages

if TYPE_CHECKING:
    from tap_pipedrive.streams import EntityStream

SECONDS_PER_HOUR = 3600


class Sweep:
    """Compares the ids of a list with those that were there before."""

    def __init__(
        self, stream: EntityStream | None, *, whole: bool = False, resumed: bool = False
    ) -> None:
        """Prepare.

        Args:
            stream: The stream; None looks for nothing.
            whole: Whether this run's own walk passes every row, so that it needs no other.
            resumed: Whether this run only ends a first one, which cost enough already.
        """
        self._stream = stream
        self._whole = whole
        self._resumed = resumed
        self._alive: set[int] = set()
        self._dead: set[int] = set()

    def saw(self, rows: list[Row]) -> None:
        """Rows of this run's own walk."""
        if self._stream is not None:
            self._dead.update(row["id"] for row in rows if row.get("is_deleted"))
            if self._whole:
                self._alive.update(row["id"] for row in rows if not row.get("is_deleted"))

    def vanished(self) -> Iterator[Record]:
        """A record for each id that is gone, when it is time to look."""
        if self._stream is None:
            return
        if self._whole:
            if self._alive:  # an empty list is walked as in a first run until it has rows
                self._keep(self._stream, self._alive)
        elif self._resumed:
            self._stream.stream_state[deletes.SWEPT_AT] = stamp(times.now())
        elif self._is_due(self._stream):
            yield from self._compared(self._stream)
        else:
            self._forget(self._stream)

    @staticmethod
    def _is_due(stream: EntityStream) -> bool:
        last = times.comparable(stream.stream_state.get(deletes.SWEPT_AT))
        hours: float = stream.config["delete_sweep_hours"]
        return not last or times.seconds_since(last) >= hours * SECONDS_PER_HOUR

    def _compared(self, stream: EntityStream) -> Iterator[Record]:
        before = deletes.known(stream.stream_state)
        alive, listed = self._listed(stream)
        gone = (before or set()) - listed - self._dead
        gone -= _found(stream, sorted(gone))
        moment = stamp(times.now())
        for each in sorted(gone):
            yield deletes.tombstone(each, moment, stream.layout.names)
        self._keep(stream, alive)
        if before is None:
            stream.logger.info(
                "%s: %d ids are remembered; deletions are noticed from now on",
                stream.name,
                len(alive),
            )
        else:
            stream.logger.info("%s: %d records vanished", stream.name, len(gone))

    @staticmethod
    def _listed(stream: EntityStream) -> tuple[set[int], set[int]]:
        """Ids of the rows that are there, and of all that the list has."""
        query = {"sort_by": "id", "sort_direction": "asc"}
        if stream.spec.narrow and stream.layout.custom:
            # Without it each row has all custom fields; one is the fewest that can be asked for.
            query["custom_fields"] = stream.layout.custom[0].field.key
        alive: set[int] = set()
        listed: set[int] = set()
        for page in pages(stream.client, stream.spec, query):
            rows = [row for row in page.rows if row.get("id") is not None]
            listed.update(row["id"] for row in rows)
            alive.update(row["id"] for row in rows if not row.get("is_deleted"))
        return alive, listed

    def _forget(self, stream: EntityStream) -> None:
        """A deletion that the list told of needn't be noticed again."""
        before = deletes.known(stream.stream_state) if self._dead else None
        if before:
            self._keep(stream, before - self._dead, stream.stream_state[deletes.SWEPT_AT])

    def _keep(self, stream: EntityStream, ids: Iterable[int], moment: str = "") -> None:
        if not deletes.keep(stream.stream_state, ids, moment or stamp(times.now())):
            stream.logger.warning(
                "%s: too many ids to remember in state; deletions aren't noticed", stream.name
            )


def _found(stream: EntityStream, ids: list[int]) -> set[int]:
    """Those ids that can be fetched after all: lists can lag behind, and pages can shift."""
    found: set[int] = set()
    for start in range(0, len(ids), IDS_PER_CALL):
        some = ids[start : start + IDS_PER_CALL]
        query: dict[str, Any] = {"ids": ",".join(map(str, some))}
        for page in pages(stream.client, stream.spec, query):
            found.update(row["id"] for row in page.rows if not row.get("is_deleted"))
    return found
