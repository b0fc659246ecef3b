"""What becomes of a change that the service took: what both agree on now, and what is said."""

from __future__ import annotations

from sync_core.canonical import digest
from sync_core.engine import refusals, turned_away
from sync_core.engine.deciding import sentence
from sync_core.engine.merging import agree
from sync_core.engine.model import Change, Item, Kind, Outcome, Plan, Written
from sync_core.engine.vacancy import after_create
from sync_core.engine.vouching import vouch
from sync_core.ledger import Link
from sync_core.mapping import Rule

#: The reason of a record that was written without some of its fields.
SOME_REJECTED = "some_fields_rejected"


def settle(plan: Plan, change: Change, written: Written) -> None:
    """Note a write on its item and link, and give the item its outcome."""
    item, link = change.item, change.item.link
    assert link is not None  # noqa: S101 - only linked items are written
    item.written = written
    for key, why in written.rejected.items():
        item.rejected_fields[change.labels.pop(key, key)] = why
    link.place(plan.there, written.remote_id)
    if plan.side == "journy":
        link.pipedrive_updated = max(link.pipedrive_updated, written.updated)
    turned_away.forget(plan, item)
    for rule in plan.rules:
        _settle_field(plan, change, rule, written)
    _vouch(plan, change, link, written)
    item.outcome = _outcome(change, item)


def _settle_field(plan: Plan, change: Change, rule: Rule, written: Written) -> None:
    item, link, key = change.item, change.item.link, rule.field.key
    taken = key in change.values and key not in written.rejected
    if link is not None and taken:
        agree(plan, link, rule.pair, _agreed(change, rule, written), written.updated)
        refusals.forget(plan, link, rule)
        _take_place(plan, link, rule)
    elif key in change.refused or (key in change.values and written.for_good):
        refusals.note(plan, item, rule, written.updated)


def _vouch(plan: Plan, change: Change, link: Link, written: Written) -> None:
    """Note what is known of the record by the service's answer."""
    if written.current is None:
        if written.stamp:
            link.vouch(written.stamp)
        return
    vouch(plan, link, written.stamp, written.current)
    if change.kind is Kind.CREATED:
        after_create(plan, change.item, link, written.current)


def _take_place(plan: Plan, link: Link, rule: Rule) -> None:
    """Forget what was agreed on through a line whose place a written one took.

    Should it come back, the field no longer holds what that one had written. Lines the other way,
    from this field or into this line's source, are none of those: who wrote tells them apart.
    """
    if plan.relation is not None and rule.mapping.source == plan.relation.column:
        return  # beside it stands what we know of memberships
    if plan.side == "journy":
        link.fill(rule.pair)
    at = 1 if plan.side == "pipedrive" else 0
    for pair, agreed in list(link.agreed.items()):
        ours = bool(agreed.other_written) == (plan.side == "pipedrive")
        if pair != rule.pair and pair[at] == rule.pair[at] and ours:
            del link.agreed[pair]
            link.changed = True


def _agreed(change: Change, rule: Rule, written: Written) -> tuple[str, str]:
    """The (source, destination) digests of a field: of what was sent, or of what came of it."""
    source, sent = change.digests[rule.pair]
    if not rule.field.as_stored or written.current is None:
        return source, sent
    return source, digest(rule.field.plain(written.current.get(rule.field.key)))


def _outcome(change: Change, item: Item) -> Outcome:
    """What to say of a write that the service took."""
    labels = tuple(change.labels.values())
    refused = sentence(item.rejected_fields)
    note = item.match.note if item.match else ""
    text = "; ".join(part for part in (refused, sentence(item.conflicts), note) if part)
    if change.kind is Kind.UPDATED and not labels:
        return Outcome(Kind.REJECTED, turned_away.REFUSED, text)
    reason = SOME_REJECTED if refused else change.kind.value
    return Outcome(change.kind, reason, text, labels)
