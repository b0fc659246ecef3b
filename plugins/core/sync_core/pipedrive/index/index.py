"""Records of one entity: remembered, read again where they changed, or read one by one or all."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from sync_core.errors import BudgetSpentError, NotFoundError
from sync_core.ledger.indexing import Sighting
from sync_core.pipedrive import endpoints
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import Entity
from sync_core.pipedrive.index.costs import Known, Need, Way, choose, listing, reading
from sync_core.pipedrive.index.memory import Memory
from sync_core.pipedrive.index.rows import Key, MatchField, Rows, Want, digest

log = logging.getLogger(__name__)

_SAVED_AT_ONCE = 10


class Index:
    """What is known of the records of one entity, for one set of match fields."""

    def __init__(  # noqa: PLR0913 - what to index, and everything that the choice rests on
        self,
        client: PipedriveClient,
        entity: Entity,
        match_fields: Sequence[MatchField],
        fields: frozenset[str],
        memory: Memory,
        *,
        expected: int = 0,
    ) -> None:
        """Start with what is remembered.

        Args:
            client: The connection.
            entity: What is indexed.
            match_fields: Where the match keys stand.
            fields: Field keys to keep of each record.
            memory: What is remembered of them.
            expected: How many records this run may ask for.
        """
        self._client = client
        self._entity = entity
        self._search = {field.key: field.search for field in match_fields}
        self._memory = memory
        self._expected = expected
        self._rows = Rows(match_fields, fields)
        self._complete = False
        self._fresh = False
        self._searched: set[str] = set()
        self._spent = memory.extent.owed
        self._said: set[Way] = set()
        #: Why not all could be looked up; empty while they could.
        self.too_dear = ""

    def __contains__(self, record_id: object) -> bool:
        """Whether a record was read in this run and isn't deleted."""
        return record_id in self._rows

    def __getitem__(self, record_id: int) -> Mapping[str, Any]:
        """A record's kept fields, flat, by key."""
        return self._rows[record_id]

    def stamp(self, record_id: int) -> str:
        """Fingerprint of a record that was read in this run."""
        return self._rows.stamp(record_id)

    def vouches(self, want: Want) -> bool:
        """Whether a linked record certainly is as it was when its fingerprint was taken."""
        record_id = want.record_id
        if not self._fresh or record_id is None or record_id in self._rows.gone:
            return False
        return bool(want.stamp) and self._memory.stamps.get(record_id) == want.stamp

    def ids(self, keys: Iterable[Key]) -> list[int]:
        """Records that have one of these keys, as they were read in this run."""
        return self._rows.ids(keys)

    def add(self, row: Row) -> Sighting | None:
        """Note a record as it is now."""
        return self._rows.add(row)

    def lose(self, record_id: int) -> None:
        """Note that a record isn't there any more."""
        self._rows.lose(record_id)
        self._memory.lose([record_id])

    def price(self) -> int:
        """Tokens that it costs to know all that may be asked for, by what is known now."""
        if self._complete or self._fresh:
            return 0
        known = self._known()
        if known.changed is not None:
            return min(listing(known.changed), listing(known.size))
        return listing(known.size) if known.size else endpoints.LIST + listing(known.linked)

    def look_up(self, wants: Sequence[Want]) -> int:
        """Get to know the records of some items, in the cheapest way.

        Returns:
            Of how many of them, from the first on: as many as the run can afford, and to write to.

        Raises:
            BudgetSpentError: Of none.
            ApiError: A list or search failed; nothing is known then of what it would have found.
        """
        while not self._complete and not (need := self._need(wants)).nothing:
            known = self._known()
            way, costs = choose(need, known)
            if not self._affords(costs.get(way, 0) - (known.spent if way is Way.ONE_BY_ONE else 0)):
                return self._few(wants)
            self._say(way, costs)
            if way is Way.SCAN:
                self._scan()
            elif way is Way.CATCH_UP:
                self._catch_up()
            elif way is Way.PROBE:
                self._probe()
            else:
                self._one_by_one(wants)
                break
        return len(wants)

    def _affords(self, tokens: int) -> bool:
        left = self._client.budget.remaining
        if left is None or tokens <= left:
            return True
        self.too_dear = (
            f"finding each {self._entity.name} costs about {tokens} tokens, and this run may spend "
            f"{left} more (daily_token_share): the next run goes on where this one stopped"
        )
        return False

    def _few(self, wants: Sequence[Want]) -> int:
        """Look up as many as there are tokens for, one by one: a little each day, but never none.

        To begin what can't be finished would spend the same tokens day after day for nothing.
        """
        left, count = self._client.budget.remaining or 0, 0
        for want in wants:
            keys = len(self._open_keys(self._unlinked([want])))
            searchable = all(self._search[key[0]] for key in want.keys) or not keys
            left -= endpoints.WRITE + endpoints.GET_ONE
            left -= keys * (endpoints.SEARCH + endpoints.GET_ONE)
            if left < 0 or not searchable:
                break
            count += 1
        if not count:
            raise BudgetSpentError(self.too_dear)
        log.info("%s; %d of %d are looked up", self.too_dear, count, len(wants))
        self._one_by_one(wants[:count])
        return count

    # What is to be found out, and what is known

    def _unlinked(self, wants: Iterable[Want]) -> list[Want]:
        return [w for w in wants if w.record_id is None or w.record_id in self._rows.gone]

    def _linked(self, wants: Iterable[Want]) -> set[int]:
        ids = {want.record_id for want in wants if want.record_id is not None}
        return {each for each in ids if each not in self._rows and each not in self._rows.gone}

    def _need(self, wants: Sequence[Want]) -> Need:
        """Count what isn't known yet; what is remembered tells what there is to read."""
        linked, unlinked = self._linked(wants), self._unlinked(wants)
        keys = self._open_keys(unlinked)
        self._memory.recall_stamps(linked)
        self._memory.recall_keys(keys)
        vouched = {w.record_id for w in wants if w.stamp and self._suffices(w)} & linked
        doubtful = self._open_keys(w for w in unlinked if w.create and not self._remembered(w))
        return Need(
            linked=0 if self._fresh and vouched == linked else len(linked),
            unvouched=len(linked - vouched),
            keys=0 if self._fresh and not (doubtful or self._hits(keys)) else len(keys),
            hits=len(self._hits(keys)),
            doubtful=len(doubtful),
            searchable=all(self._search[key[0]] is not None for key in keys),
        )

    def _suffices(self, want: Want) -> bool:
        """Whether a fingerprint is enough; one that differs was taken of our own later write.

        Reading what changed brings that record with it.
        """
        return not self._fresh or self._memory.stamps.get(want.record_id or 0) == want.stamp

    def _open_keys(self, wants: Iterable[Want]) -> set[Key]:
        keys = {key for want in wants for key in want.keys}
        return {key for key in keys if digest(key) not in self._searched}

    def _hits(self, keys: Iterable[Key]) -> set[int]:
        """Records remembered under these keys that weren't read yet."""
        near = {each for key in keys for each in self._memory.holders.get(digest(key), ())}
        return {each for each in near if each not in self._rows and each not in self._rows.gone}

    def _remembered(self, want: Want) -> bool:
        return bool(self._hits(want.keys)) or bool(self._rows.ids(want.keys))

    def _known(self) -> Known:
        memory, size = self._memory, self._memory.extent.size
        return Known(
            size=size,
            linked=memory.linked if not size else 0,
            changed=memory.changed() if memory.usable and not self._fresh else None,
            fresh=self._fresh,
            spent=self._spent,
            expected=self._expected,
        )

    def _say(self, way: Way, costs: Mapping[Way, int]) -> None:
        """Say what is done and why, once for each way."""
        if way in self._said or way is Way.PROBE:
            return
        self._said.add(way)
        others = ", ".join(f"to {w.value} {cost}" for w, cost in costs.items() if w is not way)
        log.info(
            "to find each %s: %s, for about %d tokens%s",
            self._entity.name,
            way.value,
            costs.get(way, 0),
            f" ({others})" if others else "",
        )

    # The ways

    def _one_by_one(self, wants: Sequence[Want]) -> None:
        """Read linked records and those remembered under a key; search for what has to be sure."""
        spent = self._client.http.usage.tokens
        linked = self._linked(w for w in wants if not self.vouches(w))
        self._read(linked)
        unlinked = self._unlinked(wants)
        lost = [w for w in unlinked if w.record_id in linked]
        if self._fresh:
            self._memory.recall_keys(self._open_keys(unlinked))
            self._read(self._hits(self._open_keys(unlinked)))
            open_wants = [w for w in unlinked if w.create and not self._rows.ids(w.keys)]
        else:
            open_wants = [w for w in unlinked if w not in lost]
        self._find(self._open_keys(open_wants))
        self._spend(self._client.http.usage.tokens - spent)
        if lost and not self._fresh:
            self.look_up([replace(want, record_id=None) for want in lost])

    def _spend(self, tokens: int) -> None:
        self._spent += tokens
        if self._memory.usable and not self._fresh and tokens:
            self._memory.keep(owed=self._spent)

    def _read(self, record_ids: Iterable[int]) -> None:
        """Get to know these records, each as its own answer says; what isn't there is gone."""
        wanted = sorted(record_ids)
        together = len(wanted) // endpoints.IDS_PER_CALL * endpoints.IDS_PER_CALL
        if reading(len(wanted) - together) == endpoints.LIST:
            together = len(wanted)
        rows = list(self._client.by_ids(self._entity, wanted[:together]))
        single = wanted[together:]
        if self._entity.archive is not None:  # whether a list by ids has archived ones isn't known
            listed = {int(row["id"]) for row in rows}
            single += [each for each in wanted[:together] if each not in listed]
        rows += [row for each in single if (row := self._one(each))]
        self._note(rows)
        gone = [each for each in wanted if each not in self._rows]
        for each in gone:
            self._rows.lose(each)
        self._memory.lose(gone)

    def _one(self, record_id: int) -> Row | None:
        try:
            return self._client.one(self._entity, record_id)
        except NotFoundError:
            return None

    def _find(self, keys: Iterable[Key]) -> None:
        """Search for keys. A hit is only a projection: the record itself is read."""
        for key in sorted(keys):
            search = self._search[key[0]]
            if search is None:
                self._scan()
                return
            hits = search(self._client, key[1])
            self._read(each for each in hits if each not in self._rows)
            self._searched.add(digest(key))

    def _note(self, rows: Iterable[Row]) -> None:
        """Take in records as they are now, and remember what there is to remember."""
        self._memory.note([self._rows.add(row) for row in rows])

    def _probe(self) -> None:
        """Read the newest records: they may be all, and their ids tell about how many there are."""
        newest, more = self._client.newest(self._entity)
        if not more:
            self._take_all(chain([newest], self._client.archived(self._entity)))
            return
        self._note(newest)
        ids = [int(row["id"]) for row in newest]
        density = len(ids) / (max(ids) - min(ids) + 1)
        self._memory.keep(size=max(len(ids) + 1, round(max(ids) * density)))

    def _scan(self) -> None:
        log.info("reading every %s of Pipedrive to match by", self._entity.name)
        self._take_all(self._client.every(self._entity))

    def _take_all(self, pages: Iterator[Sequence[Row]]) -> None:
        started = self._memory.begin()
        while some := [row for page in islice(pages, _SAVED_AT_ONCE) for row in page]:
            self._memory.fill([self._rows.add(row) for row in some])
        self._complete = True
        size = max(len(self._rows), 1)
        self._memory.keep(until=started, at=started, size=size, owed=0)
        log.info("%d %ss read", len(self._rows), self._entity.name)

    def _catch_up(self) -> None:
        """Read what changed since, oldest change first, so that what was read is never in vain."""
        memory, ordered = self._memory, not self._entity.archive  # two lists, each in its own order
        started, before, own = memory.now, memory.extent, memory.own_writes()
        most = max(1, -(-before.size // endpoints.PAGE_SIZE))
        query = {
            "updated_since": f"{memory.since[:19]}Z",  # fractions are refused, as was seen live
            "sort_by": "update_time",
            "sort_direction": "asc",
        }
        count = 0
        for number, page in enumerate(self._client.every(self._entity, query), 1):
            memory.note_changed(page, [self._rows.add(row) for row in page], ordered=ordered)
            count += len(page)
            if number >= most and len(page) >= endpoints.PAGE_SIZE:
                log.info("more %ss changed than it pays to read", self._entity.name)
                memory.distrust()
                return
        self._fresh, self._spent = True, 0
        memory.caught_up(started, before.until, count - own)
