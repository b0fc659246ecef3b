"""The ways of getting to know records: all of them, what changed, or each one alone."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice

from sync_core.errors import NotFoundError, PermissionDeniedError
from sync_core.pipedrive import endpoints, lists
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import Entity, RecordId
from sync_core.pipedrive.index.costs import reading
from sync_core.pipedrive.index.hidden import Hidden
from sync_core.pipedrive.index.memory import Memory
from sync_core.pipedrive.index.rows import Key, MatchField, Rows, digest, in_order
from sync_core.text import number_of

log = logging.getLogger(__name__)

_SAVED_AT_ONCE = 10


class Reading:
    """The records of one entity that were read in this run.

    Attributes:
        entity: What they are.
        memory: What is remembered of them.
        rows: What was read.
        hidden: What may not be read.
        match_fields: Where the match keys stand, by the field's key.
        searched: Digests of the keys that were searched for.
        complete: Whether all of them were read.
        fresh: Whether what is remembered is up to date.
        spent: Tokens that went to single records since it last was.
    """

    def __init__(
        self,
        client: PipedriveClient,
        entity: Entity,
        match_fields: Sequence[MatchField],
        fields: frozenset[str],
        memory: Memory,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            client: The connection.
            entity: What is read.
            match_fields: Where the match keys stand.
            fields: Field keys to keep of each record.
            memory: What is remembered of them.
        """
        self.client = client
        self.entity = entity
        self.memory = memory
        self.rows = Rows(match_fields, fields, int if entity.numbered else str)
        self.hidden = Hidden(entity)
        self.match_fields = {field.key: field for field in match_fields}
        self.searched: set[str] = set()
        self.complete = False
        self.fresh = False
        self.spent = memory.extent.owed

    def note_spent(self, tokens: int) -> None:
        """Count what single records cost."""
        self.spent += tokens
        if self.memory.usable and not self.fresh and tokens:
            self.memory.keep(owed=self.spent)

    def read(self, record_ids: Iterable[RecordId]) -> None:
        """Get to know these records, each as its own answer says; what isn't there is gone."""
        wanted = in_order(record_ids)
        together = self._together(len(wanted))
        rows = list(self.client.by_ids(self.entity, wanted[:together]))
        single = wanted[together:]
        # Lists lag, and whether one by ids has archived records isn't known: what it doesn't show
        # may be there all the same.
        listed = {self.entity.record_id(row["id"]) for row in rows}
        single += [each for each in wanted[:together] if each not in listed]
        for each in single:
            rows += self._one(each, alone=not (rows or self.rows))
        self._note(rows)
        gone = [each for each in wanted if each not in self.rows and each not in self.hidden]
        for each in gone:
            self.rows.lose(each)
        self.memory.lose(gone)

    def is_unknown(self, record_id: RecordId) -> bool:
        """Whether nothing is known of a record in this run."""
        known = record_id in self.rows or record_id in self.rows.gone
        return not known and record_id not in self.hidden

    def _together(self, count: int) -> int:
        """How many of so many records are read by the hundred: the last few only where it pays."""
        prices = self.entity.prices
        if prices.by_ids == 1:
            return 0
        together = count // prices.by_ids * prices.by_ids
        return count if reading(count - together, prices) == prices.listing else together

    def _one(self, record_id: RecordId, *, alone: bool) -> list[Row]:
        try:
            return [self.client.one(self.entity, record_id)]
        except NotFoundError:
            return []
        except PermissionDeniedError as error:
            self.hidden.note(record_id, error, alone=alone)
            return []

    def find(self, keys: Iterable[Key], again: Collection[Key] = ()) -> None:
        """Search for keys. A hit is only a projection: the record itself is read.

        Args:
            keys: What to search for.
            again: Those of them that come again, so that whoever has them is only read then.
        """
        for key in sorted(keys):
            field = self.match_fields[key[0]]
            if field.search is None:
                self.scan()
                return
            for search, spelling in field.searches(key[1]):
                hits = search(self.client, spelling)
                self.read(e for e in hits if e not in self.rows and e not in self.hidden)
                self.hidden.note_hits(key, hits)
                if found := self.rows.ids([key]):
                    break
            self.searched.add(digest(key))
            if len(found) > 1 or key in again:  # what several match comes again as well
                self.memory.fill(self.rows.sighting(each) for each in found)

    def _note(self, rows: Iterable[Row]) -> None:
        """Take in records as they are now, and remember what there is to remember."""
        self.memory.note([self.rows.add(row) for row in rows])

    def probe(self) -> None:
        """Read the newest records: they may be all, or tell about how many there are."""
        newest, more = lists.newest(self.client, self.entity)
        if not more:
            self._take_all(chain([newest], lists.archived(self.client, self.entity)))
            return
        self._note(newest)
        self.memory.keep(size=self._estimate(newest))

    def _estimate(self, newest: Sequence[Row]) -> int:
        """How many records there are, by the gaps between ids; ids that are text have none."""
        if not (self.entity.numbered and newest):
            return max(len(newest) + 1, self.memory.linked)
        ids = [int(row["id"]) for row in newest]
        density = len(ids) / (max(ids) - min(ids) + 1)
        return max(len(ids) + 1, round(max(ids) * density))

    def scan(self) -> None:
        """Read all of them."""
        log.info("reading every %s of Pipedrive to match by", self.entity.name)
        self._take_all(lists.every(self.client, self.entity))

    def _take_all(self, pages: Iterator[Sequence[Row]]) -> None:
        started = self.memory.begin()
        while some := [row for page in islice(pages, _SAVED_AT_ONCE) for row in page]:
            self.memory.fill([self.rows.add(row) for row in some])
        self.complete = True
        size = max(len(self.rows), 1)
        self.memory.keep(until=started, at=started, size=size, owed=0)
        log.info("%s read", number_of(len(self.rows), self.entity.name, self.entity.plural))

    def catch_up(self) -> None:
        """Read what changed since, where possible oldest change first: so none is read in vain."""
        memory = self.memory
        # Two lists have each an order of their own; those of API v1 aren't read by time of change.
        ordered = self.entity.archive is None and self.entity.offsets is None
        started, before, own = memory.now, memory.extent, memory.own_writes()
        most = max(1, -(-before.size // endpoints.PAGE_SIZE))
        count = 0
        for number, page in enumerate(lists.changed(self.client, self.entity, memory.since), 1):
            memory.note_changed(page, [self.rows.add(row) for row in page], ordered=ordered)
            count += len(page)
            if number >= most and len(page) >= endpoints.PAGE_SIZE:
                log.info("more %s changed than it pays to read", self.entity.plural)
                memory.distrust()
                return
        self.fresh, self.spent = True, 0
        memory.caught_up(started, before.until, count - own)
