"""What a dry run has said it would write, so that it says nothing twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sync_core.canonical import digest
from sync_core.engine.claims import Claimed, Owners
from sync_core.engine.deciding import Change
from sync_core.engine.linking import taken
from sync_core.engine.model import Destination, Kind, Outcome, Plan
from sync_core.engine.scratch import Name, Scratch, digests

#: Field key -> digest of the value that a record would hold by now.
_Held = dict[str, str]
_decode = msgspec.json.Decoder(_Held).decode
_encode = msgspec.json.Encoder().encode


class Planned:
    """The records as the real run would have left them by now, as far as it would have written.

    A record that is planned and then comes as the destination still has it is taken for unchanged,
    whereas the real run would write it back.
    """

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._records = Scratch()
        #: (Entity, match key) -> kind and name of the record that would have it by now.
        self._holders = Owners()

    def open(self, plan: Plan, changes: Sequence[Change]) -> list[Change]:
        """The changes that still change something, reduced to that; the others get their outcome.

        Args:
            plan: The stream's plan.
            changes: What would be written if nothing had been planned before.
        """
        named = list(self._named(plan, changes))
        names = digests(name for _, name in named)
        known = self._records.recall(list(names.values()))
        held = {name: _decode(text) for name, text in known.items()}
        left = list(_reduced(named, names, held))
        self._records.keep({names[name]: _encode(held[names[name]]).decode() for _, name in left})
        return [change for change, _ in left]

    def _named(self, plan: Plan, changes: Sequence[Change]) -> Iterator[tuple[Change, Name]]:
        """Changes with their records' names; not those that match what is another's by then."""
        asked = [(change, self._asked(plan, change), self._known(plan, change))
                 for change in changes]  # fmt: skip
        with self._holders.of(key for _, *both in asked for keys in both for key in keys) as held:
            for change, wanted, given in asked:
                name = _name(change)
                kind, holder = _holder(held, wanted) or (plan.kind, name)
                if kind == plan.kind and holder != name:
                    change.item.outcome = taken(plan, f"a {plan.entity} that this run would write")
                    continue
                for key in given:
                    held.claim(key, f"{kind}\0{holder}")
                yield change, (plan.entity, holder)

    def _asked(self, plan: Plan, change: Change) -> list[Name]:
        if change.kind is not Kind.CREATED:
            return []
        return [_key(plan, *key) for key in self._destination.asked_by(plan, change.item)]

    def _known(self, plan: Plan, change: Change) -> list[Name]:
        return [_key(plan, *key) for key in self._destination.known_by(change.values)]


def _key(plan: Plan, field: str, text: str) -> Name:
    return f"{plan.entity}.{field}", text


def _holder(held: Claimed, keys: Sequence[Name]) -> tuple[str, str] | None:
    """Kind and name of the record that has one of these keys, if one has."""
    found = (held.known.get(held.digests[key]) for key in keys)
    first = next((each for each in found if each is not None), None)
    if first is None:
        return None
    kind, name = first.split("\0", 1)
    return kind, name


def _reduced(
    named: Sequence[tuple[Change, Name]], names: Mapping[Name, bytes], held: dict[bytes, _Held]
) -> Iterator[tuple[Change, Name]]:
    for change, of in named:
        name = names[of]
        now = _held(change.values)
        if name in held and now:
            _leave_out(change, {key for key, said in now.items() if held[name].get(key) == said})
            change.kind = Kind.UPDATED
        if change.values or not now:
            yield change, of
        held[name] = {**held.get(name, {}), **now}


def _held(values: Mapping[str, Any]) -> _Held:
    return {key: digest(value) for key, value in values.items()}


def _leave_out(change: Change, keys: set[str]) -> None:
    for key in keys:
        del change.values[key]
        del change.labels[key]
    if not change.values:
        change.item.outcome = Outcome(Kind.UNCHANGED, "no_difference")


def _name(change: Change) -> str:
    """What a record goes by: its id, or the key of one that isn't there yet."""
    match = change.item.match
    return f"#{match.ids[0]}" if match and match.ids else change.item.key
