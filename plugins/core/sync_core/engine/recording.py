"""record: what a batch adds to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync_core import exact
from sync_core.engine import refusals, relating, steps
from sync_core.engine.differing import differences
from sync_core.engine.model import ANSWER_LOST, REMOVED, Item, Kind, Outcome, Plan
from sync_core.ledger import OutcomeRow
from sync_core.ledger.patience import DAILY
from sync_core.ledger.writing import Entries, Retry
from sync_core.mapping import Partial


def entries(plan: Plan, items: list[Item], clock: str, *, remember: bool) -> Entries:
    """Gather the ledger's entries of a batch.

    Args:
        plan: The stream's plan.
        items: The batch; items without an outcome weren't reached and leave no trace.
        clock: The destination's own time.
        remember: Whether links, agreed values and retries are kept, which a dry run doesn't.
    """
    batch = Entries()
    for item in items:
        if item.outcome is None:
            _unreached(plan, item, batch, clock)
            continue
        batch.counts[plan.stream, item.outcome.kind.value, item.outcome.reason] += 1
        if item.outcome.kind is not Kind.UNCHANGED or item.conflicts:
            batch.outcomes.append(_row(plan, item, item.outcome))
        if remember:
            _remember(plan, item, batch, clock)
    return batch


def _unreached(plan: Plan, item: Item, batch: Entries, clock: str) -> None:
    """Take back the announcement of a create that was never sent.

    The source sends the record again with the next run, unless it was already kept from an earlier
    one: then it stays kept, for the reason that it had.
    """
    if item.intended and item.kept:
        batch.retries.append(replace(kept(plan, item, item.kept, clock), tried=False))
    elif item.intended:
        batch.settled.append((plan.stream, item.source_id))


def _row(plan: Plan, item: Item, outcome: Outcome) -> OutcomeRow:
    ids = {"pipedrive": "", "journy": "", plan.side: item.source_id}
    if item.link is not None:
        ids = {side: item.link.on(side) or ids[side] for side in ids}
    if outcome.reason == REMOVED and item.match is not None:  # the link has let it go
        ids[plan.there] = item.match.ids[0]
    return OutcomeRow(
        entity=plan.stream,
        outcome=outcome.kind.value,
        reason=outcome.reason,
        text=outcome.text,
        key=item.key,
        pipedrive_id=ids["pipedrive"],
        journy_id=ids["journy"],
        fields=outcome.fields,
        milliseconds=item.milliseconds,
        changes=differences(item),
    )


def _remember(plan: Plan, item: Item, batch: Entries, clock: str) -> None:
    outcome = item.outcome
    assert outcome is not None  # noqa: S101 - those without one leave no trace
    steps.remember(plan, item)
    batch.left += relating.left(plan, item)
    links = (item.former, item.link)
    batch.links += [link for link in links if link is not None and link.changed]
    if isinstance(item.record, Partial):
        return  # its news stays due; what is kept of the record itself says more
    if outcome.kind is Kind.DEFERRED:
        batch.retries.append(kept(plan, item, outcome.reason, clock))
    elif item.given_up:
        batch.retries.append(kept(plan, item, item.given_up, clock))
    elif item.source_id and (outcome.kind is Kind.REJECTED or item.rejected_fields):
        # Its source won't send it again just because somebody mended the other side.
        parked = outcome.reason not in DAILY
        batch.retries.append(replace(kept(plan, item, outcome.reason, clock), parked=parked))
    elif item.intended or (item.kept and not refusals.any_stands(plan, item)):
        batch.settled.append((plan.stream, item.source_id))


def kept(plan: Plan, item: Item, reason: str, clock: str) -> Retry:
    """An item as it is kept for another try; a create that isn't sent again keeps its time."""
    sent = item.lost_at or clock if reason == ANSWER_LOST else ""
    return Retry(plan.stream, item.source_id, exact.encode(item.record), reason, sent=sent)


def intents(plan: Plan, items: Sequence[Item], clock: str) -> Entries:
    """Note creates before they are sent.

    A run that is killed between a create and its record leaves these behind, and the next run
    looks for the records before it creates any of them. One that is sent again counts from now
    on: what was waited for since the answer before was lost says nothing of this one's.
    """
    for item in items:
        item.intended, item.lost_at = True, ""
    # By its link, another stream's record with the same key is told apart from a new one.
    links = [item.link for item in items if item.link is not None and item.link.id is None]
    return Entries(retries=[kept(plan, item, ANSWER_LOST, clock) for item in items], links=links)
