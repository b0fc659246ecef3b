"""Rows that are linked to records: listed for each, or all together where that costs less."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sync_core.pipedrive.client import PipedriveClient, Row, rows

log = logging.getLogger(__name__)

#: List parameter, and column, for what is linked to a record, by the record's entity.
LINKS: Mapping[str, str] = {"person": "person_id", "organization": "org_id"}


class Linked:
    """The rows of one list, such as activities, by person and by organization."""

    def __init__(self, client: PipedriveClient, path: str, keep: Callable[[Row], bool]) -> None:
        """Prepare; nothing is read yet.

        Args:
            client: The connection.
            path: The list.
            keep: Which rows count; the others are let go.
        """
        self._client = client
        self._path = path
        self._keep = keep
        self._since = ""
        self._together: Mapping[tuple[str, int], list[Row]] | None = None

    def expect(self, count: int, query: Mapping[str, Any], since: str = "") -> None:
        """Get ready to be asked about so many records.

        A page costs the same for one record as for all. So all rows are read together until that
        has cost as many pages as there are records; then each record is asked for alone.

        Args:
            count: How many records.
            query: What narrows the list, the records aside.
            since: Only rows that changed since then count; comparable text.
        """
        if self.covers(since) or count <= 1:
            return
        found: dict[tuple[str, int], list[Row]] = defaultdict(list)
        for number, page in enumerate(self._client.pages(self._path, _query(query, since)), 1):
            for row in filter(self._keep, page):
                for name in LINKS.values():
                    if isinstance(row.get(name), int):
                        found[name, row[name]].append(row)
            if number >= count:
                log.info("%s: too many to read them together", self._path)
                return
        self._together, self._since = dict(found), since

    def forget(self) -> None:
        """Read anew when asked again."""
        self._together = None

    def covers(self, since: str) -> bool:
        """Whether all rows that changed since then are known."""
        return self._together is not None and self._since <= since

    def of(
        self, entity: str, record_id: int, query: Mapping[str, Any], since: str = ""
    ) -> Iterator[Row]:
        """The rows of one record."""
        if self._together is not None and self.covers(since):
            return iter(self._together.get((LINKS[entity], record_id), ()))
        own = {**query, LINKS[entity]: record_id}
        return filter(self._keep, rows(self._client.pages(self._path, _query(own, since))))


def _query(query: Mapping[str, Any], since: str) -> dict[str, Any]:
    # Whole seconds: Pipedrive refuses fractions, as was seen live.
    return {**query, "updated_since": f"{since[:19]}Z"} if since else dict(query)
