"""The records that were read in this run, small enough to keep a million of them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from sync_core.ledger.indexing import Sighting
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import RecordId
from sync_core.pipedrive.envelope import is_gone
from sync_core.text import spellings

#: A match key: the field that it stands in, and its text as `MatchField.normal` writes it.
Key = tuple[str, str]

#: How a key is searched for: (client, key) -> ids of candidates.
Search = Callable[[PipedriveClient, str], Sequence[RecordId]]

_DIGEST_BYTES = 12
#: A shorter key is a part of too many others to look for it within them; the service asks for two
#: characters at least.
_TELLING = 4
_LONG = 2048
_ENCODER = msgspec.json.Encoder(order="sorted")
#: Not part of what a record says: every write moves the time, whatever it wrote.
_NO_VALUES = frozenset({"id", "update_time"})


@dataclass(frozen=True)
class MatchField:
    """A field that a match key stands in.

    Attributes:
        key: Field key.
        normal: Reduces a stored value to comparable keys, one for each e-mail of a person.
        search: How its keys are searched for; None where the service can't search the field.
        within: The same for a key with blanks around it, where such may be stored and `search`
            may not find it; None where there is no need, or no way.
        tidy: Writes a source's key as `normal` writes the stored one, where the two may differ.
        form: Tells it from another one in the same field, which reduces values otherwise.
    """

    key: str
    normal: Callable[[Any], Sequence[str]]
    search: Search | None
    tidy: Callable[[str], str] = str
    form: str = ""
    within: Search | None = None

    @property
    def name(self) -> str:
        """What an index of such keys is known by."""
        return self.key + self.form

    def searches(self, key: str) -> list[tuple[Search, str]]:
        """How a key is searched for, until it is found.

        Whether an accent that is stored in parts is found isn't documented, nor is a text that is
        stored with blanks around it: what isn't found is searched for in these forms as well.
        """
        if self.search is None:
            return []
        known = [(self.search, spelling) for spelling in spellings(key)]
        if self.within is not None and len(key) >= _TELLING:
            known.append((self.within, key))
        return known

    def finds(self, stored: Any, keys: Iterable[str]) -> bool:
        """Whether a record with this value is found by one of a source's keys."""
        known = self.normal(stored)
        return any(self.tidy(key) in known for key in keys)


@dataclass(frozen=True)
class Want:
    """What has to be known for one item.

    Attributes:
        record_id: The record that it is linked to, if it is.
        stamp: Fingerprint of that record with which it needn't be read; empty: it has to be.
        keys: The item's match keys.
        create: Whether a record is made where none is found, so that it has to be certain.
        taken: Whether what its keys found was another one's: as long as that has one of them,
            nothing is to be searched for.
    """

    record_id: RecordId | None
    stamp: str
    keys: tuple[Key, ...]
    create: bool
    taken: bool = False


def digest(key: Key) -> str:
    """A match key's digest, which is all that is remembered of it."""
    text = "\0".join(key).encode()
    return hashlib.blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()


def stamp(values: Mapping[str, Any]) -> str:
    """A fingerprint of a record's values; empty where its changes can't be noticed.

    Lists by time of change leave out records whose time is null, as was seen live: such a record
    may have changed at any time, so nothing vouches for it.
    """
    if not values.get("update_time"):
        return ""
    said = {
        key: value
        for key, value in values.items()
        if key not in _NO_VALUES and value not in (None, "", [], {})
    }
    return hashlib.blake2b(_ENCODER.encode(said), digest_size=_DIGEST_BYTES).hexdigest()


def in_order(record_ids: Iterable[RecordId]) -> list[RecordId]:
    """Ids of one entity, sorted: all of them are numbers, or all are text."""
    return sorted(record_ids, key=_by_value)


def _by_value(record_id: RecordId) -> Any:
    return record_id


def _packed(row: bytes) -> bytes:
    """A row in little room: the texts of notes are long, and there may be many."""
    return zlib.compress(row, 1) if len(row) > _LONG else row


def _unpacked(row: bytes) -> bytes:
    return row if row.startswith(b"{") else zlib.decompress(row)


class Rows:
    """Records by id and by match key."""

    def __init__(
        self,
        match_fields: Sequence[MatchField],
        fields: frozenset[str],
        record_id: Callable[[RecordId], RecordId] = int,
    ) -> None:
        """Start empty.

        Args:
            match_fields: Where match keys stand.
            fields: Field keys to keep of each record; the rest is let go to save memory.
            record_id: An id as the entity has it.
        """
        self._match_fields = match_fields
        self._record_id = record_id
        self._fields = sorted(fields)
        self._rows: dict[RecordId, bytes] = {}
        self._holders: dict[str, RecordId | tuple[RecordId, ...]] = {}
        #: Records that were looked for and aren't there.
        self.gone: set[RecordId] = set()

    def __len__(self) -> int:
        """How many records are known."""
        return len(self._rows)

    def __contains__(self, record_id: object) -> bool:
        """Whether a record is known and not deleted."""
        return record_id in self._rows

    def __getitem__(self, record_id: RecordId) -> dict[str, Any]:
        """A record's kept fields, flat, by key."""
        row: dict[str, Any] = msgspec.json.decode(_unpacked(self._rows[record_id]))
        return row

    def add(self, row: Row) -> Sighting | None:
        """Note a record as it is now; None if it is deleted."""
        record_id = self._record_id(row["id"])
        if is_gone(row):
            self.lose(record_id)
            return None
        values = self._flat(row)
        self.gone.discard(record_id)
        self._rows[record_id] = _packed(_ENCODER.encode(values))
        seen = self._sighting(record_id, values)
        for key in seen.keys:
            self._hold(key, record_id)
        return seen

    def sighting(self, record_id: RecordId) -> Sighting:
        """What is to be remembered of a known record."""
        return self._sighting(record_id, self[record_id])

    def _sighting(self, record_id: RecordId, values: Mapping[str, Any]) -> Sighting:
        keys = tuple(digest(key) for key in self._keys(values))
        return Sighting(record_id, keys, stamp(values))

    def stamp(self, record_id: RecordId) -> str:
        """A known record's fingerprint."""
        return stamp(self[record_id])

    def lose(self, record_id: RecordId) -> None:
        """Note that a record isn't there."""
        self._rows.pop(record_id, None)
        self.gone.add(record_id)

    def ids(self, keys: Iterable[Key]) -> list[RecordId]:
        """Records that have one of these keys now."""
        wanted = set(keys)
        near = {each for key in wanted for each in self._held(digest(key))} & self._rows.keys()
        return in_order(each for each in near if wanted & set(self._keys(self[each])))

    def _flat(self, row: Row) -> dict[str, Any]:
        custom = row.get("custom_fields") or {}
        return {key: custom[key] if key in custom else row.get(key) for key in self._fields}

    def _keys(self, values: Mapping[str, Any]) -> list[Key]:
        return [
            (field.key, text)
            for field in self._match_fields
            for text in field.normal(values.get(field.key))
        ]

    def _held(self, key: str) -> tuple[RecordId, ...]:
        held = self._holders.get(key, ())
        return held if isinstance(held, tuple) else (held,)

    def _hold(self, key: str, record_id: RecordId) -> None:
        held = self._held(key)
        if record_id not in held:
            self._holders[key] = (*held, record_id) if held else record_id
