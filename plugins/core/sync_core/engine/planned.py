"""What a dry run has said it would write, so that it says nothing twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sync_core.canonical import digest
from sync_core.engine.deciding import Change
from sync_core.engine.model import Kind, Outcome, Plan
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

    def __init__(self) -> None:
        self._records = Scratch()

    def open(self, plan: Plan, changes: Sequence[Change]) -> list[Change]:
        """The changes that still change something, reduced to that; the others get their outcome.

        Args:
            plan: The stream's plan.
            changes: What would be written if nothing had been planned before.
        """
        names = digests(_name(plan, change) for change in changes)
        known = self._records.recall(list(names.values()))
        held = {name: _decode(text) for name, text in known.items()}
        left = list(_reduced(plan, changes, names, held))
        written = (names[_name(plan, change)] for change in left)
        self._records.keep({name: _encode(held[name]).decode() for name in written})
        return left


def _reduced(
    plan: Plan, changes: Sequence[Change], names: Mapping[Name, bytes], held: dict[bytes, _Held]
) -> Iterator[Change]:
    for change in changes:
        name = names[_name(plan, change)]
        now = _held(change.values)
        if name in held and now:
            _leave_out(change, {key for key, said in now.items() if held[name].get(key) == said})
            change.kind = Kind.UPDATED
        if change.values or not now:
            yield change
        held[name] = {**held.get(name, {}), **now}


def _held(values: Mapping[str, Any]) -> _Held:
    return {key: digest(value) for key, value in values.items()}


def _leave_out(change: Change, keys: set[str]) -> None:
    for key in keys:
        del change.values[key]
        del change.labels[key]
    if not change.values:
        change.item.outcome = Outcome(Kind.UNCHANGED, "no_difference")


def _name(plan: Plan, change: Change) -> Name:
    """What a record is known by: its id, or the key of one that isn't there yet."""
    match = change.item.match
    return plan.entity, f"#{match.ids[0]}" if match and match.ids else change.item.key
