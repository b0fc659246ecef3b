"""map and merge: from a matched item to the fields that have to be written, or to an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync_core import times
from sync_core.canonical import EMPTY, digest, is_empty
from sync_core.engine import left_behind, refusals
from sync_core.engine.differing import note_values
from sync_core.engine.merge import State, Verdict, decide
from sync_core.engine.model import Destination, Item, Kind, Match, Outcome, Plan
from sync_core.engine.vacancy import seen_empty
from sync_core.engine.vouching import vouch
from sync_core.ledger import Agreed, Link
from sync_core.mapping import UNKNOWN, Partial, Rule, ValueMisfitError

#: Pipedrive's lists and searches lag behind writes by up to 36 s, as seen live. A create whose
#: answer was lost isn't repeated before this time has passed.
SETTLE_SECONDS = 120.0
_NOTHING_TO_DO = Outcome(Kind.UNCHANGED, "no_difference")
#: Stands for the stored value of a record that isn't there yet.
_NEW: Any = object()


@dataclass
class Change:
    """What has to be written for one item.

    Attributes:
        item: The item.
        kind: Whether the record is created or updated.
        values: Field key -> value to send.
        labels: Field key -> label, for the log.
        digests: Pair -> (source, destination) digests to agree on once it is written.
        seen: Pair -> digest of the destination's value as it was read.
        refused: Keys of the fields that were left out of it, since the service doesn't take them.
    """

    item: Item
    kind: Kind
    values: dict[str, Any]
    labels: dict[str, str]
    digests: dict[tuple[str, str], tuple[str, str]]
    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


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
    if len(item.match.ids) > 1:
        item.outcome = several(plan, item.match)
        return None
    if not item.match.ids:
        return _create(plan, item, destination)
    left_behind.part(plan, item)
    former = _place(link, destination.name, item.match.ids[0])
    change = _update(plan, item, link, destination)
    for pair in former:
        # Nothing is agreed on with the new record: its own values count as moved, not as cleared.
        link.agreed.setdefault(pair, Agreed(EMPTY, EMPTY))
    return change


def _place(link: Link, side: str, record_id: str) -> list[tuple[str, str]]:
    """Link a record; the pairs that were agreed on with another one that stood here before."""
    former = list(link.agreed) if link.on(side) not in ("", record_id) else []
    for pair in former:
        del link.agreed[pair]
    if link.on(side) not in ("", record_id):
        link.vacate_nothing()
    link.place(side, record_id)
    return former


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
        item.outcome = Outcome(
            Kind.SKIPPED, "no_match", f"no {plan.entity} has this {plan.key_label}, {why}"
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
    item.lost_at = max(item.lost_at, item.match.lost_at if item.match else "")
    if item.lost_at and times.seconds_since(item.lost_at) < SETTLE_SECONDS:
        item.outcome = Outcome(
            Kind.DEFERRED,
            "answer_lost",
            "an earlier create may have succeeded; waits until lists are sure to show it",
        )
        return None
    change = Change(item, Kind.CREATED, {}, {}, {})
    for rule in plan.rules:
        source = rule.read(item.record)
        if source is UNKNOWN or is_empty(source):
            continue
        if (wanted := _convert(rule, source, item)) is not None:
            _add(change, rule, State(digest(source), None, same=False), wanted, None)
            note_values(plan, item, rule, Verdict.WRITE, source, change.values)
    if lacking := destination.lacking(plan, item, change.values):
        said = (lacking, sentence(item.rejected_fields))
        item.outcome = Outcome(Kind.REJECTED, "incomplete", "; ".join(filter(None, said)))
        return None
    return change


def _update(plan: Plan, item: Item, link: Link, destination: Destination) -> Change | None:
    change = Change(item, Kind.UPDATED, {}, {}, {})
    for rule in plan.rules:
        _merge(plan, item, link, rule, change, destination)
    if change.values:
        return change
    if item.match and item.match.stamp and not item.match.as_agreed:
        vouch(plan, link, item.match.stamp, item.match.current or {}, change.seen)
    item.outcome = nothing_written(item)
    return None


def nothing_written(item: Item) -> Outcome:
    """The outcome of an item of which no field is written."""
    if item.rejected_fields:
        return Outcome(Kind.REJECTED, "bad_value", sentence(item.rejected_fields))
    if item.conflicts:
        return Outcome(Kind.UNCHANGED, "conflict", sentence(item.conflicts))
    return _NOTHING_TO_DO


def sentence(rejected: Mapping[str, str]) -> str:
    """Every field with what is to be said of it."""
    return "; ".join(f"{label}: {why}" for label, why in rejected.items())


def _merge(  # noqa: PLR0913, PLR0917 - one field of one record, with all that decides it
    plan: Plan, item: Item, link: Link, rule: Rule, change: Change, destination: Destination
) -> None:
    source = rule.read(item.record)
    agreed = link.known(rule.pair)
    if source is UNKNOWN or _is_stale(plan, item, agreed):
        return
    stored = (item.match.current or {}).get(rule.field.key) if item.match else None
    wanted = None if is_empty(source) else _convert(rule, source, item, there=stored)
    if wanted is None and not is_empty(source):
        return
    state = _state(plan, item, rule, source, wanted, agreed, destination)
    if state.current is not None:
        change.seen[rule.pair] = state.current
    verdict = decide(rule.mapping, state, destination.name)
    if verdict is Verdict.WRITE and wanted is None and not rule.field.clearable:
        verdict = Verdict.LEAVE
    if verdict is Verdict.WRITE and refusals.stands(plan, item, rule, source):
        verdict = Verdict.LEAVE
    _report_conflict(item, rule, state, verdict, destination)
    if verdict is Verdict.WRITE:
        _add(change, rule, state, wanted, stored)
    elif verdict is Verdict.KEEP:
        # The source's value is dealt with, but the destination's still has to go the other way:
        # what was agreed on there stays, so that the other direction sees that it moved.
        agree(plan, link, rule.pair, (state.source, state.agreed_current or EMPTY), "")
    elif verdict is Verdict.SAME and state.current is not None:
        if rule.pair in link.agreed or state.source != EMPTY:
            agree(plan, link, rule.pair, (state.source, state.current), "")
        else:
            seen_empty(item, rule, destination)
    note_values(plan, item, rule, verdict, source, change.values)


def _report_conflict(
    item: Item, rule: Rule, state: State, verdict: Verdict, destination: Destination
) -> None:
    """Note a field on which both sides differ by their own doing, and who wins."""
    yields = verdict is Verdict.KEEP and rule.mapping.write == "always"
    if yields:
        item.conflicts[rule.field.label] = f"both sides changed it; {destination.name}'s stays"
    elif verdict is Verdict.WRITE and state.both_moved:
        item.conflicts[rule.field.label] = f"both sides changed it; {destination.name}'s gives way"


def _is_stale(plan: Plan, item: Item, agreed: Agreed | None) -> bool:
    """Whether journy's record was read from before our own write to this field took effect."""
    written = agreed.other_written if agreed and plan.side == "journy" else ""
    return bool(written and item.updated and item.updated < written)


def _convert(rule: Rule, source: Any, item: Item, *, there: Any = _NEW) -> Any:
    """The value to send, or None with the refusal noted, unless it wouldn't be sent anyway.

    Args:
        rule: The line.
        source: The source's value.
        item: The record.
        there: The stored value, of a record that is there.
    """
    try:
        return rule.field.convert(source)
    except ValueMisfitError as misfit:
        if there is _NEW or _may_be_written(rule, there):
            item.rejected_fields[rule.field.label] = str(misfit)
        return None


def _may_be_written(rule: Rule, stored: Any) -> bool:
    """Whether a line may write into a record that is there, by its `write`."""
    write = rule.mapping.write
    return write == "always" or (write == "if_empty" and is_empty(rule.field.plain(stored)))


def _state(  # noqa: PLR0913, PLR0917 - gathers what is known from everywhere
    plan: Plan,
    item: Item,
    rule: Rule,
    source: Any,
    wanted: Any,
    agreed: Agreed | None,
    destination: Destination,
) -> State:
    own, other = (agreed.pipedrive, agreed.other) if agreed else (None, None)
    agreed_source, agreed_current = (own, other) if plan.side == "pipedrive" else (other, own)
    match = item.match or Match()
    if destination.readable and not match.as_agreed:
        stored = (match.current or {}).get(rule.field.key)
        current: str | None = digest(rule.field.plain(stored))
        same = current == EMPTY if wanted is None else rule.field.holds(stored, wanted)
    else:
        current = agreed_current or EMPTY if match.as_agreed else agreed_current
        said = rule.field.plain(wanted) if match.as_agreed and wanted is not None else wanted
        same = current is not None and current == digest(said)
    return State(
        source=digest(source),
        current=current,
        same=same,
        agreed_source=agreed_source,
        agreed_current=agreed_current,
        source_updated=item.updated,
        current_updated=match.updated,
    )


def _add(change: Change, rule: Rule, state: State, wanted: Any, stored: Any) -> None:
    """Add one field to what is written; None clears it."""
    try:
        combined = None if wanted is None else _combined(rule, state, wanted, stored)
    except ValueMisfitError as misfit:
        change.item.rejected_fields[rule.field.label] = str(misfit)
        return
    change.values[rule.field.key] = combined
    change.labels[rule.field.key] = rule.field.label
    plain = rule.field.plain(combined) if wanted is not None else None
    change.digests[rule.pair] = (state.source, digest(plain))


def _combined(rule: Rule, state: State, wanted: Any, stored: Any) -> Any:
    def said(value: Any) -> bool:
        return state.agreed_source in {digest(value), digest([value])}

    return rule.field.combine(rule.field.renew(stored, wanted, said), wanted)


def agree(
    plan: Plan, link: Link, pair: tuple[str, str], digests: tuple[str, str], written: str
) -> None:
    """Note a field's (source, destination) digests, whichever side the source is."""
    source, destination = digests
    if plan.side == "pipedrive":
        link.agree(pair, Agreed(source, destination, written))
    else:
        link.agree(pair, Agreed(destination, source, ""))
