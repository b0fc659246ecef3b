"""A record that has failed too often is kept, but no more tried by itself."""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.engine.model import Item, Kind, Outcome
from sync_core.ledger import Ledger
from sync_core.ledger.patience import BLAMELESS, is_worn
from sync_core.text import number_of


def give_up(ledger: Ledger, direction: str, stream: str, items: Sequence[Item]) -> None:
    """Reject what was deferred and has now been tried as often as the setting allows."""
    failed = [item for item in items if item.outcome and _has_failed(item.outcome)]
    if not failed:
        return
    before = ledger.tries(direction, stream, (item.source_id for item in failed))
    for item in failed:
        assert item.outcome is not None  # noqa: S101 - none has failed without one
        reason, tries = item.outcome.reason, before.get(item.source_id, 0) + 1
        if is_worn(reason, tries, ledger.policy.retry_limit):
            item.given_up, item.outcome = reason, _given_up(item.outcome, tries)


def judged(
    ledger: Ledger, direction: str, name: tuple[str, str], outcome: Outcome
) -> tuple[Outcome, str]:
    """The same for whatever else is kept.

    Args:
        ledger: Where it is kept.
        direction: Of the run.
        name: The stream and the id under which it is kept.
        outcome: What became of it.

    Returns:
        The outcome that counts, and the reason to keep it for; empty where it needs no other try.
    """
    if outcome.kind is not Kind.DEFERRED:
        return outcome, ""
    stream, source_id = name
    if _has_failed(outcome):
        tries = ledger.tries(direction, stream, [source_id]).get(source_id, 0) + 1
        if is_worn(outcome.reason, tries, ledger.policy.retry_limit):
            return _given_up(outcome, tries), outcome.reason
    return outcome, outcome.reason


def _given_up(outcome: Outcome, tries: int) -> Outcome:
    text = (
        f"{outcome.text} (tried {number_of(tries, 'time')}, {outcome.reason}); it isn't tried "
        "again by itself; `connector retry` sends it again"
    )
    return Outcome(Kind.REJECTED, "given_up", text)


def _has_failed(outcome: Outcome) -> bool:
    return outcome.kind is Kind.DEFERRED and outcome.reason not in BLAMELESS
