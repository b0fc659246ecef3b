"""What is known of Pipedrive's records in this run, found at the least cost in tokens."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_core.pipedrive import endpoints
from sync_core.pipedrive.client import PipedriveClient, Row, rows
from sync_core.pipedrive.endpoints import Entity

log = logging.getLogger(__name__)

#: Assumed size of an account that was never listed: large enough that few rows are searched.
_UNKNOWN_SIZE = 10_000


@dataclass(frozen=True)
class MatchField:
    """The field that an entity's match key stands in.

    Attributes:
        key: Field key.
        normal: Reduces a stored value to comparable keys, one for each e-mail of a person.
        search: (client, key) -> ids of candidates; None where the service can't search the field.
    """

    key: str
    normal: Callable[[Any], Sequence[str]]
    search: Callable[[PipedriveClient, str], list[int]] | None


class Index:
    """Records of one entity: those asked for, or all of them, whichever costs less.

    A list page costs 10 tokens for 500 rows, a batch of ids 10 for 100, a search 20 for each key.
    """

    def __init__(
        self,
        client: PipedriveClient,
        entity: Entity,
        match_field: MatchField,
        fields: frozenset[str],
        known: int,
    ) -> None:
        """Start empty.

        Args:
            client: The connection.
            entity: What is indexed.
            match_field: Where the match key stands.
            fields: Field keys to keep of each row; the rest is let go to save memory.
            known: How many records the ledger knows of, for the choice of the cheapest way.
        """
        self._client = client
        self._entity = entity
        self._match = match_field
        self._fields = fields
        self._size = known or _UNKNOWN_SIZE
        self._rows: dict[int, Row] = {}
        self._by_key: dict[str, set[int]] = {}
        self._complete = False
        self._searched: set[str] = set()

    def __contains__(self, record_id: object) -> bool:
        """Whether a record is known and not deleted."""
        return record_id in self._rows

    def __getitem__(self, record_id: int) -> Mapping[str, Any]:
        """A record's kept fields, flat, by key."""
        return self._rows[record_id]

    def ids(self, keys: Iterable[str]) -> list[int]:
        """Records that have one of these keys."""
        found = {each for key in keys for each in self._by_key.get(key, ())}
        return sorted(found & self._rows.keys())

    def fetch(self, record_ids: Iterable[int]) -> None:
        """Get to know these records."""
        missing = sorted(set(record_ids) - self._rows.keys())
        if not missing or self._complete:
            return
        calls = math.ceil(len(missing) / endpoints.IDS_PER_CALL)
        if calls >= self._pages():
            self._scan()
            return
        for row in self._client.by_ids(self._entity, missing):
            self.add(row)

    def find(self, keys: Iterable[str]) -> None:
        """Get to know whichever records have these keys."""
        missing = sorted(set(keys) - self._searched)
        if not missing or self._complete:
            return
        searching = len(missing) * endpoints.SEARCH
        if self._match.search is None or searching >= self._pages() * endpoints.LIST:
            self._scan()
            return
        for key in missing:
            candidates = self._match.search(self._client, key)
            # A hit is only a projection: the record itself is read, and its key compared.
            for row in self._client.by_ids(self._entity, candidates):
                self.add(row)
            self._searched.add(key)

    def add(self, row: Row) -> None:
        """Note a record as it is now."""
        record_id = int(row["id"])
        if row.get("is_deleted"):
            self._rows.pop(record_id, None)
            return
        flat = {**row, **(row.get("custom_fields") or {})}
        self._rows[record_id] = {key: flat.get(key) for key in self._fields}
        for key in self._match.normal(flat.get(self._match.key)):
            self._by_key.setdefault(key, set()).add(record_id)

    def _pages(self) -> int:
        return max(1, math.ceil(self._size / endpoints.PAGE_SIZE))

    def _scan(self) -> None:
        log.info("reading every %s of Pipedrive to match by", self._entity.name)
        for row in rows(self._client.pages(self._entity.path)):
            self.add(row)
        self._complete = True
        log.info("%d %ss read", len(self._rows), self._entity.name)
