"""Records of one entity: remembered, read again where they changed, or read one by one or all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync_core.errors import BudgetSpentError
from sync_core.ledger.indexing import Sighting
from sync_core.ledger.prices import Lookups
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import Entity, RecordId
from sync_core.pipedrive.index.asking import Asking
from sync_core.pipedrive.index.costs import Need, Way, choose, finding
from sync_core.pipedrive.index.memory import Memory
from sync_core.pipedrive.index.reading import Reading
from sync_core.pipedrive.index.rows import Key, MatchField, Want
from sync_core.text import number_of

log = logging.getLogger(__name__)


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
        self._memory = memory
        self._reading = Reading(client, entity, match_fields, fields, memory)
        self._asking = Asking(self._reading, expected)
        self._rows = self._reading.rows
        self._said: set[Way] = set()
        #: Why not all could be looked up; empty while they could.
        self.too_dear = ""

    def __contains__(self, record_id: object) -> bool:
        """Whether a record was read in this run and isn't deleted."""
        return record_id in self._rows

    def __getitem__(self, record_id: RecordId) -> Mapping[str, Any]:
        """A record's kept fields, flat, by key."""
        return self._rows[record_id]

    def stamp(self, record_id: RecordId) -> str:
        """Fingerprint of a record that was read in this run."""
        return self._rows.stamp(record_id)

    def vouches(self, want: Want) -> bool:
        """Whether a linked record certainly is as it was when its fingerprint was taken."""
        return self._asking.vouches(want)

    def ids(self, keys: Iterable[Key]) -> list[RecordId]:
        """Records that have one of these keys, as they were read in this run."""
        return self._rows.ids(keys)

    def why_hidden(self, record_id: RecordId | None, keys: Iterable[Key]) -> str:
        """Why a record, or who has one of some keys, may not be read; empty where none is known."""
        return self._reading.hidden.why(record_id, keys)

    def add(self, row: Row) -> Sighting | None:
        """Note a record as it is now."""
        return self._rows.add(row)

    def see(self, record_ids: Iterable[RecordId]) -> None:
        """Read these records, unless they were read in this run."""
        self._reading.read(each for each in record_ids if self._reading.is_unknown(each))

    def lose(self, record_id: RecordId) -> None:
        """Note that a record isn't there any more."""
        self._rows.lose(record_id)
        self._memory.lose([record_id])

    def price(self, lookups: Lookups | None, *, create: bool) -> int:
        """Tokens that it costs to know all that may be asked for, by what is known now.

        Args:
            lookups: How many are expected to be asked for; None where nobody knows.
            create: Whether those that aren't found are made, and so have to be looked for.
        """
        if self._reading.complete or self._reading.fresh:
            return 0
        need = None if lookups is None else self._expected(lookups, create=create)
        return finding(self._asking.known(), need)

    def _expected(self, lookups: Lookups, *, create: bool) -> Need:
        fields = self._reading.match_fields.values()
        return Need(
            linked=lookups.linked,
            keys=lookups.unlinked,
            doubtful=lookups.unlinked if create else 0,
            searchable=all(field.search is not None for field in fields),
        )

    def look_up(self, wants: Sequence[Want]) -> int:
        """Get to know the records of some items, in the cheapest way.

        Returns:
            Of how many of them, from the first on: as many as the run can afford, and to write to.

        Raises:
            BudgetSpentError: Of none.
            ApiError: A list or search failed; nothing is known then of what it would have found.
        """
        ways: Mapping[Way, Callable[[], None]] = {
            Way.SCAN: self._reading.scan,
            Way.CATCH_UP: self._reading.catch_up,
            Way.PROBE: self._reading.probe,
        }
        while not self._reading.complete and not (need := self._asking.need(wants)).nothing:
            known = self._asking.known()
            way, costs = choose(need, known)
            alone = way is Way.ONE_BY_ONE
            # The next run wouldn't know what was read alone, so it has to be written by this one.
            writes = len(wants) * self._entity.prices.write if alone else 0
            if not self._affords(costs.get(way, 0) - (known.spent if alone else 0), writes):
                return self._few(wants)
            self._say(way, costs)
            if alone:
                return self._one_by_one(wants)
            ways[way]()
        return len(wants)

    def _affords(self, tokens: int, writes: int) -> bool:
        left = self._client.budget.remaining
        if left is None or tokens + writes <= left:
            return True
        also = f", and writing to each {writes:,}" if writes else ""
        self.too_dear = (
            f"finding each {self._entity.name} costs about {number_of(tokens, 'token')}{also}; "
            f"this run may spend {left:,} more (daily_token_share): the next run goes on "
            "where this one stopped"
        )
        return False

    def _few(self, wants: Sequence[Want]) -> int:
        """Look up as many as there are tokens for, one by one: a little each day, but never none.

        To begin what can't be finished would spend the same tokens day after day for nothing.
        """
        left, count, prices = self._client.budget.remaining or 0, 0, self._entity.prices
        for want in wants:
            keys = self._asking.open_keys(self._asking.unlinked([want]))
            searchable = self._asking.searchable(want.keys) or not keys
            left -= prices.write + prices.one
            left -= self._asking.searches(keys) * prices.search + len(keys) * prices.one
            if left < 0 or not searchable:
                break
            count += 1
        if not count:
            raise BudgetSpentError(self.too_dear)
        log.info("%s; %s of %s are looked up", self.too_dear, f"{count:,}", f"{len(wants):,}")
        return self._one_by_one(wants[:count])

    def _say(self, way: Way, costs: Mapping[Way, int]) -> None:
        """Say what is done and why, once for each way."""
        if way in self._said or way is Way.PROBE:
            return
        self._said.add(way)
        others = ", ".join(f"to {w.value} {cost:,}" for w, cost in costs.items() if w is not way)
        log.info(
            "to find each %s: %s, for about %s in all%s",
            self._entity.name,
            way.value,
            number_of(costs.get(way, 0), "token"),
            f" ({others})" if others else "",
        )

    def _one_by_one(self, wants: Sequence[Want]) -> int:
        """Read linked records and those remembered under a key; search for what has to be sure.

        Returns:
            Of how many of them: those behind a linked one that is gone, and can't be looked for by
            its keys any more, count as not looked up either.
        """
        asking, spent = self._asking, self._client.http.usage.tokens
        linked = asking.linked(w for w in wants if not self.vouches(w))
        self._reading.read(linked)
        unlinked = asking.unlinked(wants)
        lost = [w for w in unlinked if w.record_id in linked]
        if self._reading.fresh:
            self._memory.recall_keys(asking.open_keys(unlinked))
            self._reading.read(asking.hits(asking.open_keys(unlinked)))
            open_wants = [w for w in unlinked if w.create and not self._rows.ids(w.keys)]
        else:
            self._memory.recall_keys(asking.open_keys(unlinked))
            self._reading.read(asking.doubles(unlinked))
            open_wants = [w for w in unlinked if w not in lost and not asking.is_double(w)]
        again = asking.open_keys(want for want in open_wants if want.taken)
        self._reading.find(asking.open_keys(open_wants), again)
        self._reading.note_spent(self._client.http.usage.tokens - spent)
        if lost and not self._reading.fresh:
            count = self.look_up([replace(want, record_id=None) for want in lost])
            if count < len(lost):
                return next(at for at, want in enumerate(wants) if want is lost[count])
        return len(wants)
