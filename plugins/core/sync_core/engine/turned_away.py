"""Records that a service refused as a whole: none is sent again as long as nothing changes.

Which of its values was at fault isn't known then, so that any other one is reason enough to try.
A permission may also be given back without any change to the record, so that what is forbidden is
tried again once a day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sync_core import errors, times
from sync_core.canonical import digest
from sync_core.engine.model import Item, Kind, Outcome, Plan
from sync_core.engine.preparing import is_deleted
from sync_core.ledger import Agreed

#: Reason of a record that the service refused.
REFUSED = "refused"
#: Reason of a record that the credential may not read or write.
FORBIDDEN = "forbidden"
#: Both, of which nothing is looked for where they stand.
REASONS = (REFUSED, FORBIDDEN)
#: How long what is forbidden isn't tried again.
PAUSE = timedelta(days=1)
_FOLLOWS = (
    "it isn't sent again {1}before one of its mapped values or of the fields in {0} changes; where "
    "the cause is mended in {0} alone, let `connector retry` send it"
)
_AGAIN = (
    "{0} refused it as it is, for what earlier lines of this record in `connector log` say; no "
    "mapped value and no field of {0} has changed since, so it isn't sent again{1}: correct it or, "
    "where the cause is mended in {0} alone, let `connector retry` send it"
)


def note(plan: Plan, item: Item, error: errors.ApiError, now: str) -> None:
    """Remember that a record was refused as it is, beside what is agreed on, and say so.

    Args:
        plan: The stream's plan.
        item: The record.
        error: What its write was answered.
        now: The service's own time.
    """
    forbidden = isinstance(error, errors.PermissionDeniedError)
    if not forbidden and not isinstance(error, errors.InvalidError):
        return
    if isinstance(error, errors.MissingScopeError):  # which says nothing of the record
        return
    mark = _mark(plan, item)
    if item.link is None or item.outcome is None or not mark:
        return
    item.link.agree(_name(plan), Agreed(mark, mark, now if forbidden else ""))
    follows = _FOLLOWS.format(_called(plan), "for a day, or " if forbidden else "")
    text = f"{item.outcome.text.rstrip('. ')}; {follows}"
    item.outcome = replace(item.outcome, text=text)


def heed(plan: Plan, item: Item, now: str) -> bool:
    """Give a record its outcome that was refused just as it is, and nobody asked to try again.

    Args:
        plan: The stream's plan.
        item: The record.
        now: The service's own time.

    Returns:
        Whether it was.
    """
    if item.kept not in REASONS or item.asked or item.link is None:
        return False  # most aren't kept: what is agreed on needn't be read for these
    refused = item.link.agreed.get(_name(plan))
    if refused is None or refused.other != _mark(plan, item):
        return False
    since = refused.other_written
    if since and not since <= now < times.later(since, PAUSE):
        return False
    text = _AGAIN.format(_called(plan), " before a day has passed" if since else "")
    item.outcome = Outcome(Kind.REJECTED, item.kept, text)
    return True


def forget(plan: Plan, item: Item) -> None:
    """Forget it of a record that got through."""
    if item.kept and item.link is not None and item.link.agreed.pop(_name(plan), None) is not None:
        item.link.changed = True


def _called(plan: Plan) -> str:
    return "Pipedrive" if plan.there == "pipedrive" else plan.there


def _name(plan: Plan) -> tuple[str, str]:
    return "", f"refused by {plan.there}"


def _mark(plan: Plan, item: Item) -> str:
    """The mark of all that was refused; empty where that can't be told."""
    said = _leaving(plan) if is_deleted(item.record) else item.mark
    there = item.link.on(plan.there) if item.link else ""
    return said and digest({"said": said, "key": item.key, "there": there, "terms": plan.terms})


def _leaving(plan: Plan) -> str:
    """What a record that was deleted at its origin asks for."""
    rule = plan.on_delete
    if rule is None:
        return ""
    return digest({"gone": True, "field": rule.field and rule.field.key, "value": rule.value})
