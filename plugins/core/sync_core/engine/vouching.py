"""Records that needn't be read, since they certainly hold what both sides last agreed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_core.canonical import EMPTY, digest, is_empty
from sync_core.engine.model import Item, Plan
from sync_core.ledger import Agreed, Link
from sync_core.mapping import UNKNOWN, Rule


def vouch(
    plan: Plan,
    link: Link,
    stamp: str,
    current: Mapping[str, Any],
    seen: Mapping[tuple[str, str], str] | None = None,
) -> None:
    """Note a record's fingerprint, if each field holds what was agreed on.

    Where nothing was agreed on, it is noted whether the field holds anything.

    Args:
        plan: The stream's plan.
        link: The link.
        stamp: The fingerprint.
        current: Field key -> stored value.
        seen: Pair -> digest of the stored value, as far as these were made already.
    """
    known = dict(seen or {})
    for rule in plan.rules:
        if rule.pair not in known:
            known[rule.pair] = _plainly(rule, current)
    holds = all(known.get(pair, each.pipedrive) == each.pipedrive
                for pair, each in link.agreed.items())  # fmt: skip
    others = {pair for pair, value in known.items() if value != EMPTY} - link.agreed.keys()
    link.vouch(Vouched(stamp, frozenset(others)).written(plan) if holds and stamp else "")


@dataclass(frozen=True)
class Vouched:
    """What is known of a record that holds what was agreed on.

    Attributes:
        stamp: Its fingerprint; empty if none is known.
        others: Pairs that nothing was agreed on, whose field in Pipedrive holds something.
    """

    stamp: str = ""
    others: frozenset[tuple[str, str]] = frozenset()

    def written(self, plan: Plan) -> str:
        """As the ledger keeps it: the fingerprint, the mapping's name, and the others as bits."""
        bits = sum(1 << at for at, pair in enumerate(plan.pairs) if pair in self.others)
        return f"{self.stamp}.{plan.shape}.{bits:x}"


def vouched(plan: Plan, link: Link) -> Vouched:
    """What is known of a linked record; nothing, if it was seen with another mapping."""
    stamp, shape, bits = [*link.stamp.split("."), "", ""][:3]
    if shape != plan.shape:
        return Vouched()
    others = (pair for at, pair in enumerate(plan.pairs) if int(bits, 16) >> at & 1)
    return Vouched(stamp, frozenset(others))


def _plainly(rule: Rule, current: Mapping[str, Any]) -> str:
    return digest(rule.field.plain(current.get(rule.field.key)))


def rests_on_agreed(plan: Plan, item: Item, link: Link, known: Vouched) -> bool:
    """Whether the agreed values are enough to decide an item, if the record still holds them."""
    return all(
        _rests(rule, link.agreed.get(rule.pair), rule.read(item.record), known)
        for rule in plan.rules
    )


def _rests(rule: Rule, agreed: Agreed | None, value: Any, known: Vouched) -> bool:
    if value is UNKNOWN:
        return True
    if agreed is None:
        return rule.pair not in known.others or is_empty(value)
    if agreed.pipedrive == EMPTY:
        return True  # there is nothing that a value would have to be combined with
    return rule.field.by_itself or digest(value) == agreed.other
