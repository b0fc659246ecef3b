"""The field catalogues, each read once a run however many streams want it."""

from __future__ import annotations

from typing import Any

from sync_core.errors import ApiError
from sync_core.pipedrive import PipedriveClient
from sync_core.pipedrive.client import rows

from tap_pipedrive.table import STREAMS


class Catalogues:
    """Field catalogues by path, and the refusals of those that may not be read."""

    #: The paths of all catalogues.
    paths = frozenset(s.path for s in STREAMS.values() if s.schema_file == "fields")

    def __init__(self, client: PipedriveClient) -> None:
        self._client = client
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._refused: dict[str, ApiError] = {}

    def rows(self, path: str) -> list[dict[str, Any]]:
        """All entries of a catalogue.

        Raises:
            ApiError: It can't be read; asked again, it says so without another call.
        """
        if path in self._refused:
            raise self._refused[path]
        if path not in self._rows:
            try:
                self._rows[path] = list(rows(self._client.pages(path)))
            except ApiError as error:
                self._refused[path] = error
                raise
        return self._rows[path]
