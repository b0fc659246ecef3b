"""Agreed values as they are, beside their digests, where the user asks for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sync_core.canonical import canon

Pair = tuple[str, str]
#: (Pipedrive's, the other side's); `UNSET` where nobody knows.
Both = tuple[Any, Any]
UNKNOWN: Both = (msgspec.UNSET, msgspec.UNSET)


@dataclass(repr=False)
class Values:
    """The values of one link. No decision rests on them.

    Attributes:
        agreed: What both sides last agreed on.
        sent: What they agree on once it is written.
    """

    agreed: dict[Pair, Both] = field(default_factory=dict)
    sent: dict[Pair, Both] = field(default_factory=dict)
    _learned: set[Pair] = field(default_factory=set)

    @property
    def learned(self) -> Collection[Pair]:
        """Pairs of which more is known than is stored, though the same is agreed on."""
        return self._learned

    def learn(self, pair: Pair, both: Both) -> bool:
        """Note what both sides agree on by now; whether that is news."""
        if as_texts(self.agreed.get(pair, UNKNOWN)) == as_texts(both):
            return False
        self.agreed[pair] = both
        self._learned.add(pair)
        return True

    def texts(self, pair: Pair) -> tuple[str | None, str | None]:
        """What is stored once a pair is agreed on anew."""
        return as_texts(self.sent.get(pair) or self.agreed.get(pair, UNKNOWN))


def as_texts(both: Both) -> tuple[str | None, str | None]:
    """Values as JSON texts; None for what isn't known."""
    first, second = (
        None if value is msgspec.UNSET else msgspec.json.encode(canon(value)).decode()
        for value in both
    )
    return first, second


def from_texts(pipedrive: str | None, other: str | None) -> Both:
    """Values from what is stored."""
    first, second = (
        msgspec.UNSET if text is None else msgspec.json.decode(text) for text in (pipedrive, other)
    )
    return first, second
