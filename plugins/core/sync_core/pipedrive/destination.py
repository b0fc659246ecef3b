"""Pipedrive as the engine writes to it: finding records, creating, changing, deleting them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync_core import times
from sync_core.budget import Daily
from sync_core.engine.model import Item, Match, Plan, Written
from sync_core.errors import AmbiguousWriteError, NotFoundError
from sync_core.ledger import Ledger
from sync_core.ledger.prices import Lookups
from sync_core.ledger.unlinking import unlink
from sync_core.pipedrive import endpoints
from sync_core.pipedrive.beside import Beside
from sync_core.pipedrive.bodies import accompanied, body, named
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.doubtful import Doubtful
from sync_core.pipedrive.endpoints import Entity, RecordId
from sync_core.pipedrive.envelope import is_gone
from sync_core.pipedrive.fields import FieldCatalogue
from sync_core.pipedrive.finding import Finder
from sync_core.pipedrive.index import Key, MatchField
from sync_core.pipedrive.outdated import Outdated
from sync_core.pipedrive.vanished import confirm

#: What is said of a field that a new record can't be given.
_LATER = "Pipedrive takes it of a record that is there; the next run writes it"
#: What is said of a record that a lost ledger would make twice.
_LOSES_KEY = (
    "the {0} has its {1} in no field as it is written, so that the {2} wouldn't be found again by "
    "it; correct the key, or match by a text field that no other line writes to"
)


class PipedriveDestination:
    """Whatever a mapping may write to."""

    name = "pipedrive"
    readable = True
    upserts = False
    grouped_field: str | None = None

    def __init__(  # noqa: PLR0913 - what it writes with, and whose eyes it sees with
        self,
        client: PipedriveClient,
        ledger: Ledger,
        match_fields: Mapping[str, Sequence[MatchField]],
        kept: Mapping[str, frozenset[str]],
        owner_id: int | None = None,
        *,
        viewer: str = "",
        dry_run: bool = False,
        kinds: Mapping[str, Sequence[str]] | None = None,
        catalogues: Mapping[str, FieldCatalogue] | None = None,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            client: The connection.
            ledger: Remembers which records there are, and what they were like.
            match_fields: Stream -> the fields that its match keys stand in, in their order.
            kept: Entity -> keys of every field that a mapping may look at.
            owner_id: Pipedrive user who is given what is created.
            viewer: Whose credential it is: what one user sees doesn't count for another.
            dry_run: Whether what is read stays unknown to later runs.
            kinds: Entity -> the ledger's kinds of links to it.
            catalogues: Entity -> its fields, as far as they are read.
        """
        self._client = client
        self._ledger = ledger
        self._kinds = kinds or {}
        self._beside = Beside(client)
        self._owner_id = owner_id
        self._finder = Finder(
            client,
            ledger,
            match_fields,
            kept,
            viewer=viewer,
            lasting=not dry_run,
            kinds=self._kinds,
        )
        self._doubtful = Doubtful()
        self._outdated = Outdated(client, catalogues or {}, self._lose)

    def match(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Match]:
        """Find the items' records: by remembered id, else by key.

        A search or list that fails raises: it is never taken for "not found".
        """
        return self._finder.match(plan, items)

    def asked_by(self, plan: Plan, item: Item) -> Collection[Key]:
        """Every key that an item's record is looked for by."""
        return self._finder.keys(plan, item)

    def known_by(self, values: Mapping[str, Any]) -> Collection[Key]:
        """Every key that a record is found by once it has these values, by any stream."""
        return self._finder.known_by(values)

    def lacking(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> str:
        """What a new record needs: a name or a title, a person to belong to, and its key."""
        entity = endpoints.ENTITIES[plan.entity]
        for group in entity.needs:
            if not any(values.get(key) for key in group):
                return _lacks(plan, group)
        field = self._finder.fields(plan)[0]
        if field.finds(values.get(field.key), item.keys):
            return ""
        if field.key == entity.reference:
            return (
                f"the {plan.noun} has no text with its reference, by which it would be found "
                "again; correct the text at its origin"
            )
        return _LOSES_KEY.format(plan.noun, plan.key_label, plan.entity)

    def create(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Create a record, under the configured owner.

        Raises:
            AmbiguousWriteError: The answer was lost, now or earlier in this run.
        """
        entity = endpoints.ENTITIES[plan.entity]
        keys, fields = self._finder.keys(plan, item), self._finder.fields(plan)
        if self._doubtful.holds(plan.entity, keys, fields):
            raise AmbiguousWriteError(
                f"an earlier create of this {plan.entity} got no answer; "
                "it is looked up before it is sent again"
            )
        sent = body(entity, named(plan, values, {}))
        if self._owner_id is not None and entity.owner:
            sent.setdefault(entity.owner, self._owner_id)
        later = {key: sent.pop(key) for key in entity.later & sent.keys()}
        try:
            row = self._client.create(entity, sent)
        except AmbiguousWriteError:
            self._doubtful.add(plan.entity, keys, values)
            raise
        return replace(self._written(plan, row), rejected=_waits(entity, later))

    def outdated(
        self, plan: Plan, values: Mapping[str, Any], refused: Collection[str] = ()
    ) -> Mapping[str, str]:
        """Fields, options and named records that are gone since the run began."""
        return self._outdated.of(endpoints.ENTITIES[plan.entity], values, refused)

    def _lose(self, entity: Entity, record_id: RecordId) -> None:
        """Forget a record that is gone: whatever was linked to it is matched anew."""
        unlink(self._ledger, self._kinds.get(entity.name, ()), self.name, str(record_id))
        for index in self._finder.every(entity.name):
            index.lose(record_id)

    def scout(self, plan: Plan, writes: Sequence[tuple[Item, Mapping[str, Any]]]) -> int | None:
        """The change that shows whether Pipedrive keeps the custom fields beside it."""
        entity = endpoints.ENTITIES[plan.entity]
        named = {
            entity.record_id(item.match.ids[0]): body(entity, values).get("custom_fields", {})
            for item, values in writes
            if item.match and item.match.ids
        }
        first = self._beside.scout(entity, named)
        ids = (item.match.ids[:1] if item.match else () for item, _ in writes)
        return next((at for at, each in enumerate(ids) if each == (str(first),)), None)

    def update(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Send one PATCH, or PUT, with only the given fields.

        Raises:
            NotFoundError: The record was deleted or merged away.
            PermissionDeniedError: It can't be changed, and is there.
        """
        assert item.match is not None  # noqa: S101 - only matched items are updated
        entity = endpoints.ENTITIES[plan.entity]
        record_id = entity.record_id(item.match.ids[0])
        current = item.match.current or {}
        sent = body(entity, accompanied(entity, named(plan, values, current), current))
        try:
            row = _living(self._beside.update(entity, record_id, sent), entity, record_id)
        except NotFoundError as error:
            confirm(self._client, entity, record_id, error)
            self._finder.index(plan).lose(record_id)
            raise
        return self._written(plan, row)

    def delete(self, plan: Plan, item: Item) -> None:
        """Delete a record; most are kept for thirty days, by Pipedrive's documentation."""
        assert item.match is not None  # noqa: S101 - only matched items are deleted
        entity = endpoints.ENTITIES[plan.entity]
        record_id = entity.record_id(item.match.ids[0])
        self._client.delete(entity, record_id)
        for index in self._finder.every(plan.entity):
            index.lose(record_id)

    def flush(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Exception]:  # noqa: ARG002
        """Nothing is written in groups here."""
        return {}

    def pretend(
        self, plan: Plan, item: Item, record: str, values: Mapping[str, Any] | None
    ) -> Mapping[str, str]:
        """Let every stream find a record as it would be, unless it didn't have to be read."""
        entity, match = endpoints.ENTITIES[plan.entity], item.match or Match()
        record_id = entity.record_id(record)
        waits = _waits(entity, values or {}) if not match.ids else {}
        taken = {key: value for key, value in (values or {}).items() if key not in waits}
        if match.ids and values:
            self._beside.foresee(entity, record_id, body(entity, taken), match.current or {})
        if values is None:
            for index in self._finder.every(plan.entity):
                index.lose(record_id)
        elif not match.as_agreed:
            row = {**(match.current or {}), **taken, "id": record_id}
            self._finder.pretend(plan.entity, row)
        return waits

    def workers(self) -> int:
        """As many as the service's burst window and its answers' delay ask for."""
        return self._client.http.workers

    def whole_windows(self, most: int) -> int:
        """The most calls, up to so many, that end together with a burst window."""
        return self._client.http.whole_windows(most)

    def clock(self) -> str:
        """The service's own time by now."""
        return self._client.http.clock

    def usage(self) -> tuple[int, int]:
        """Calls and tokens so far."""
        return self._client.http.usage.calls, self._client.http.usage.tokens

    def foretold(self) -> tuple[int, int]:
        """What missing fields and options would have taken, and looks at what isn't there."""
        return self._client.http.usage.foretold

    def bill(self) -> Mapping[str, int]:
        """Tokens so far by kind of call."""
        return self._client.http.usage.by_kind

    def lookup_price(self, plan: Plan, lookups: Lookups | None) -> int:
        """Tokens that finding the records may cost, for as many as are expected."""
        return self._finder.index(plan).price(lookups, create=plan.create)

    def daily(self) -> Daily | None:
        """How the company's daily tokens stand."""
        return self._client.budget.daily

    def price(
        self,
        plan: Plan,
        writes: Sequence[tuple[Item, Mapping[str, Any]]],
    ) -> tuple[int, int]:
        """One call a record that makes or changes it, or deletes it where nothing is written."""
        prices = endpoints.ENTITIES[plan.entity].prices
        return len(writes), sum(prices.write if values else prices.delete for _, values in writes)

    def _written(self, plan: Plan, row: Row) -> Written:
        """Let every stream of the entity know the record: lists and searches lag behind."""
        for index in self._finder.every(plan.entity):
            index.add(row)
        index, record_id = (
            self._finder.index(plan),
            endpoints.ENTITIES[plan.entity].record_id(row["id"]),
        )
        updated = times.comparable(row.get("update_time"))
        if record_id not in index:
            return Written(str(record_id), updated)
        stamp = index.stamp(record_id)
        return Written(str(record_id), updated, current=index[record_id], stamp=stamp)


def _waits(entity: Entity, values: Mapping[str, Any]) -> dict[str, str]:
    """The fields that a new record can't be given, with what is said of them."""
    return {key: _LATER for key in entity.later & values.keys() if values[key]}


def _lacks(plan: Plan, group: Sequence[str]) -> str:
    """What is said of a group of fields of which a new record needs one."""
    what = " or ".join(group) if group[0].endswith("_id") else group[0]
    return f"the {plan.noun} has no {what}, which Pipedrive requires; give it one at its origin"


def _living(row: Row, entity: Entity, record_id: RecordId) -> Row:
    """A record's answer to a write; what a write to a deleted one does isn't documented."""
    if is_gone(row) or entity.record_id(row["id"]) != record_id:
        raise NotFoundError(
            f"{entity.name} {record_id} was deleted or merged into another in Pipedrive"
        )
    return row
