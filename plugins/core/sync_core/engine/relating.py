"""match, second part: which account an item belongs to, and which it has left for another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync_core.engine.model import REMOVED, Item, Plan, Relation
from sync_core.engine.preparing import impossible
from sync_core.ledger import Ledger, Link
from sync_core.ledger.rows import Left


def relate(ledger: Ledger, plan: Plan, items: Sequence[Item]) -> None:
    """Note each item's account, where exactly one of its accounts is known at the destination."""
    relation = plan.relation
    if relation is None:
        return
    relation.resolved.clear()
    wanted = {item.source_id: _ids(item.record.get(relation.column)) for item in items}
    every = (each for ids in wanted.values() for each in ids)
    links = ledger.links_by("account", relation.by, every)
    for item in items:
        found = [links[each] for each in wanted[item.source_id] if each in links]
        usable = [link for link in found if is_usable(link, plan.there)]
        # With several linked accounts, choosing one would be a guess.
        item.record.pop(relation.into, None)
        if len(usable) == 1 or _has_left(ledger, relation, item, wanted[item.source_id]):
            item.record[relation.into] = usable[0].key if len(usable) == 1 else None
        relation.resolved.update({link.key: link.pipedrive_id for link in usable})


def is_usable(link: Link, there: str) -> bool:
    """Whether an account is known on the side that is written to, so that somebody can join it.

    A membership would make an account that journy doesn't have, also where creating is off.
    """
    return bool(link.key and link.on(there))


def _has_left(ledger: Ledger, relation: Relation, item: Item, ids: Sequence[str]) -> bool:
    """Whether a record without a linked account is surely out of the one that we put it into.

    Where its organization only can't be told from others now, or isn't in the record, it stays.
    """
    if relation.made is None or relation.accounts is None:
        return True
    if relation.column not in item.record:
        return False
    made = item.link.agreed.get(relation.made) if item.link else None
    former = relation.accounts.find(made.other) if made else None
    if former is None or not ids:
        return former is not None
    link = ledger.links_by("account", "key", [former]).get(former)
    return link is not None and link.pipedrive_id not in {"", *ids}


def _ids(value: object) -> list[str]:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    known = (each for each in values if isinstance(each, (str, int)) and not impossible(each))
    return list(dict.fromkeys(text for each in known if (text := str(each).strip())))


def left(plan: Plan, item: Item) -> Iterator[Left]:
    """The accounts that a batch's record, or another on its account, stands for no more.

    One whose account id another record has as well may soon stand for another account.
    """
    if not plan.key_is_id:
        return
    if item.ousted:
        yield Left(item.key, item.ousted)
    if item.outcome is not None and item.outcome.reason == REMOVED and item.link is not None:
        yield Left(item.link.key, item.source_id, deleted=True)
    elif item.link is not None and item.former is not None:
        yield Left(item.former.key, item.source_id)
