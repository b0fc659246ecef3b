"""The destination as a dry run sees it: what was left out is as if it had been written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import msgspec

from sync_core import times
from sync_core.engine.model import Destination, Item, Match, Plan, Written
from sync_core.scratch import Name, Scratch, digests

#: Made-up ids begin below it.
_BEYOND = -(10**15)
#: What is kept of a record that wasn't written to.
_NOTHING: Mapping[str, Any] = {}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


def is_made_up(value: object) -> bool:
    """Whether a value stands in for the id of a record that isn't made; no service gives such."""
    text = str(value) if isinstance(value, (int, str)) else ""
    return text.startswith("-1") and text[1:].isdecimal() and int(text) < _BEYOND


class Dream:
    """Another destination, of which nothing but its reading takes place.

    Everything that isn't here is the other's: see `Destination`.
    """

    def __init__(self, destination: Destination) -> None:
        """Begin with all records as they are.

        Args:
            destination: The one that would be written to.
        """
        self._real = destination
        self._records = Scratch()
        self._numbers = count(_BEYOND - 1, -1)

    def __getattr__(self, name: str) -> Any:
        """Whatever isn't written to."""
        return getattr(self._real, name)

    def workers(self) -> int:
        """One: there is nothing to wait for."""
        return 1

    def match(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Match]:
        """Find the items' records, each with the values that it would have by now."""
        matches = self._real.match(plan, items)
        if not self._real.readable:
            return matches
        known = self._recall(
            _record(plan, each) for match in matches.values() for each in match.ids
        )
        return {at: _changed(match, known.get(_record(plan, *match.ids[:1]), _NOTHING))
                for at, match in matches.items()}  # fmt: skip

    def create(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Take a record for made."""
        made = item.key if self._real.upserts else str(next(self._numbers))
        return self._take(plan, item, made, values)

    def update(self, plan: Plan, item: Item, values: Mapping[str, Any]) -> Written:
        """Take fields for changed."""
        assert item.match is not None  # noqa: S101 - only matched items are updated
        return self._take(plan, item, item.match.ids[0], values)

    def delete(self, plan: Plan, item: Item) -> None:
        """Take a record for deleted."""
        assert item.match is not None  # noqa: S101 - only matched items are deleted
        self._real.pretend(plan, item, item.match.ids[0], None)
        self._keep(_record(plan, item.match.ids[0]), None)

    def flush(self, plan: Plan, items: Sequence[Item]) -> Mapping[int, Exception]:  # noqa: ARG002
        """Take what is written in groups for written."""
        return {}

    def _take(self, plan: Plan, item: Item, record: str, values: Mapping[str, Any]) -> Written:
        rejected = self._real.pretend(plan, item, record, values)
        if self._real.readable:  # a list that is read later has the record as it is
            name = _record(plan, record)
            taken = {key: value for key, value in values.items() if key not in rejected}
            self._keep(name, {**(self._recall([name]).get(name) or {}), **taken})
        # It still is as it was when its fingerprint was taken, and needn't be read.
        stamp = item.link.stamp if item.link and item.match and item.match.as_agreed else ""
        updated = "" if plan.side == "journy" else times.now()
        return Written(record, updated, rejected, stamp=stamp)

    def _recall(self, names: Iterable[Name]) -> dict[Name, Any]:
        known = digests(names)
        texts = self._records.recall(list(known.values()))
        return {name: _decode(texts[at]) for name, at in known.items() if at in texts}

    def _keep(self, name: Name, values: Mapping[str, Any] | None) -> None:
        self._records.keep({digests([name])[name]: _encode(values).decode()})


def _record(plan: Plan, record: str = "") -> Name:
    return plan.entity, record


def _changed(match: Match, held: Mapping[str, Any] | None) -> Match:
    """A match with the values that its record would hold by now; none if it would be deleted."""
    if len(match.ids) != 1 or held is _NOTHING:
        return match
    if held is None:
        return Match()
    return replace(match, current={**(match.current or {}), **held})
