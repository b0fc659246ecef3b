"""map and merge, by record: from a matched item to a change, or to an outcome."""

from __future__ import annotations

from collections.abc import Mapping

from sync_core import times
from sync_core.canonical import EMPTY
from sync_core.engine import left_behind, merging
from sync_core.engine.model import Change, Destination, Item, Kind, Match, Outcome, Plan
from sync_core.engine.vouching import vouch
from sync_core.ledger import Agreed, Link
from sync_core.mapping import Partial

#: Pipedrive's lists and searches lag behind writes by up to 36 s, as seen live. A create whose
#: answer was lost isn't repeated before this time has passed.
SETTLE_SECONDS = 120.0
_NOTHING_TO_DO = Outcome(Kind.UNCHANGED, "no_difference")


def decide_item(plan: Plan, item: Item, destination: Destination) -> Change | None:
    """Decide what to write; without anything to write, the item gets its outcome."""
    link = item.link
    assert link is not None  # noqa: S101 - only claimed items get here
    if plan.side == "pipedrive" and item.updated and item.updated < link.pipedrive_updated:
        # Lists lag behind writes. A newer version is certain to come, so this one is left alone.
        item.outcome = Outcome(Kind.UNCHANGED, "stale", "older than what was last written")
        return None
    if item.match is None:
        item.outcome = _NOTHING_TO_DO
        return None
    if item.match.hidden:
        item.outcome = hidden(item.match)
        return None
    if len(item.match.ids) > 1:
        item.outcome = several(plan, item.match)
        return None
    if not item.match.ids:
        return _create(plan, item, destination)
    left_behind.part(plan, item)
    former = _place(link, destination.name, item.match.ids[0])
    change = _update(plan, item, link, destination)
    written = change.digests if change else {}
    for pair in former:
        # Nothing is agreed on with the new record: its own values count as moved, not as cleared.
        # Of lines the other way alone, nothing is known at all; what is written is agreed on once
        # it got through, and decided as now where it has to be tried again.
        if pair in plan.lines and pair not in written:
            link.agreed.setdefault(pair, Agreed(EMPTY, EMPTY))
    return change


def _place(link: Link, side: str, record_id: str) -> list[tuple[str, str]]:
    """Link a record; the pairs that were agreed on with another one that stood here before."""
    replaces = link.last_on(side) not in ("", record_id)
    former = list(link.agreed) if replaces else []
    for pair in former:
        del link.agreed[pair]
    if replaces:
        link.vacate_nothing()
    link.place(side, record_id)
    return former


def hidden(match: Match) -> Outcome:
    """The rejection of a record whose counterpart may not be read."""
    return Outcome(Kind.REJECTED, "forbidden", match.hidden)


def several(plan: Plan, match: Match) -> Outcome:
    """The rejection of a record that several match; it names them all."""
    if match.why:
        return Outcome(Kind.REJECTED, "several_matches", f"{match.why}; merge them or correct one")
    ids = ", ".join(match.ids)
    return Outcome(
        Kind.REJECTED,
        "several_matches",
        f"{len(match.ids)} records have this {plan.key_label}: {ids}; merge them or correct one",
    )


def _create(plan: Plan, item: Item, destination: Destination) -> Change | None:
    if not plan.create or isinstance(item.record, Partial):
        why = "and creating is off" if not plan.create else f"until the {plan.noun} itself comes by"
        has = "has" if destination.readable else "is known to have"
        item.outcome = Outcome(
            Kind.SKIPPED, "no_match", f"no {plan.entity} {has} this {plan.key_label}, {why}"
        )
        return None
    if not item.keys:
        item.outcome = Outcome(
            Kind.SKIPPED,
            "no_match_key",
            f"the {plan.noun} has no {plan.key_label}, without which none is created, and no "
            f"{plan.entity} has its other keys",
        )
        return None
    if (left := left_behind.outcome(plan, item)) is not None:
        item.outcome = left
        return None
    now, lost_at = destination.clock(), max(item.lost_at, item.match.lost_at if item.match else "")
    item.lost_at = min(lost_at, now)  # what seems to lie ahead was told by a clock that was wrong
    if lost_at and times.between(item.lost_at, now) < SETTLE_SECONDS:
        item.outcome = Outcome(
            Kind.DEFERRED,
            "answer_lost",
            "an earlier create may have succeeded; waits until lists are sure to show it",
        )
        return None
    change = Change(item, Kind.CREATED, {}, {}, {})
    for rule in plan.rules:
        merging.fill(plan, item, rule, change)
    if lacking := destination.lacking(plan, item, change.values):
        said = (lacking, sentence(item.rejected_fields))
        item.outcome = Outcome(Kind.REJECTED, "incomplete", "; ".join(filter(None, said)))
        return None
    return change


def _update(plan: Plan, item: Item, link: Link, destination: Destination) -> Change | None:
    change = Change(item, Kind.UPDATED, {}, {}, {})
    for rule in plan.rules:
        merging.merge(plan, item, link, rule, change, destination)
    if change.values:
        return change
    if item.match and item.match.stamp and not item.match.as_agreed:
        vouch(plan, link, item.match.stamp, item.match.current or {}, change.seen)
    item.outcome = nothing_written(item)
    return None


def nothing_written(item: Item) -> Outcome:
    """The outcome of an item of which no field is written."""
    if item.rejected_fields:
        said = (sentence(item.rejected_fields), sentence(item.conflicts))
        return Outcome(Kind.REJECTED, "bad_value", "; ".join(filter(None, said)))
    if item.conflicts:
        return Outcome(Kind.UNCHANGED, "conflict", sentence(item.conflicts))
    return _NOTHING_TO_DO


def sentence(rejected: Mapping[str, str]) -> str:
    """Every field with what is to be said of it."""
    return "; ".join(f"{label}: {why}" for label, why in rejected.items())
