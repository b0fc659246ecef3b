"""Custom fields beside those that a change names: whether Pipedrive keeps them.

That a PATCH changes nothing but the keys in it is only inferred. Where it is wrong, the values of
fields that nobody mapped would be gone. So records are read before their custom fields are written,
until one that has others shows that they stay: a token for most runs. Should they not stay, they
are put back, and from then on go along with every change.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sync_core.engine.dreaming import is_made_up
from sync_core.errors import NotFoundError, PermissionDeniedError
from sync_core.pipedrive.bodies import body
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import IDS_PER_CALL, Entity, RecordId

log = logging.getLogger(__name__)

_CUSTOM = "custom_fields"


class Beside:
    """Changes records, and loses nothing that is beside the change."""

    def __init__(self, client: PipedriveClient) -> None:
        """Begin without knowing.

        Args:
            client: The connection.
        """
        self._client = client
        self._alone = threading.Lock()
        self._stay: bool | None = None
        #: What else the custom fields of the batch's records hold, as far as it was looked at.
        self._known: dict[RecordId, Row] = {}

    def scout(self, entity: Entity, named: Mapping[RecordId, Mapping[str, Any]]) -> RecordId | None:
        """Look at the records of a batch, as far as that isn't known to be needless.

        Args:
            entity: What is changed.
            named: Record id -> the custom fields that its change names.

        Returns:
            The record that has to be written first, and alone, since it shows what becomes of
            others; None if there is none, or it is known.
        """
        self._known = {}
        asked = [each for each, fields in named.items() if fields and not is_made_up(each)]
        for some in _portions(self._affordable(entity, asked)) if not self._stay else ():
            for row in self._read(entity, some):
                record_id = entity.record_id(str(row["id"]))
                if record_id in named:  # a merged one may be answered as the one that is left
                    self._known[record_id] = _unnamed(row, named[record_id])
            first = next((each for each in some if self._known.get(each)), None)
            if first is not None and self._stay is None:
                return first
        return None

    def _affordable(self, entity: Entity, asked: Sequence[RecordId]) -> Sequence[RecordId]:
        """No more than can be written to as well; of others no run would know it again."""
        left = self._client.budget.remaining
        each = entity.prices.one + entity.prices.write
        return asked if left is None else asked[: left // each]

    def _read(self, entity: Entity, record_ids: Sequence[RecordId]) -> Iterable[Row]:
        if len(record_ids) * entity.prices.one < entity.prices.listing:
            return [row for each in record_ids if (row := self._look(entity, each)) is not None]
        return self._client.by_ids(entity, record_ids)

    def _look(self, entity: Entity, record_id: RecordId) -> Row | None:
        """A record, unless it can't be read: its own change will say so, and keep no other back."""
        try:
            return self._client.one(entity, record_id)
        except (NotFoundError, PermissionDeniedError):
            return None

    def update(self, entity: Entity, record_id: RecordId, sent: Mapping[str, Any]) -> Row:
        """Change some fields of one record.

        Raises:
            NotFoundError: The record was deleted or merged away.
        """
        if self._stay or not sent.get(_CUSTOM):
            return self._client.update(entity, record_id, sent)
        with self._alone:  # one after the other, so that none is read in vain
            others = self._others(entity, record_id, sent[_CUSTOM])
            whole = {**sent, _CUSTOM: {**others, **sent[_CUSTOM]}}
            if others and self._stay is None:
                return self._learn(entity, record_id, sent, whole)
        return self._client.update(entity, record_id, whole)

    def foresee(
        self,
        entity: Entity,
        record_id: RecordId,
        sent: Mapping[str, Any],
        current: Mapping[str, Any],
    ) -> None:
        """Read what `update` would read, in a dry run, and take it that others stay.

        Args:
            entity: What is changed.
            record_id: Its id.
            sent: What would be sent.
            current: What it would hold by now, where it is one that would have been made.
        """
        named = sent.get(_CUSTOM)
        if is_made_up(record_id) and named and self._stay is None:
            self._client.http.usage.foretell(entity.prices.one)
            others = _unnamed(body(entity, current), named)
        else:
            others = self._others(entity, record_id, named)
        self._stay = self._stay or bool(others) or None

    def _learn(
        self, entity: Entity, record_id: RecordId, sent: Mapping[str, Any], whole: Row
    ) -> Row:
        """Change a record that has others, and see what becomes of them."""
        row = self._client.update(entity, record_id, sent)
        if _CUSTOM not in row:
            row = self._client.one(entity, record_id)
        self._stay = whole[_CUSTOM].keys() - sent[_CUSTOM].keys() <= _filled(row).keys()
        if self._stay:
            return row
        log.warning(
            "Pipedrive cleared the custom fields that a change didn't name; they are put back, and "
            "named in every change from now on, which reads each record before it is written"
        )
        return self._client.update(entity, record_id, {_CUSTOM: whole[_CUSTOM]})

    def _others(self, entity: Entity, record_id: RecordId, named: Mapping[str, Any] | None) -> Row:
        """What else a record's custom fields hold, where a change of some may concern that."""
        if self._stay or not named:
            return {}
        if record_id in self._known:
            return self._known[record_id]
        return _unnamed(self._client.one(entity, record_id), named)


def _portions(ids: Sequence[RecordId]) -> Iterator[Sequence[RecordId]]:
    """One, which is mostly enough, and then as many as one call takes."""
    yield from [ids[:1]] if ids else ()
    for start in range(1, len(ids), IDS_PER_CALL):
        yield ids[start : start + IDS_PER_CALL]


def _unnamed(row: Mapping[str, Any], named: Mapping[str, Any]) -> Row:
    return {key: value for key, value in _filled(row).items() if key not in named}


def _filled(row: Mapping[str, Any]) -> Row:
    custom = row.get(_CUSTOM)
    held = custom if isinstance(custom, Mapping) else {}
    return {key: value for key, value in held.items() if value is not None}
