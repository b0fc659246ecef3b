"""Records that a service refused as a whole: none is sent again as long as nothing changes.

Which of its values was at fault isn't known then, so that any other one is reason enough to try.
"""

from __future__ import annotations

from dataclasses import replace

from sync_core.canonical import digest
from sync_core.engine.model import Item, Kind, Outcome, Plan
from sync_core.ledger import Agreed

#: Reason of a record that the service refused.
REFUSED = "refused"
_FOLLOWS = (
    "it isn't sent again before one of its mapped values or of the fields in {0} changes, or "
    "`connector retry` asks for it"
)
_AGAIN = (
    "{0} refused it as it is, for the reason in the log of the run that sent it; no mapped value "
    "and no field of {0} has changed since, so it isn't sent again: correct it, or let "
    "`connector retry` send it anyway"
)


def note(plan: Plan, item: Item) -> None:
    """Remember that a record was refused as it is, beside what is agreed on, and say so."""
    if item.link is None or item.outcome is None or not item.mark:
        return
    mark = _mark(plan, item)
    item.link.agree(_name(plan), Agreed(mark, mark))
    text = f"{item.outcome.text.rstrip('. ')}; {_FOLLOWS.format(plan.there)}"
    item.outcome = replace(item.outcome, text=text)


def heed(plan: Plan, item: Item) -> None:
    """Give a record its outcome that was refused just as it is, and nobody asked to try again."""
    if item.kept != REFUSED or item.asked or item.outcome is not None or item.link is None:
        return  # most aren't kept: what is agreed on needn't be read for these
    refused = item.link.agreed.get(_name(plan))
    if item.mark and refused is not None and refused.other == _mark(plan, item):
        item.outcome = Outcome(Kind.REJECTED, REFUSED, _AGAIN.format(plan.there))


def forget(plan: Plan, item: Item) -> None:
    """Forget it of a record that got through."""
    if item.kept and item.link is not None and item.link.agreed.pop(_name(plan), None) is not None:
        item.link.changed = True


def _name(plan: Plan) -> tuple[str, str]:
    return "", f"refused by {plan.there}"


def _mark(plan: Plan, item: Item) -> str:
    there = item.link.on(plan.there) if item.link else ""
    return digest({"said": item.mark, "key": item.key, "there": there, "terms": plan.terms})
