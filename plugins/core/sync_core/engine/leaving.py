"""on_delete: what becomes of a record whose other side was deleted at its origin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sync_core.engine import turned_away
from sync_core.engine.deciding import hidden, several
from sync_core.engine.model import REMOVED, Change, Destination, Item, Kind, Outcome, Plan, Written
from sync_core.engine.replacing import forget_source
from sync_core.engine.writing import Writer
from sync_core.errors import NotFoundError
from sync_core.ledger import Ledger, Link


def is_gone(item: Item) -> bool:
    """Whether a record was deleted at its origin, and nothing more was decided yet."""
    return item.outcome is not None and item.outcome.reason == "deleted"


def release(plan: Plan, item: Item) -> None:
    """Let the key of a deleted record go, so that another record with it isn't a duplicate."""
    link = item.link
    if link is None or link.on(plan.side) != item.source_id:
        return
    link.place(plan.side, "")
    forget_source(plan, link)


def decide_leaving(
    ledger: Ledger, plan: Plan, items: Sequence[Item], destination: Destination
) -> list[Change]:
    """What has to be deleted or archived; the items that nothing happens to have their outcome.

    Those that couldn't be looked for have none. Only a record that the ledger links, or that is the
    only match, is touched, and never one that another record is kept in step with.

    Raises:
        ApiError: A look-up failed.
    """
    asked = [item for item in items if is_gone(item) and (item.link is not None or item.keys)]
    for item in asked:  # such a record often holds nothing but its id
        item.key = item.key or (item.link.key if item.link else "")
    now = destination.clock()
    asked = [item for item in asked if not turned_away.heed(plan, item, now)]
    matches = destination.match(plan, asked) if asked else {}
    found: dict[int, str] = {}
    for at, match in matches.items():
        asked[at].match = match
        if match.unaffordable:
            asked[at].outcome = None
        elif match.hidden:
            asked[at].outcome = hidden(match)
        elif len(match.ids) > 1:
            asked[at].outcome = several(plan, match)
        elif match.ids:
            found[at] = match.ids[0]
    _take_up(ledger, plan, destination, {r: asked[at] for at, r in found.items()})
    taken = _taken(ledger, plan, items, destination, {asked[at].source_id: r
                                                      for at, r in found.items()})  # fmt: skip
    keys = {key for item in items if not is_gone(item) for key in item.keys}
    changes = (
        _change(plan, asked[at], is_taken=remote in taken or asked[at].key in keys)
        for at, remote in found.items()
    )
    return [change for change in changes if change is not None]


def _take_up(
    ledger: Ledger, plan: Plan, destination: Destination, found: Mapping[str, Item]
) -> None:
    """Give who was let go of before what is left of their link, so that it goes with the record.

    Else the ledger says on that it is there; where nobody can look, it is deleted again and again.
    """
    alone = {remote: item for remote, item in found.items() if item.link is None}
    for remote, link in ledger.links_by(plan.kind, f"{destination.name}_id", alone).items():
        if not link.on(plan.side):
            alone[remote].link = link


def _change(plan: Plan, item: Item, *, is_taken: bool) -> Change | None:
    rule = plan.on_delete
    if is_taken or rule is None:
        text = f"deleted at its origin, but another record is kept in step with this {plan.entity}"
        item.outcome = Outcome(Kind.SKIPPED, "deleted", f"{text}; it stays")
        return None
    if rule.field is None:
        return Change(item, Kind.UPDATED, {}, {}, {})
    stored: Mapping[str, Any] = (item.match.current if item.match else None) or {}
    key = rule.field.key
    if key in stored and rule.holds(stored[key]):
        item.outcome = Outcome(Kind.UNCHANGED, "no_difference")
        return None
    return Change(item, Kind.UPDATED, {key: rule.value}, {key: rule.field.label}, {})


def _taken(
    ledger: Ledger,
    plan: Plan,
    items: Iterable[Item],
    destination: Destination,
    wanted: Mapping[str, str],
) -> set[str]:
    """Remote ids that a record other than the deleted one is kept in step with."""
    taken = {each for item in items if not is_gone(item) and item.match for each in item.match.ids}
    here = {item.link.on(destination.name) for item in items if not is_gone(item) and item.link}
    by_remote = {remote: source for source, remote in wanted.items()}
    kinds = (plan.kind, *(plan.on_delete.kin if plan.on_delete else ()))
    for kind in kinds:
        links = ledger.links_by(kind, f"{destination.name}_id", by_remote)
        for remote, link in links.items():
            own = (by_remote[remote], "") if kind == plan.kind else ("",)
            if link.on(plan.side) not in own:
                taken.add(remote)
    return taken | (here - {""})


class Leaver(Writer):
    """Deletes or archives the records of one batch."""

    def _call(self, plan: Plan, change: Change) -> Written:
        item = change.item
        assert item.match is not None  # noqa: S101 - only matched items get here
        try:
            if change.values:
                return self._destination.update(plan, item, change.values)
            self._destination.delete(plan, item)
        except NotFoundError:  # somebody else was quicker, which is as good
            change.values.clear()
        return Written(item.match.ids[0])

    @staticmethod
    def _succeeded(plan: Plan, change: Change, written: Written) -> None:  # noqa: ARG004  # inherited
        item = change.item
        turned_away.forget(plan, item)
        if item.link is not None:
            _let_go(plan, item.link, change)
        what = ", ".join(change.labels.values())
        done = f"{what} was set" if change.values else "deleted here as well"
        text = f"deleted at its origin; {done}"
        item.outcome = Outcome(Kind.UPDATED, REMOVED, text, tuple(change.labels.values()))


def _let_go(plan: Plan, link: Link, change: Change) -> None:
    link.place(plan.side, "")
    forget_source(plan, link)
    if not change.values:
        link.place(plan.there, "")
    for rule in plan.rules:
        if (not change.values or rule.field.key in change.values) and rule.pair in link.agreed:
            del link.agreed[rule.pair]
            link.changed = True
