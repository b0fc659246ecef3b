"""match, first part: what the ledger remembers of the items, and who owns which key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sync_core.engine import left_behind, renaming
from sync_core.engine.claims import Claimed, Claims
from sync_core.engine.model import TAKEN, Item, Kind, Match, Outcome, Plan
from sync_core.engine.steps import has_news
from sync_core.ledger import Ledger, Link
from sync_core.ledger.values import Values


def attach(ledger: Ledger, plan: Plan, items: Sequence[Item]) -> None:
    """Give each item its link: the one of its own id, or the one of its key, or a new one."""
    by_id = ledger.links_by(plan.kind, f"{plan.side}_id", (item.source_id for item in items))
    rest = (item for item in items if not _is_own(item, by_id.get(item.source_id)))
    by_key = ledger.links_by(plan.kind, "key", (key for item in rest for key in item.keys))
    # One link of two records, each of which found it another way, is one object.
    same = {link.id: link for link in by_id.values()}
    by_key = {key: same.get(link.id, link) for key, link in by_key.items()}
    for item in items:
        if item.outcome and item.outcome.reason == "deleted":
            item.link = by_id.get(item.source_id)
            continue
        item.link = _link(ledger, plan, item, by_id, by_key)
        if item.link.on("pipedrive") and item.outcome and item.outcome.reason == "not_in_segment":
            item.outcome = Outcome(
                Kind.SKIPPED, "left_segment", "the record has left the segments; nothing is written"
            )


def _is_own(item: Item, link: Link | None) -> bool:
    return link is not None and link.key in item.keys


def _link(
    ledger: Ledger, plan: Plan, item: Item, by_id: dict[str, Link], by_key: dict[str, Link]
) -> Link:
    own = by_id.get(item.source_id)
    if own is not None and _is_own(item, own):
        item.key = own.key
        return own
    known = next((by_key[key] for key in item.keys if key in by_key), None)
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


def claim(claims: Claims, plan: Plan, items: Sequence[Item]) -> None:
    """Let one source record own a key; another with the same key is rejected, naming both.

    A Pipedrive record's claim lasts as long as its link. A journy record's id may change when
    journy unifies users, so there only a second one in the same run is refused.
    """
    moved = {item.source_id for item in items if moves(plan, item)}
    with claims.keys.of((plan.kind, item.key) for item in items) as claimed:
        for item in items:
            if item.link is not None:
                # Who has another key by now, such as one of two that swapped theirs, claims none.
                lasts = plan.side == "pipedrive" and item.link.pipedrive_id not in moved
                _claim(claims, claimed, plan, item, item.link, lasts=lasts)


def moves(plan: Plan, item: Item) -> bool:
    """Whether a record goes by another link's key by now."""
    return item.former is not None and item.former.on(plan.side) == item.source_id


def _claim(  # noqa: PLR0913 - who claims what of whom
    claims: Claims, claimed: Claimed, plan: Plan, item: Item, link: Link, *, lasts: bool
) -> None:
    name = (plan.kind, item.key)
    lasting = link.pipedrive_id if lasts else ""
    owner = claimed.claim(name, lasting or item.source_id)
    if owner != item.source_id:
        item.outcome = _duplicate(plan, item, owner)
        item.link = item.former = None
        claims.contested.add(name)
        if lasting:
            # The other direction mustn't take the first comer for the right one: without a link
            # it matches by key, finds both, and refuses to choose as well.
            item.former, item.ousted = link, lasting
            link.place("pipedrive", "")
        return
    if name not in claims.contested:
        link.place(plan.side, item.source_id)
    if item.former is not None and moves(plan, item):
        left_behind.leave(plan, item.former)  # unless the record with its key now has taken it


def refuse_taken(
    ledger: Ledger, claims: Claims, plan: Plan, items: Sequence[Item], matches: Mapping[int, Match]
) -> None:
    """Give each item its match, unless the matched record is another source record's already.

    Two users can match one person, each by another of the person's addresses. Writing both to it
    would make it flap between them.
    """
    single = {at: match.ids[0] for at, match in matches.items() if len(match.ids) == 1}
    column = "pipedrive_id" if plan.side == "journy" else "journy_id"
    others = ledger.links_by(plan.kind, column, single.values())
    with claims.remotes.of((plan.kind, remote) for remote in single.values()) as claimed:
        for at, match in matches.items():
            items[at].match = match
            if at in single:
                _take(claimed, plan, items[at], single[at], others.get(single[at]))


def _take(claimed: Claimed, plan: Plan, item: Item, remote: str, other: Link | None) -> None:
    if other is not None and item.link is not None and other.id != item.link.id:
        if other.on(plan.side) not in ("", item.source_id):
            claimed.claim((plan.kind, remote), other.key)
        elif item.former is None:  # it only knew the destination's half: that half moves here
            item.former = other
            other.place(plan.there, "")
    if claimed.claim((plan.kind, remote), item.key) != item.key:
        item.outcome = taken(plan, f"{plan.entity} {remote}")
        item.link = item.match = None


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


def _duplicate(plan: Plan, item: Item, owner: str) -> Outcome:
    ids = f"{owner} and {item.source_id}" if plan.side == "pipedrive" else "two records"
    return Outcome(
        Kind.REJECTED,
        "duplicate_key",
        f"{ids} have the same {plan.key_label}; merge them or correct one of them",
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
