"""match, between its parts: which source record goes by which key, and that no two do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync_core.engine import left_behind, taking_over
from sync_core.engine.claims import Claimed, Claims
from sync_core.engine.leaving import is_gone
from sync_core.engine.model import DUPLICATE, Item, Kind, Outcome, Plan
from sync_core.engine.replacing import forget_source
from sync_core.ledger import Ledger, Link


def claim(ledger: Ledger, claims: Claims, plan: Plan, items: Sequence[Item]) -> None:
    """Let one source record own a key; another with the same key is rejected, naming both.

    A Pipedrive record's claim lasts as long as its link, and from then on that it is contested,
    neither has the key until one of them lets go of it. A journy record's id may change when journy
    unifies users, so there only a second one in the same run is refused, and one whose place
    another took before.

    Args:
        ledger: The connection's memory.
        claims: Who owns what in this run.
        plan: The stream's plan.
        items: All of a batch; those that are decided already claim nothing.
    """
    open_items = [item for item in items if item.outcome is None and item.link is not None]
    left = list(_left(ledger, claims, plan, items))
    names = [(plan.kind, item.key) for item in open_items]
    with claims.keys.of([*names, *((plan.kind, key) for key, _ in left)]) as claimed:
        for key, record in left:
            claimed.release((plan.kind, key), record)
        # Who has another key by now, such as one of two that swapped theirs, claims none.
        gone = {item.source_id for item in items if moves(plan, item) or is_gone(item)}
        for item in sorted(open_items, key=lambda item: not _has(plan, item)):
            _claim(claims, claimed, plan, item, gone)


def _has(plan: Plan, item: Item) -> bool:
    """Whether a record's link is its own already."""
    return item.link is not None and item.link.on(plan.side) == item.source_id


def moves(plan: Plan, item: Item) -> bool:
    """Whether a record goes by another link's key by now."""
    return item.former is not None and item.former.on(plan.side) == item.source_id


def _left(
    ledger: Ledger, claims: Claims, plan: Plan, items: Sequence[Item]
) -> Iterator[tuple[str, str]]:
    """The keys that a batch's records have let go of, each with the record that had it."""
    for item in items:
        former = item.former.key if item.former is not None and moves(plan, item) else ""
        if former or (item.link is not None and is_gone(item)):
            yield former or (item.link.key if item.link else ""), item.source_id
        elif item.link is not None and item.link.stored_key not in {"", item.link.key}:
            yield item.link.stored_key, item.source_id
    if plan.side == "pipedrive":
        yield from _let_go(ledger, claims, plan, [item for item in items if _has_none(item)])
        yield from _out_of_contest(claims, plan, items)


def _let_go(
    ledger: Ledger, claims: Claims, plan: Plan, items: Sequence[Item]
) -> Iterator[tuple[str, str]]:
    """Note which of some records without a key still have a link; it stays until another comes."""
    contests = claims.contests.of(plan)
    links = ledger.links_by(plan.kind, "pipedrive_id", (item.source_id for item in items))
    for record, link in links.items():
        yield link.key, record
        contests.let_go(record)


def _out_of_contest(claims: Claims, plan: Plan, items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    contests = claims.contests.of(plan)
    for item in items:
        key = contests.key(item.source_id)
        if key and (_has_none(item) or is_gone(item) or (item.key and item.key != key)):
            yield key, item.source_id
            contests.leave(item.source_id)


def _has_none(item: Item) -> bool:
    return item.outcome is not None and item.outcome.reason == "no_match_key"


def _claim(claims: Claims, claimed: Claimed, plan: Plan, item: Item, gone: set[str]) -> None:
    link, name = item.link, (plan.kind, item.key)
    assert link is not None  # noqa: S101 - callers ask of linked items
    holder = _holder(claims, plan, item, link, gone)
    rival = claims.contests.of(plan).rival(item.key, item.source_id) if _lasts(plan) else ""
    owner = rival or claimed.claim(name, holder or item.source_id)
    if owner != item.source_id:
        _contest(claims, plan, item, holder, owner)
        return
    if _lasts(plan):
        _take_over(claims, plan, item, link)
    else:
        _succeed(claims, plan, item, link, gone)
    if item.former is not None and moves(plan, item):
        left_behind.leave(plan, item.former)  # unless the record with its key now has taken it


def _lasts(plan: Plan) -> bool:
    return plan.side == "pipedrive"


def _holder(claims: Claims, plan: Plan, item: Item, link: Link, gone: set[str]) -> str:
    """The record whose key an item's is, as far as is known; empty: nobody's."""
    record = link.on(plan.side)
    if record in gone:
        return ""
    if _lasts(plan):
        holds = claims.contests.of(plan).holds(record, link.key)
    else:
        holds = taking_over.comes_back(plan, item, link)
    return record if holds else ""


def _take_over(claims: Claims, plan: Plan, item: Item, link: Link) -> None:
    """Let a record have a key that it has alone, and the one that let go of it be forgotten."""
    contests, before = claims.contests.of(plan), link.pipedrive_id
    contests.leave(item.source_id)
    if link.last_on("pipedrive") not in {"", item.source_id}:
        forget_source(plan, link)
    if before not in {"", item.source_id} and not contests.holds(before, link.key):
        item.ousted = before
        if not contests.key(before):
            contests.leave(before)
    link.place("pipedrive", item.source_id)


def _succeed(claims: Claims, plan: Plan, item: Item, link: Link, gone: set[str]) -> None:
    """Let a record of journy have a key; whoever had it may be the same one, by another id."""
    if link.last_on(plan.side) in gone - {item.source_id}:
        forget_source(plan, link)
    if (plan.kind, item.key) not in claims.contested:
        taking_over.take_over(plan, item, link)


def _contest(claims: Claims, plan: Plan, item: Item, holder: str, owner: str) -> None:
    """Reject a record whose key is another's as well, which then doesn't have it either."""
    link = item.link
    item.outcome = _duplicate(plan, item, owner)
    item.link = item.former = None
    if not _lasts(plan):
        claims.contested.add((plan.kind, item.key))
        return
    claims.contests.of(plan).enter(item.key, owner, item.source_id)
    if link is not None and holder not in {"", item.source_id}:
        # The other direction mustn't take the first comer for the right one: without a link
        # it matches by key, finds both, and refuses to choose as well.
        claims.contests.of(plan).enter(item.key, holder)
        item.former, item.ousted = link, holder
        link.put_aside("pipedrive")


def _duplicate(plan: Plan, item: Item, owner: str) -> Outcome:
    return Outcome(
        Kind.REJECTED,
        DUPLICATE,
        f"{_named(owner, item.source_id)} have the same {plan.key_label}; "
        "merge them or correct one of them",
    )


def _named(owner: str, record: str) -> str:
    """Both records by their ids, as far as these are no addresses, which no log shows."""
    shown = [each for each in (owner, record) if "@" not in each]
    if len(shown) == 1:
        return f"{shown[0]} and another record, whose id is an address,"
    return " and ".join(shown) or "two records, whose ids are addresses,"
