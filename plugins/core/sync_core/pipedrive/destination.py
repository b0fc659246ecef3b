"""Pipedrive as the engine writes to it: finding records at the least cost, creating, patching."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sync_core import times
from sync_core.budget import Daily
from sync_core.engine.model import Item, Match, Plan, Written
from sync_core.errors import AmbiguousWriteError
from sync_core.ledger import Ledger
from sync_core.pipedrive import endpoints
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import Entity
from sync_core.pipedrive.index import Index, MatchField

log = logging.getLogger(__name__)

_NAME_PARTS = ("first_name", "last_name")


class PipedriveDestination:
    """Persons and organizations."""

    name = "pipedrive"
    readable = True
    upserts = False
    grouped_field: str | None = None

    def __init__(
        self,
        client: PipedriveClient,
        ledger: Ledger,
        match_fields: Mapping[str, MatchField],
        kept: Mapping[str, frozenset[str]],
        owner_id: int | None = None,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            client: The connection.
            ledger: Remembers how many records there are, which decides how they are found.
            match_fields: Stream -> the field that its match key stands in.
            kept: Entity -> keys of every field that a mapping may look at.
            owner_id: Pipedrive user who is given what is created.
        """
        self._client = client
        self._ledger = ledger
        self._match_fields = match_fields
        self._kept = kept
        self._owner_id = owner_id
        self._indexes: dict[tuple[str, str], Index] = {}
        self._uncertain: set[tuple[str, str]] = set()

    def match(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Match]:
        """Find the items' records: by remembered id, else by key.

        A search or list that fails raises: it is never taken for "not found".
        """
        entity = endpoints.ENTITIES[plan.entity]
        index = self._index(plan, entity)
        linked = {
            at: int(item.link.pipedrive_id)
            for at, item in enumerate(items)
            if item.link and item.link.pipedrive_id
        }
        index.fetch(linked.values())
        rest = [at for at in range(len(items)) if linked.get(at) not in index]
        index.find({key for at in rest for key in items[at].keys})
        return {
            at: self._found(index, [linked[at]])
            if linked.get(at) in index
            else self._found(index, index.ids(items[at].keys))
            for at in range(len(items))
        }

    @staticmethod
    def _found(index: Index, ids: Sequence[int]) -> Match:
        if len(ids) != 1:
            return Match(tuple(str(each) for each in ids))
        row = index[ids[0]]
        return Match((str(ids[0]),), row, times.comparable(row.get("update_time")))

    def lacking(self, plan: Plan, values: Mapping[str, Any]) -> str:
        """A name, which Pipedrive requires of persons and organizations."""
        if any(values.get(part) for part in ("name", *_NAME_PARTS)):
            return ""
        return f"the {plan.noun} has no name, which Pipedrive requires; give it one at its origin"

    def create(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Create a record, under the configured owner.

        Raises:
            AmbiguousWriteError: The answer was lost, now or earlier in this run.
        """
        entity = endpoints.ENTITIES[plan.entity]
        if (plan.stream, item.key) in self._uncertain:
            raise AmbiguousWriteError(
                f"an earlier create of this {plan.entity} got no answer; "
                "it is looked up before it is sent again"
            )
        body = _body(_named(plan, values, {}))
        if self._owner_id is not None:
            body["owner_id"] = self._owner_id
        try:
            row = self._client.create(entity, body)
        except AmbiguousWriteError:
            self._uncertain.add((plan.stream, item.key))
            raise
        self._note(plan, row)
        return _written(row)

    def update(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Send one PATCH with only the given fields."""
        assert item.match is not None  # noqa: S101 - only matched items are updated
        entity = endpoints.ENTITIES[plan.entity]
        body = _body(_named(plan, values, item.match.current or {}))
        row = self._client.update(entity, int(item.match.ids[0]), body)
        self._note(plan, row)
        return _written(row)

    def flush(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Exception]:  # noqa: ARG002
        """Nothing is written in groups here."""
        return {}

    def usage(self) -> tuple[int, int]:
        """Calls and tokens so far."""
        return self._client.http.usage.calls, self._client.http.usage.tokens

    def daily(self) -> Daily | None:
        """How the company's daily tokens stand."""
        return self._client.budget.daily

    def price(
        self,
        plan: Plan,  # noqa: ARG002
        writes: Sequence[tuple[Item, Mapping[str, Any]]],
    ) -> tuple[int, int]:
        """One POST or PATCH a record."""
        return len(writes), len(writes) * endpoints.WRITE

    def _note(self, plan: Plan, row: Row) -> None:
        """Let every stream of the entity know the record: lists and searches lag behind."""
        for (entity, _), index in self._indexes.items():
            if entity == plan.entity:
                index.add(row)

    def _index(self, plan: Plan, entity: Entity) -> Index:
        match_field = self._match_fields[plan.stream]
        place = (plan.entity, match_field.key)
        if place not in self._indexes:
            known = self._ledger.count_links(plan.kind, "pipedrive")
            fields = self._kept[plan.entity] | {"id", "update_time", *_NAME_PARTS}
            self._indexes[place] = Index(self._client, entity, match_field, fields, known)
        return self._indexes[place]


def _named(plan: Plan, values: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Send both parts of a person's name, since Pipedrive takes either both or none."""
    body = dict(values)
    if plan.entity == "person" and any(part in body for part in _NAME_PARTS):
        for part in _NAME_PARTS:
            body[part] = body.get(part, current.get(part)) or ""
    return body


def _body(values: Mapping[str, Any]) -> Row:
    """Put custom fields where API v2 wants them; their keys are 40 hexadecimal digits."""
    body: Row = {}
    for key, value in values.items():
        place = body.setdefault("custom_fields", {}) if is_custom(key) else body
        place[key] = value
    return body


def is_custom(key: str) -> bool:
    """Whether a key is a custom field's: 40 hexadecimal digits."""
    return len(key) == _CUSTOM_KEY_LENGTH and all(char in "0123456789abcdef" for char in key)


_CUSTOM_KEY_LENGTH = 40


def _written(row: Row) -> Written:
    return Written(str(row["id"]), times.comparable(row.get("update_time")))
