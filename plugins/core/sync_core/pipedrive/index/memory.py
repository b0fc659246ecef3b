"""How far the remembered index reaches, and what of it may be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sync_core import times
from sync_core.ledger.indexing import Extent, Remembered, Sighting
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import RecordId
from sync_core.pipedrive.envelope import is_gone
from sync_core.pipedrive.index.rows import Key, digest

#: A change may stay out of lists for some time: up to 36 s were seen live.
OVERLAP = timedelta(minutes=2)
#: What lists by time of change may not show (records that were restored, or that became visible)
#: is found at least so often, by reading all of them again.
LASTS = timedelta(days=30)
_DAY = timedelta(days=1).total_seconds()


class Memory:
    """The ledger's index of one list, as one run uses it."""

    def __init__(
        self,
        client: PipedriveClient,
        remembered: Remembered,
        *,
        kind: str,
        viewer: str,
        lasting: bool = True,
    ) -> None:
        """Begin with what an earlier run left.

        Args:
            client: Knows the time by the service's own clock.
            remembered: The ledger's side.
            kind: The ledger's name for the links of these records.
            viewer: Whose credential it is; another one may see other records.
            lasting: Whether later runs know what this one sees. A dry run leaves nothing, or it
                would have foretold tokens that the run after it needn't spend any more.
        """
        self._lasting = lasting
        self._client = client
        self._remembered = remembered
        self._kind = kind
        self._viewer = viewer
        self.extent = remembered.extent()
        #: What the last recall brought: ids by digest of a key, and fingerprints by id.
        self.holders: Mapping[str, set[RecordId]] = {}
        self.stamps: Mapping[RecordId, str] = {}

    @property
    def now(self) -> str:
        """The time by the service's own clock; empty where it doesn't say."""
        return self._client.http.server_time

    @property
    def usable(self) -> bool:
        """Whether what is remembered was the whole list, for the same eyes and not too long ago."""
        extent, now = self.extent, self.now
        if not extent.until or not now or extent.viewer != self._viewer:
            return False
        return extent.until <= now and times.between(extent.at, now) < LASTS.total_seconds()

    @property
    def since(self) -> str:
        """From when on changes have to be read again."""
        return times.earlier(self.extent.until, OVERLAP)

    @property
    def linked(self) -> int:
        """How many records there are at least."""
        return self._remembered.linked(self._kind)

    def own_writes(self) -> int:
        """How many of our own writes a list of changes will show."""
        return self._remembered.written_since(self._kind, self.since)

    def changed(self) -> int:
        """An estimate of how many records changed since: by our own writes, and by others."""
        days = times.between(self.extent.until, self.now) / _DAY
        return self.own_writes() + round(self.extent.daily * days)

    def recall_keys(self, keys: Iterable[Key]) -> None:
        """Look up who was remembered under these keys; without an index, the doubles are."""
        self.holders = self._remembered.holders(map(digest, keys))

    def recall_stamps(self, record_ids: Iterable[RecordId]) -> None:
        """Look up the fingerprints of these records."""
        if self.usable:
            self.stamps = self._remembered.stamps(record_ids)

    def note(self, seen: Iterable[Sighting | None]) -> None:
        """Remember records as they are now; without an index there is nothing to add to."""
        if self.usable:
            self.fill(seen)

    def fill(self, seen: Iterable[Sighting | None]) -> None:
        """Remember records of an index that is being made."""
        self._keep((each for each in seen if each is not None), ())

    def lose(self, record_ids: Sequence[RecordId]) -> None:
        """Note that records aren't there any more."""
        self._keep((), record_ids)

    def begin(self) -> str:
        """Begin an index anew; the time that it will reach to."""
        if self._lasting:
            self._remembered.forget()
        return self.now

    def note_changed(
        self, page: Sequence[Row], seen: Iterable[Sighting | None], *, ordered: bool
    ) -> None:
        """Remember a page of changes, and how far it reaches.

        Args:
            page: The rows.
            seen: The same, as they are remembered.
            ordered: Whether everything before the last of them was read as well.
        """
        gone = [row["id"] for row in page if is_gone(row)]
        last = max((times.comparable(row.get("update_time")) for row in page), default="")
        if last and ordered:
            self.extent = replace(self.extent, until=last)
        self._keep((each for each in seen if each is not None), gone, self.extent)

    def _keep(
        self, seen: Iterable[Sighting], gone: Sequence[RecordId], extent: Extent | None = None
    ) -> None:
        if self._lasting:
            self._remembered.note(seen, gone, extent)

    def caught_up(self, until: str, before: str, others: int) -> None:
        """Note that all changes were read.

        Args:
            until: Up to when.
            before: Up to when they had been read before.
            others: How many records others had changed in between.
        """
        days = max(times.between(before, until) / _DAY, 1 / 24)
        self.keep(until=until, owed=0, daily=round(max(others, 0) / days))

    def distrust(self) -> None:
        """Don't believe it any more in this run."""
        self.extent = replace(self.extent, until="")

    def keep(self, **changes: Any) -> None:
        """Note how far the index goes; not where the service doesn't tell the time."""
        self.extent = replace(self.extent, **changes, viewer=self._viewer)
        if self.now and self._lasting:
            self._remembered.save(self.extent)
