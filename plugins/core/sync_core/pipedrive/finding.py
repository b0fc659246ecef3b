"""Finding the records of Pipedrive that items may be, at the least cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync_core import times
from sync_core.engine.model import TAKEN, Item, Match, Plan
from sync_core.engine.vouching import rests_on_agreed, vouched
from sync_core.ledger import Ledger
from sync_core.ledger.indexing import Remembered
from sync_core.ledger.prices import last_writes
from sync_core.ledger.recent import lost_creates, written_since
from sync_core.pipedrive import endpoints
from sync_core.pipedrive.bodies import NAME_PARTS, name_parts
from sync_core.pipedrive.client import PipedriveClient, Row
from sync_core.pipedrive.endpoints import RecordId
from sync_core.pipedrive.index import OVERLAP, Index, Key, MatchField, Memory, Want
from sync_core.pipedrive.key_changes import followed, is_renamed


class Finder:
    """What matches, by remembered ids and by keys."""

    def __init__(  # noqa: PLR0913 - what it finds with, and whose eyes it sees with
        self,
        client: PipedriveClient,
        ledger: Ledger,
        match_fields: Mapping[str, Sequence[MatchField]],
        kept: Mapping[str, frozenset[str]],
        *,
        viewer: str,
        lasting: bool,
        kinds: Mapping[str, Sequence[str]],
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            client: The connection.
            ledger: Remembers which records there are, and what they were like.
            match_fields: Stream -> the fields that its match keys stand in, in their order.
            kept: Entity -> keys of every field that a mapping may look at.
            viewer: Whose credential it is: what one user sees doesn't count for another.
            lasting: Whether later runs know what is read.
            kinds: Entity -> the ledger's kinds of links to it.
        """
        self._client = client
        self._ledger = ledger
        self._match_fields = match_fields
        self._kept = kept
        self._viewer = viewer
        self._lasting = lasting
        self._kinds = kinds
        self._indexes: dict[tuple[str, str], Index] = {}
        self._told: set[Index] = set()
        #: Entity -> ids of the records that a dry run takes for written.
        self._pretended: dict[str, set[RecordId]] = {}

    def fields(self, plan: Plan) -> Sequence[MatchField]:
        """The fields by which a stream's records are known; the first of them makes records."""
        return self._match_fields[plan.stream]

    def keys(self, plan: Plan, item: Item) -> tuple[Key, ...]:
        """Every key by which an item may be found, as the stored ones are written."""
        (first, *_) = self._match_fields[plan.stream]
        return (*((first.key, first.tidy(key)) for key in item.keys), *item.further)

    def known_by(self, values: Mapping[str, Any]) -> list[Key]:
        """Every key that any stream finds a record with these values by."""
        every = {field.name: field for fields in self._match_fields.values() for field in fields}
        there = (field for field in every.values() if field.key in values)
        return [(field.key, text) for field in there for text in field.normal(values[field.key])]

    def every(self, entity: str) -> Iterator[Index]:
        """The indexes of an entity, one for each set of match fields."""
        return (index for (name, _), index in self._indexes.items() if name == entity)

    def index(self, plan: Plan) -> Index:
        """What is known of the records that a stream's may be."""
        match_fields = self._match_fields[plan.stream]
        place = (plan.entity, ",".join(field.name for field in match_fields))
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
            fresh = Index(
                self._client,
                entity,
                match_fields,
                self._kept[plan.entity] | {"id", "update_time", *NAME_PARTS},
                memory,
                expected=last_writes(self._ledger, plan.stream) or 0,
            )
            for row in self._pretended_rows(plan.entity):
                fresh.add(row)
            self._indexes[place] = fresh
        return self._indexes[place]

    def pretend(self, entity: str, row: Row) -> None:
        """Let every stream find a record as it would be, also one that comes later."""
        self._pretended.setdefault(entity, set()).add(row["id"])
        for index in self.every(entity):
            index.add(row)

    def _pretended_rows(self, entity: str) -> Iterator[Row]:
        for each in self._pretended.get(entity, ()):
            known = next((index for index in self.every(entity) if each in index), None)
            if known is not None:
                yield dict(known[each])

    def match(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Match]:
        """Find the items' records: by remembered id, else by key.

        A search or list that fails raises: it is never taken for "not found".
        """
        index = self.index(plan)
        wants = [self._want(plan, item) for item in items]
        count = index.look_up(wants)
        short = Match(unaffordable=index.too_dear) if count < len(wants) else Match()
        found = {at: self._found(plan, index, items[at], wants[at]) for at in range(count)}
        found |= {at: replace(each, unsearched=True)
                  for at, each in found.items() if wants[at].taken and each.ids}  # fmt: skip
        unmet = {at for at, each in found.items() if items[at].unmet and each.ids}
        for at in unmet:  # one that may be read, but may have a twin by now, or no such key
            wants[at], found[at] = replace(wants[at], record_id=None, stamp=""), Match()
        changed = {at: wants[at] for at in found if at in unmet or is_renamed(items[at])}
        found |= self._follow_keys(plan, index, changed, found)
        missing = {at: wants[at] for at, each in found.items() if _is_missing(each, wants[at])}
        found |= self._look_again(plan, index, items, missing)
        return {**found, **dict.fromkeys(range(count, len(wants)), short)}

    def _follow_keys(
        self, plan: Plan, index: Index, changed: Mapping[int, Want], found: Mapping[int, Match]
    ) -> dict[int, Match]:
        """Look whose the keys are that are new, or that nobody was met by, before any write."""
        asked = [replace(want, record_id=None, stamp="", create=True) for want in changed.values()]
        count = index.look_up(asked) if asked else 0
        keyed = [self._by_keys(plan, index, want) for want in asked[:count]]
        keyed += [Match(unaffordable=index.too_dear)] * (len(asked) - count)
        return {
            at: followed(plan, found[at], by_key) for at, by_key in zip(changed, keyed, strict=True)
        }

    def _look_again(
        self, plan: Plan, index: Index, items: Sequence[Item], missing: Mapping[int, Want]
    ) -> dict[int, Match]:
        """Look among what lists may not show yet: what was just written, and what may have been.

        Records of this stream's own are linked by their key; those of another aren't.
        """
        kin = [each for each in self._kinds.get(plan.entity, ()) if each != plan.kind]
        moment = times.earlier(self._client.http.server_time or times.now(), OVERLAP)
        index.see(
            want.record_id
            for at, want in missing.items()
            if want.record_id is not None and _written(items[at]) >= moment
        )
        made = {at: want for at, want in missing.items() if want.create}
        if made and index not in self._told:  # what is written from now on, it is told
            self._told.add(index)
            kinds = [*kin, plan.kind] if plan.further else kin
            record_id = endpoints.ENTITIES[plan.entity].record_id
            index.see(record_id(each) for each in written_since(self._ledger, kinds, moment))
        keys = [key for at in made for key in items[at].keys]
        lost = lost_creates(self._ledger, kin, keys)
        found = {at: self._found(plan, index, items[at], want) for at, want in missing.items()}
        return {at: _perhaps(match, items[at], lost) for at, match in found.items()}

    def _want(self, plan: Plan, item: Item) -> Want:
        """What has to be known to decide an item."""
        keys = self.keys(plan, item)
        create = plan.create and bool(item.keys)
        link = item.link
        if link is None or not link.pipedrive_id:
            taken = item.kept == TAKEN and not item.asked and not item.surely
            return Want(None, "", keys, create, taken)
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
        if why := index.why_hidden(want.record_id, ()):
            return Match(hidden=why)
        return self._by_keys(plan, index, want)

    def _by_keys(self, plan: Plan, index: Index, want: Want) -> Match:
        """The record that the first key finds, if no other key finds another one."""
        if why := index.why_hidden(None, want.keys):
            return Match(hidden=why)
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


def _is_missing(match: Match, want: Want) -> bool:
    """Whether a linked record wasn't found, or none was, so that one is about to be made."""
    is_open = not (match.ids or match.unaffordable or match.hidden)
    return is_open and (want.create or want.record_id is not None)


def _written(item: Item) -> str:
    """When the linked record was last written to by us, by Pipedrive's clock."""
    return item.link.pipedrive_updated if item.link else ""


def _perhaps(match: Match, item: Item, lost: Mapping[str, str]) -> Match:
    """No match, but one that another stream may just have made."""
    at = max((lost[key] for key in item.keys if key in lost), default="")
    return replace(match, lost_at=at) if at and not match.ids else match
