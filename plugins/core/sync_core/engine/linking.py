"""match, first part: what the ledger remembers of the items, and who owns which key."""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.canonical import EMPTY, digest
from sync_core.engine.model import Item, Kind, Outcome, Plan
from sync_core.ledger import Agreed, Ledger, Link

Claims = dict[tuple[str, str], str]


def attach(ledger: Ledger, plan: Plan, items: Sequence[Item]) -> None:
    """Give each item its link: the one of its own id, or the one of its key, or a new one."""
    by_id = ledger.links_by(plan.kind, f"{plan.side}_id", (item.source_id for item in items))
    by_key = ledger.links_by(plan.kind, "key", (key for item in items for key in item.keys))
    for item in items:
        if item.outcome and item.outcome.reason == "deleted":
            _release(plan, item, by_id)
            continue
        item.link = _link(plan, item, by_id, by_key)
        if item.link.on("pipedrive") and item.outcome and item.outcome.reason == "not_in_segment":
            item.outcome = Outcome(
                Kind.SKIPPED, "left_segment", "the record has left the segments; nothing is written"
            )


def _release(plan: Plan, item: Item, by_id: dict[str, Link]) -> None:
    """Let the key of a deleted record go, so that another record with it isn't a duplicate."""
    item.link = by_id.get(item.source_id)
    if item.link is not None:
        item.link.place(plan.side, "")


def _link(plan: Plan, item: Item, by_id: dict[str, Link], by_key: dict[str, Link]) -> Link:
    own = by_id.get(item.source_id)
    if own is not None and own.key in item.keys:
        item.key = own.key
        return own
    known = next((by_key[key] for key in item.keys if key in by_key), None)
    if known is not None:
        item.key = known.key
        item.former = own
        return known
    if own is None:
        return Link(plan.kind, item.key, changed=True)
    # The record's key changed and nobody else has the new one: it is still the same record.
    own.rename(item.key)
    return own


def claim(claims: Claims, plan: Plan, items: Sequence[Item]) -> None:
    """Let one source record own a key; another with the same key is rejected, naming both.

    A Pipedrive record's claim lasts as long as its link. A journy record's id may change when
    journy unifies users, so there only a second one in the same run is refused.
    """
    for item in items:
        link = item.link
        if link is None:
            continue
        lasting = link.pipedrive_id if plan.side == "pipedrive" else ""
        owner = claims.setdefault((plan.kind, item.key), lasting or item.source_id)
        if owner != item.source_id:
            item.outcome = _duplicate(plan, item, owner)
            item.link = item.former = None
            continue
        link.place(plan.side, item.source_id)
        if item.former is not None:
            item.former.place(plan.side, "")


def _duplicate(plan: Plan, item: Item, owner: str) -> Outcome:
    ids = f"{owner} and {item.source_id}" if plan.side == "pipedrive" else "two records"
    return Outcome(
        Kind.REJECTED,
        "duplicate_key",
        f"{ids} have the same {plan.key_label}; merge them or correct one of them",
    )


def relate(ledger: Ledger, plan: Plan, items: Sequence[Item]) -> None:
    """Note each item's account, where exactly one of its accounts is linked on both sides."""
    relation = plan.relation
    if relation is None:
        return
    wanted = {item.source_id: _ids(item.record.get(relation.column)) for item in items}
    every = (each for ids in wanted.values() for each in ids)
    links = ledger.links_by("account", relation.by, every)
    for item in items:
        found = [links[each] for each in wanted[item.source_id] if each in links]
        usable = [link for link in found if link.pipedrive_id and link.key]
        # With several linked accounts, choosing one would be a guess.
        item.record[relation.into] = usable[0].key if len(usable) == 1 else None
        relation.resolved.update({link.key: link.pipedrive_id for link in usable})


def _ids(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(each) for each in values if isinstance(each, (str, int)) and each != ""]


def needs_match(plan: Plan, item: Item) -> bool:
    """Whether the stored record has to be looked at.

    Not when the record is linked and no mapped source value has moved since both sides agreed:
    then nothing could be written, whatever the other side says now.
    """
    link = item.link
    if link is None or not link.pipedrive_id or not link.journy_id:
        return True
    return any(_moved(plan, link.agreed.get(rule.pair), digest(rule.read(item.record)))
               for rule in plan.rules)  # fmt: skip


def _moved(plan: Plan, agreed: Agreed | None, source: str) -> bool:
    if agreed is None:
        return source != EMPTY
    before = agreed.pipedrive if plan.side == "pipedrive" else agreed.other
    return source != before
