"""Pipedrive as the engine writes to it: finding records at the least cost, creating, patching."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync_core import times
from sync_core.budget import Daily
from sync_core.engine.model import Item, Match, Plan, Written
from sync_core.engine.vouching import rests_on_agreed, vouched
from sync_core.errors import AmbiguousWriteError, NotFoundError
from sync_core.ledger import Ledger
from sync_core.ledger.indexing import Remembered
from sync_core.ledger.prices import Lookups, last_writes
from sync_core.pipedrive import endpoints
from sync_core.pipedrive.bodies import NAME_PARTS, accompanied, body, name_parts, named
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import Entity, RecordId
from sync_core.pipedrive.envelope import is_gone
from sync_core.pipedrive.index import Index, MatchField, Memory, Want

log = logging.getLogger(__name__)

#: What is said of a field that a new record can't be given.
_LATER = "Pipedrive takes it of a record that is there; the next run writes it"


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
        """
        self._lasting = not dry_run
        self._client = client
        self._viewer = viewer
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
        index = self._index(plan)
        wants = [self._want(plan, item) for item in items]
        count = index.look_up(wants)
        short = Match(unaffordable=index.too_dear) if count < len(wants) else Match()
        found = {at: self._found(plan, index, items[at], wants[at]) for at in range(count)}
        renamed = {at: wants[at] for at in found if _is_renamed(items[at])}
        found |= self._follow_keys(plan, index, renamed, found)
        return {**found, **dict.fromkeys(range(count, len(wants)), short)}

    def _follow_keys(
        self, plan: Plan, index: Index, renamed: Mapping[int, Want], found: Mapping[int, Match]
    ) -> dict[int, Match]:
        """Look whose the new keys of linked records are, before they are written to another."""
        asked = [replace(want, record_id=None, stamp="", create=True) for want in renamed.values()]
        count = index.look_up(asked) if asked else 0
        keyed = [self._by_keys(plan, index, want) for want in asked[:count]]
        keyed += [Match(unaffordable=index.too_dear)] * (len(asked) - count)
        return {
            at: _followed(plan, found[at], by_key)
            for at, by_key in zip(renamed, keyed, strict=True)
        }

    def _want(self, plan: Plan, item: Item) -> Want:
        """What has to be known to decide an item."""
        (first, *_) = self._match_fields[plan.stream]
        keys = (*((first.key, first.tidy(key)) for key in item.keys), *item.further)
        create = plan.create and bool(item.keys)
        link = item.link
        if link is None or not link.pipedrive_id:
            return Want(None, "", keys, create)
        known = vouched(plan, link)
        enough = known.stamp and rests_on_agreed(plan, item, link, known)
        stamp = known.stamp if enough and name_parts(plan, item, link, known) is not None else ""
        entity = endpoints.ENTITIES[plan.entity]
        return Want(entity.record_id(link.pipedrive_id), stamp, keys, create)

    def _found(self, plan: Plan, index: Index, item: Item, want: Want) -> Match:
        if want.record_id is not None and want.record_id in index:
            return self._read(index, want.record_id)
        if item.link is not None and index.vouches(want):
            parts = name_parts(plan, item, item.link, vouched(plan, item.link))
            return Match((str(want.record_id),), parts, stamp=want.stamp, as_agreed=True)
        return self._by_keys(plan, index, want)

    def _by_keys(self, plan: Plan, index: Index, want: Want) -> Match:
        """The record that the first key finds, if no other key finds another one."""
        fields = dict.fromkeys(field for field, _ in want.keys)
        hits = {name: index.ids(key for key in want.keys if key[0] == name) for name in fields}
        found = [(name, ids) for name, ids in hits.items() if ids]
        if not found:
            return Match()
        first = found[0][1]
        if len(first) == 1 and all(first[0] in ids for _, ids in found):
            return self._read(index, first[0])
        every = tuple(str(each) for each in dict.fromkeys(i for _, ids in found for i in ids))
        if len(hits) == 1:
            return Match(every)
        labels = {key.field: key.label for key in plan.further}
        told = (
            f"its {labels.get(name, plan.key_label)} finds {plan.entity} "
            f"{' and '.join(str(each) for each in ids)}"
            for name, ids in found
        )
        return Match(every, why=", ".join(told))

    @staticmethod
    def _read(index: Index, record_id: RecordId) -> Match:
        row = index[record_id]
        updated = times.comparable(row.get("update_time"))
        return Match((str(record_id),), row, updated, index.stamp(record_id))

    def lacking(self, plan: Plan, values: Mapping[str, Any]) -> str:
        """What Pipedrive requires of a new record: a name, a title, a person to belong to."""
        entity = endpoints.ENTITIES[plan.entity]
        for group in entity.needs:
            if not any(values.get(key) for key in group):
                return _lacks(plan, group)
        if entity.reference in _keys(self._match_fields[plan.stream]) - values.keys():
            return (
                f"the {plan.noun} has no text with its reference, by which it would be found "
                "again; correct the text at its origin"
            )
        return ""

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
        sent = body(entity, named(plan, values, {}))
        if self._owner_id is not None and entity.owner:
            sent.setdefault(entity.owner, self._owner_id)
        later = {key: sent.pop(key) for key in entity.later & sent.keys()}
        try:
            row = self._client.create(entity, sent)
        except AmbiguousWriteError:
            self._uncertain.add((plan.stream, item.key))
            raise
        waits = dict.fromkeys((key for key, value in later.items() if value), _LATER)
        return replace(self._written(plan, row), rejected=waits)

    def update(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Send one PATCH, or PUT, with only the given fields.

        Raises:
            NotFoundError: The record was deleted or merged away.
        """
        assert item.match is not None  # noqa: S101 - only matched items are updated
        entity = endpoints.ENTITIES[plan.entity]
        record_id = entity.record_id(item.match.ids[0])
        current = item.match.current or {}
        sent = body(entity, accompanied(entity, named(plan, values, current), current))
        try:
            row = _living(self._client.update(entity, record_id, sent), entity, record_id)
        except NotFoundError:
            self._index(plan).lose(record_id)
            raise
        return self._written(plan, row)

    def delete(self, plan: Plan, item: Item) -> None:
        """Delete a record; most are kept for thirty days, by Pipedrive's documentation."""
        assert item.match is not None  # noqa: S101 - only matched items are deleted
        entity = endpoints.ENTITIES[plan.entity]
        record_id = entity.record_id(item.match.ids[0])
        self._client.delete(entity, record_id)
        for (name, _), index in self._indexes.items():
            if name == plan.entity:
                index.lose(record_id)

    def flush(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Exception]:  # noqa: ARG002
        """Nothing is written in groups here."""
        return {}

    def workers(self) -> int:
        """As many as the service's burst window and its answers' delay ask for."""
        return self._client.http.workers

    def usage(self) -> tuple[int, int]:
        """Calls and tokens so far."""
        return self._client.http.usage.calls, self._client.http.usage.tokens

    def bill(self) -> Mapping[str, int]:
        """Tokens so far by kind of call."""
        return self._client.http.usage.by_kind

    def lookup_price(self, plan: Plan, lookups: Lookups | None) -> int:
        """Tokens that finding the records may cost, for as many as are expected."""
        return self._index(plan).price(lookups, create=plan.create)

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
        for (entity, _), index in self._indexes.items():
            if entity == plan.entity:
                index.add(row)
        index, record_id = self._index(plan), endpoints.ENTITIES[plan.entity].record_id(row["id"])
        updated = times.comparable(row.get("update_time"))
        if record_id not in index:
            return Written(str(record_id), updated)
        stamp = index.stamp(record_id)
        return Written(str(record_id), updated, current=index[record_id], stamp=stamp)

    def _index(self, plan: Plan) -> Index:
        match_fields = self._match_fields[plan.stream]
        place = (plan.entity, ",".join(field.key for field in match_fields))
        if place not in self._indexes:
            entity = endpoints.ENTITIES[plan.entity]
            remembered = Remembered(self._ledger, *place, int if entity.numbered else str)
            memory = Memory(
                self._client,
                remembered,
                kind=plan.kind,
                viewer=self._viewer,
                lasting=self._lasting,
            )
            self._indexes[place] = Index(
                self._client,
                entity,
                match_fields,
                self._kept[plan.entity] | {"id", "update_time", *NAME_PARTS},
                memory,
                expected=last_writes(self._ledger, plan.stream) or 0,
            )
        return self._indexes[place]


def _is_renamed(item: Item) -> bool:
    """Whether a linked record has another key than the one that it was linked by."""
    link = item.link
    return link is not None and bool(link.pipedrive_id) and link.stored_key not in ("", link.key)


def _followed(plan: Plan, linked: Match, by_key: Match) -> Match:
    """The record that the new key finds, unless that is none, or the linked one."""
    if not by_key.unaffordable and (not by_key.ids or set(linked.ids) & set(by_key.ids)):
        return linked
    if len(by_key.ids) != 1 or not linked.ids:
        return by_key
    note = (
        f"{plan.entity} {linked.ids[0]} was kept in step with the {plan.noun} until its "
        f"{plan.key_label} changed, and stays as it is; {plan.entity} {by_key.ids[0]} has the new "
        "one: if the two are the same, merge them"
    )
    return replace(by_key, note=note)


def _keys(match_fields: Sequence[MatchField]) -> set[str]:
    """The first of them, by which a record is found again."""
    return {match_fields[0].key}


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
