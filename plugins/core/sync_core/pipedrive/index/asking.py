"""What is to be found out of some items' records, and what the choice of a way rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync_core.pipedrive.endpoints import RecordId
from sync_core.pipedrive.index.costs import Known, Need
from sync_core.pipedrive.index.reading import Reading
from sync_core.pipedrive.index.rows import Key, Want, digest


class Asking:
    """Questions that what was read, and what is remembered, leave open."""

    def __init__(self, reading: Reading, expected: int) -> None:
        """Prepare.

        Args:
            reading: What was read.
            expected: How many records this run may ask for.
        """
        self._reading = reading
        self._rows = reading.rows
        self._memory = reading.memory
        self._expected = expected

    def vouches(self, want: Want) -> bool:
        """Whether a linked record certainly is as it was when its fingerprint was taken."""
        record_id = want.record_id
        if not self._reading.fresh or record_id is None or record_id in self._rows.gone:
            return False
        return bool(want.stamp) and self._memory.stamps.get(record_id) == want.stamp

    def unlinked(self, wants: Iterable[Want]) -> list[Want]:
        """Those whose record isn't known by its id."""
        return [w for w in wants if w.record_id is None or w.record_id in self._rows.gone]

    def linked(self, wants: Iterable[Want]) -> set[RecordId]:
        """Linked records that nothing is known of in this run."""
        ids = {want.record_id for want in wants if want.record_id is not None}
        return {each for each in ids if self._reading.is_unknown(each)}

    def need(self, wants: Sequence[Want]) -> Need:
        """Count what isn't known yet; what is remembered tells what there is to read."""
        linked, unlinked = self.linked(wants), self.unlinked(wants)
        self._memory.recall_stamps(linked)
        self._memory.recall_keys(self.open_keys(unlinked))
        if not self._reading.fresh:
            linked |= self.doubles(unlinked)
            unlinked = [want for want in unlinked if not self.is_double(want)]
        keys = self.open_keys(unlinked)
        vouched = {w.record_id for w in wants if w.stamp and self._suffices(w)} & linked
        doubtful = self.open_keys(w for w in unlinked if w.create and not self._remembered(w))
        fresh, hits = self._reading.fresh, self.hits(keys)
        return Need(
            linked=0 if fresh and vouched == linked else len(linked),
            unvouched=len(linked - vouched),
            keys=0 if fresh and not (doubtful or hits) else len(keys),
            hits=len(hits),
            doubtful=len(doubtful),
            again=self.searches(doubtful) - len(doubtful),
            searchable=self.searchable(keys),
        )

    def searches(self, keys: Iterable[Key]) -> int:
        """How many searches these keys take, should none of them be found."""
        fields = self._reading.match_fields
        return sum(max(1, len(fields[name].searches(text))) for name, text in keys)

    def searchable(self, keys: Iterable[Key]) -> bool:
        """Whether the service can search for all of these keys."""
        return all(self._reading.match_fields[key[0]].search is not None for key in keys)

    def _suffices(self, want: Want) -> bool:
        """Whether a fingerprint is enough; one that differs was taken of our own later write.

        Reading what changed brings that record with it.
        """
        return not self._reading.fresh or self._memory.stamps.get(want.record_id or 0) == want.stamp

    def open_keys(self, wants: Iterable[Want]) -> set[Key]:
        """Their keys that weren't searched for yet."""
        keys = {key for want in wants for key in want.keys}
        return {key for key in keys if digest(key) not in self._reading.searched}

    def hits(self, keys: Iterable[Key]) -> set[RecordId]:
        """Records remembered under these keys that weren't read yet."""
        near = {each for key in keys for each in self._memory.holders.get(digest(key), ())}
        return {each for each in near if self._reading.is_unknown(each)}

    def doubles(self, wants: Iterable[Want]) -> set[RecordId]:
        """Records to be read of wants that `is_double` knows."""
        return {each for want in wants if self.is_double(want) for each in self.hits(_first(want))}

    def is_double(self, want: Want) -> bool:
        """Whether several records have, or had when they were last seen, the first of its keys.

        Of one that is taken, a single one is enough. As long as they have it, whatever else has one
        of its keys decides nothing.
        """
        first = _first(want)
        return len(self.hits(first) | set(self._rows.ids(first))) > (0 if want.taken else 1)

    def _remembered(self, want: Want) -> bool:
        return bool(self.hits(want.keys)) or bool(self._rows.ids(want.keys))

    def known(self) -> Known:
        """What the choice of a way rests on."""
        memory, size, fresh = self._memory, self._memory.extent.size, self._reading.fresh
        return Known(
            size=size,
            linked=memory.linked if not size else 0,
            changed=memory.changed() if memory.usable and not fresh else None,
            fresh=fresh,
            spent=self._reading.spent,
            expected=self._expected,
            archive=self._reading.entity.archive is not None,
            prices=self._reading.entity.prices,
        )


def _first(want: Want) -> list[Key]:
    """Its keys in the first of the fields."""
    return [key for key in want.keys if key[0] == want.keys[0][0]]
