"""match, first part: what the ledger remembers of the items, and whose record each finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from sync_core.engine import renaming
from sync_core.engine.claims import Claimed, Claims
from sync_core.engine.model import TAKEN, Item, Kind, Match, Outcome, Plan
from sync_core.engine.replacing import lines
from sync_core.engine.steps import has_news
from sync_core.ledger import Ledger, Link
from sync_core.ledger.values import Values


def attach(ledger: Ledger, plan: Plan, items: Sequence[Item]) -> None:
    """Give each item its link: the one of its own id, or the one of its key, or a new one."""
    by_id = ledger.links_by(plan.kind, f"{plan.side}_id", (item.source_id for item in items))
    own, rest = _parted(items, by_id)
    by_key = ledger.links_by(plan.kind, "key", (key for item in rest for key in item.keys))
    # One link of two records, each of which found it another way, is one object.
    same = {link.id: link for link in by_id.values()}
    by_key = {key: same.get(link.id, link) for key, link in by_key.items()}
    made: dict[str, Link] = {}
    for item in chain(own, _in_turn(rest, by_id, by_key)):
        if item.outcome and item.outcome.reason == "deleted":
            item.link = by_id.get(item.source_id)
            continue
        link = _link(ledger, plan, item, by_id, by_key)
        # Two new records with one key have one link, so that it is free of both if they contest it.
        item.link = link if link.id else made.setdefault(link.key, link)
        item.unmet = bool(link.on(plan.there)) and not link.on(plan.side) and not lines(link)
        if item.link.on("pipedrive") and item.outcome and item.outcome.reason == "not_in_segment":
            item.outcome = Outcome(
                Kind.SKIPPED, "left_segment", "the record has left the segments; nothing is written"
            )


def _parted(items: Sequence[Item], by_id: Mapping[str, Link]) -> tuple[list[Item], list[Item]]:
    """Records that go by the key of their link still, and all others."""
    own: list[Item] = []
    rest: list[Item] = []
    for item in items:
        (own if _is_own(item, by_id.get(item.source_id)) else rest).append(item)
    return own, rest


def _in_turn(
    items: Sequence[Item], by_id: Mapping[str, Link], by_key: Mapping[str, Link]
) -> Iterator[Item]:
    """Records in such an order that who lets go of a key has done so before another one has it.

    Each is attached before the next one is asked for. Those that only change keys among themselves
    can't be brought into one; they come before the records that nobody knows yet.
    """
    known = [item for item in items if item.source_id in by_id]
    while free := {at for at, item in enumerate(known) if _of_key(item, by_key) is None}:
        yield from (known[at] for at in sorted(free))
        known = [item for at, item in enumerate(known) if at not in free]
    yield from known
    yield from (item for item in items if item.source_id not in by_id)


def _of_key(item: Item, by_key: Mapping[str, Link]) -> Link | None:
    """The link of the first of a record's keys that has one still."""
    found = ((key, by_key[key]) for key in item.keys if key in by_key)
    return next((link for key, link in found if link.key == key), None)


def _is_own(item: Item, link: Link | None) -> bool:
    return link is not None and link.key in item.keys


def _link(
    ledger: Ledger, plan: Plan, item: Item, by_id: Mapping[str, Link], by_key: Mapping[str, Link]
) -> Link:
    own = by_id.get(item.source_id)
    if own is not None and _is_own(item, own):
        item.key = own.key
        return own
    known = _of_key(item, by_key)
    if known is not None:
        item.key = known.key
        item.former = own
        return known
    if own is None or plan.key_is_id:
        item.former = own
        values = Values() if ledger.policy.plain else None
        return Link(plan.kind, item.key, changed=True, values=values)
    # The record's key changed and nobody else has the new one: it is still the same record.
    renaming.rename(plan, own, item.key)
    return own


def refuse_taken(
    ledger: Ledger, claims: Claims, plan: Plan, items: Sequence[Item], matches: Mapping[int, Match]
) -> None:
    """Give each item its match, unless the matched record is another source record's already.

    Two users can match one person, each by another of the person's addresses. Writing both to it
    would make it flap between them.
    """
    single = {at: match.ids[0] for at, match in matches.items() if len(match.ids) == 1}
    column = "pipedrive_id" if plan.side == "journy" else "journy_id"
    own = {item.link.id: item.link for item in items if item.link is not None}
    others = {
        remote: own.get(link.id) or link  # as it is by this batch, if it is one of its records'
        for remote, link in ledger.links_by(plan.kind, column, single.values()).items()
    }
    with claims.remotes.of((plan.kind, remote) for remote in single.values()) as claimed:
        for at, match in matches.items():
            items[at].match = match
            _drop_stranger(plan, items[at], match)
            if at in single:
                _settle(claims, plan, items[at], single[at])
                _take(claimed, plan, items[at], single[at], others.get(single[at]))


def _drop_stranger(plan: Plan, item: Item, match: Match) -> None:
    """Forget a record that was known by its key alone, if it isn't found by that any more."""
    is_told = not match.hidden and not match.unaffordable
    if item.link is not None and item.unmet and is_told:
        item.link.place(plan.there, match.ids[0] if len(match.ids) == 1 else "")


def _settle(claims: Claims, plan: Plan, item: Item, remote: str) -> None:
    """Note whose a key is that was looked for since nobody owned it.

    So a contest ends also where no record tells that one of the two was merged or deleted.
    """
    if plan.there != "pipedrive" or item.link is None or item.link.pipedrive_id:
        return
    if item.match is not None and not item.match.unsearched:
        claims.contests.of(plan).found(item.key, remote)


def _take(claimed: Claimed, plan: Plan, item: Item, remote: str, other: Link | None) -> None:
    if other is not None and item.link is not None and other.id != item.link.id:
        if other.on(plan.side) not in ("", item.source_id):
            claimed.claim((plan.kind, remote), other.key)
        elif item.former is None:  # it only knew the destination's half: that half moves here
            item.former = other
            other.place(plan.there, "")
    if claimed.claim((plan.kind, remote), item.key) == item.key:
        return
    if _is_handed_on(item, other):
        item.match = item.match.left if item.match else None
    else:
        item.outcome = _taken(plan, remote)
        item.link = item.match = None


def _is_handed_on(item: Item, other: Link | None) -> bool:
    """Whether a linked record has a key that the matched record's user lets go of in this batch.

    Both users keep their own: by the time that both are written, none has the other one's key.
    """
    left = item.match.left if item.match is not None else None
    return left is not None and other is not None and other.stored_key == item.key != other.key


def _taken(plan: Plan, remote: str) -> Outcome:
    if "@" not in remote:
        return taken(plan, f"{plan.entity} {remote}")
    text = (  # no log shows an address
        f"a {plan.entity} whose id is its address has another address by now, and is kept in step "
        f"with another {plan.noun}: {plan.there} would take the two for one; give one of them "
        "another address, or the user another id"
    )
    return Outcome(Kind.REJECTED, TAKEN, text)


def claim_made(claims: Claims, plan: Plan, items: Iterable[Item]) -> None:
    """Let items own the records that were made for them; the ledger doesn't know these yet."""
    made = {item.written.remote_id: item.key for item in items if item.written}
    with claims.remotes.of((plan.kind, remote) for remote in made) as claimed:
        for remote, key in made.items():
            claimed.claim((plan.kind, remote), key)


def taken(plan: Plan, record: str) -> Outcome:
    """The rejection of a record whose match is another one's already."""
    return Outcome(
        Kind.REJECTED,
        TAKEN,
        f"{record} is kept in step with another {plan.noun}, by another of its keys; take one of "
        "the keys off it, or merge the two",
    )


def needs_match(plan: Plan, item: Item) -> bool:
    """Whether the stored record has to be looked at.

    Not when the record is linked and no mapped source value has moved since both sides agreed:
    then nothing could be written, whatever the other side says now.
    """
    link = item.link
    if link is None or not link.pipedrive_id or not link.journy_id:
        return True
    return has_news(plan, item)
