"""What Pipedrive has no more since the run began: fields, options, and records that are named.

Nothing is looked at before Pipedrive refuses a value; from then on, no other record is sent with
what the look has shown to be gone.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sync_core.errors import ApiError, NotFoundError
from sync_core.pipedrive import endpoints, envelope
from sync_core.pipedrive.client import PipedriveClient
from sync_core.pipedrive.endpoints import ENTITIES, Entity
from sync_core.pipedrive.fields import FieldCatalogue, parse

log = logging.getLogger(__name__)

#: Built-in fields that name another record, and what that is.
_REFERENCES = {"org_id": "organization", "person_id": "person"}
#: A field that is refused for whatever else isn't looked at more often than this in a run.
_MOST_LOOKS = 10


class Outdated:
    """What one run knows to be gone."""

    def __init__(
        self,
        client: PipedriveClient,
        catalogues: Mapping[str, FieldCatalogue],
        lose: Callable[[Entity, int], None],
    ) -> None:
        """Prepare; nothing is looked at yet.

        Args:
            client: The connection.
            catalogues: Entity -> its fields, as far as they are read; brought up to date.
            lose: Forgets what is known of a record that is gone.
        """
        self._client = client
        self._catalogues = catalogues
        self._lose = lose
        self._lock = threading.Lock()
        self._looks: Counter[tuple[str, str]] = Counter()
        #: (Entity, field key) of the fields that are gone, and of those whose options are up to
        #: date in the catalogue.
        self._gone: set[tuple[str, str]] = set()
        self._choices: set[tuple[str, str]] = set()
        #: (Entity, id) -> whether that record is gone.
        self._records: dict[tuple[str, str], bool] = {}

    def of(
        self, entity: Entity, values: Mapping[str, Any], refused: Collection[str]
    ) -> dict[str, str]:
        """Field key -> why Pipedrive doesn't take its value any more.

        Args:
            entity: What is written.
            values: Field key -> value to send.
            refused: Keys that were just refused, and are looked at unless they were before.
        """
        if not (refused or self._gone or self._choices or self._records):
            return {}
        with self._lock:
            for key in refused:
                self._look(entity, key, values[key])
            told = {key: self._why(entity, key, value) for key, value in values.items()}
        return {key: why for key, why in told.items() if why}

    def _why(self, entity: Entity, key: str, value: Any) -> str:
        """Why a value isn't taken, as far as it is known."""
        if (entity.name, key) in self._gone:
            return "the field was deleted in Pipedrive while the run went on"
        if (entity.name, key) in self._choices and not self._has_options(entity, key, value):
            return "an option was deleted in Pipedrive while the run went on"
        named = _REFERENCES.get(key, "")
        if self._records.get((named, str(value))):
            return (
                f"{named} {value} was deleted or merged into another in Pipedrive; what it was "
                "linked with is matched anew when that comes by"
            )
        return ""

    def _has_options(self, entity: Entity, key: str, value: Any) -> bool:
        field = self._catalogues[entity.name].get(key)
        there = {str(each.id) for each in field.options} if field else set()
        chosen = value if isinstance(value, list) else [value]
        return all(str(each) in there for each in chosen if each is not None)

    def _look(self, entity: Entity, key: str, value: Any) -> None:
        if self._why(entity, key, value):
            return
        try:
            if key in _REFERENCES and isinstance(value, int):
                self._look_at_record(ENTITIES[_REFERENCES[key]], value)
            else:
                self._look_at_field(entity, key)
        except ApiError:
            log.info("what Pipedrive refused of a %s couldn't be looked at", entity.name)

    def _look_at_record(self, entity: Entity, record_id: int) -> None:
        name = (entity.name, str(record_id))
        if name in self._records:
            return
        self._records[name] = gone = self._is_gone(entity, record_id)
        if gone:
            self._lose(entity, record_id)

    def _is_gone(self, entity: Entity, record_id: int) -> bool:
        try:
            return envelope.is_gone(self._client.one(entity, record_id))
        except NotFoundError:
            return True

    def _look_at_field(self, entity: Entity, key: str) -> None:
        catalogue, name = self._catalogues.get(entity.name), (entity.name, key)
        known = catalogue.get(key) if catalogue is not None else None
        if catalogue is None or known is None or not known.custom:
            return  # a built-in one isn't deleted, and may be called otherwise there
        self._looks[name] += 1
        if self._looks[name] > _MOST_LOOKS:
            return
        path = f"{entity.fields_path}/{key}"
        try:
            answer = self._client.http.get(path, tokens=endpoints.GET_ONE)
        except NotFoundError:
            self._gone.add(name)
            return
        catalogue.put(parse(envelope.data(answer, path)))
        if known.options:
            self._choices.add(name)
