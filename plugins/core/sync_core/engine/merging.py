"""map and merge, by field: what is sent of each, and what both sides agree on."""

from __future__ import annotations

from typing import Any

from sync_core.canonical import EMPTY, digest, is_empty
from sync_core.engine import refusals
from sync_core.engine.differing import note_values
from sync_core.engine.merge import State, Verdict, decide
from sync_core.engine.model import Change, Destination, Item, Match, Plan
from sync_core.engine.vacancy import seen_empty
from sync_core.ledger import Agreed, Link
from sync_core.ledger.rows.agreed import unheard
from sync_core.mapping import UNKNOWN, Rule, ValueMisfitError

#: How a conflict came about; whoever looks for conflicts goes by the first two words.
_CHANGED = "both sides changed it"
_NEVER_AGREED = "both sides have a value and never agreed on one"
#: Stands for the stored value of a record that isn't there yet.
_NEW: Any = object()


def fill(plan: Plan, item: Item, rule: Rule, change: Change) -> None:
    """Give a new record the value of one field, if the source has one that fits."""
    source = rule.read(item.record)
    if source is UNKNOWN or is_empty(source):
        return
    if (wanted := _convert(rule, source, item)) is not None:
        _add(change, rule, State(digest(source), None, same=False), wanted, None)
        note_values(plan, item, rule, Verdict.WRITE, source, change.values)


def merge(  # noqa: PLR0913, PLR0917 - one field of one record, with all that decides it
    plan: Plan, item: Item, link: Link, rule: Rule, change: Change, destination: Destination
) -> None:
    """Decide one field of a record that is there; what has to be written joins the change."""
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
        _keep(plan, link, change, rule, state, wanted, stored)
    elif verdict is Verdict.SAME and state.current is not None:
        if rule.pair in link.agreed or state.source != EMPTY:
            agree(plan, link, rule.pair, (state.source, state.current), "")
        else:
            seen_empty(item, rule)
    note_values(plan, item, rule, verdict, source, change.values)


def _keep(  # noqa: PLR0913, PLR0917 - as `_add`, and where it is agreed on
    plan: Plan, link: Link, change: Change, rule: Rule, state: State, wanted: Any, stored: Any
) -> None:
    """Let the destination's value stay, with the source's behind it where both have room.

    The source's is dealt with then, but the destination's still has to go the other way: what was
    agreed on there stays, so that the other direction sees that it moved.
    """
    digests = state.source, state.agreed_current or EMPTY
    wins = rule.mapping.write == "always"
    if wins and plan.side == "journy":
        # Should Pipedrive's be set back before journy hears of it, journy's still has to give way.
        digests = state.source, unheard(digests[1])
    joins = wins and rule.field.joins and wanted is not None
    if joins and not refusals.stands(plan, change.item, rule, rule.read(change.item.record)):
        _add(change, rule, state, wanted, stored)
        change.digests[rule.pair] = digests
    if rule.field.key not in change.values:
        agree(plan, link, rule.pair, digests, "")


def _report_conflict(
    item: Item, rule: Rule, state: State, verdict: Verdict, destination: Destination
) -> None:
    """Note a field on which both sides differ by their own doing, and who wins."""
    yields = verdict is Verdict.KEEP and rule.mapping.write == "always"
    how = _CHANGED if state.agreed_source is not None else _NEVER_AGREED
    if yields:
        item.conflicts[rule.field.label] = f"{how}; {destination.name}'s stays"
    elif verdict is Verdict.WRITE and state.both_moved and not rule.mapping.adds:
        item.conflicts[rule.field.label] = f"{how}; {destination.name}'s gives way"


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
    agreed_source, agreed_current = _sides(plan, agreed) if agreed else (None, None)
    match = item.match or Match()
    if destination.readable and not match.as_agreed:
        stored = (match.current or {}).get(rule.field.key)
        current: str | None = digest(rule.field.plain(stored))
        same = current == EMPTY if wanted is None else rule.field.holds(stored, wanted)
    else:
        unseen = not match.as_agreed and _was_unseen(rule, agreed_source, agreed_current)
        current = agreed_current or EMPTY if match.as_agreed else None if unseen else agreed_current
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


def _sides(plan: Plan, agreed: Agreed) -> tuple[str, str]:
    """What both agreed on, as (source, destination)."""
    if plan.side == "pipedrive":
        return agreed.pipedrive, agreed.other
    return agreed.other, agreed.held


def _was_unseen(rule: Rule, source: str | None, current: str | None) -> bool:
    """Whether an `if_empty` line made way for a value that nobody could read; it may be any."""
    return rule.mapping.write == "if_empty" and bool(source) and current == EMPTY


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
        link.agree(pair, Agreed(source, destination, written or _written(link, pair, destination)))
    else:
        link.agree(pair, Agreed(destination, source, ""))


def _written(link: Link, pair: tuple[str, str], value: str) -> str:
    """When we wrote the other side's value, if that is what it still has."""
    known = link.agreed.get(pair)
    return known.other_written if known is not None and known.other == value else ""
