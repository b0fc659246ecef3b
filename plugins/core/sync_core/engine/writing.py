"""write: sends the changes side by side and turns every answer into an outcome."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sync_core import errors
from sync_core.engine import turned_away
from sync_core.engine.deciding import sentence
from sync_core.engine.ending import Ending
from sync_core.engine.leaving_out import LeavingOut
from sync_core.engine.model import (
    BUDGET_SPENT,
    GONE,
    Change,
    Destination,
    Item,
    Kind,
    Outcome,
    Plan,
    Written,
)
from sync_core.engine.settling import settle
from sync_core.ledger import Link

#: After so many failures in a row without a success in between, the service counts as down.
OUTAGE = 3

#: Errors that say more of the service than of the record.
OUTAGES = (errors.TransientError, errors.RateLimitedError)

#: What an error means for the one record. Errors that end the run aren't in here.
OUTCOMES: tuple[tuple[type[errors.SyncError], Kind, str], ...] = (
    (errors.AmbiguousWriteError, Kind.DEFERRED, "answer_lost"),
    (errors.TransientError, Kind.DEFERRED, "unavailable"),
    (errors.RateLimitedError, Kind.DEFERRED, "rate_limited"),
    (errors.NotFoundError, Kind.DEFERRED, GONE),
    (errors.PermissionDeniedError, Kind.REJECTED, turned_away.FORBIDDEN),
    (errors.InvalidError, Kind.REJECTED, turned_away.REFUSED),
)


class Writer:
    """Writes one batch."""

    def __init__(self, destination: Destination, ending: Ending) -> None:
        self._destination = destination
        self._ending = ending
        self._leaving_out = LeavingOut(destination)
        self._lock = threading.Lock()
        self._failure: Exception | None = None
        self._failed_in_a_row = 0
        #: Why some changes weren't sent and wait for the next run; None where all were.
        self.budget_spent: errors.BudgetSpentError | None = None

    def write(self, plan: Plan, changes: Sequence[Change]) -> Exception | None:
        """Send every change; each item gets its outcome.

        Returns:
            The error that ended it early, if one did; what wasn't sent then has no outcome.
        """
        if rest := self._after_the_first(plan, changes):
            with ThreadPoolExecutor(min(self._destination.workers(), len(rest))) as pool:
                list(pool.map(lambda change: self._one(plan, change), rest))
        if changes:
            self._flush(plan, [change for change in changes if change.item.written])
        return self._failure or self._ending.wish

    def _after_the_first(self, plan: Plan, changes: Sequence[Change]) -> Sequence[Change]:
        """Write the one that has to be written alone, if there is one; the others are left."""
        try:
            first = self._destination.scout(plan, [(each.item, each.values) for each in changes])
        except errors.ApiError as error:
            for at, change in enumerate(changes):
                self._failed(change.item, error, counts=at == 0)
            return ()
        if first is None:
            return changes
        self._one(plan, changes[first])
        return [change for at, change in enumerate(changes) if at != first]

    def _one(self, plan: Plan, change: Change) -> None:
        if self._failure is not None or self._ending.wish is not None:
            return
        began = time.perf_counter()
        try:
            written = self._send(plan, change)
        except errors.ApiError as error:
            self._failed(change.item, error)
            turned_away.note(plan, change.item, error, self._destination.clock())
        except Exception as error:  # noqa: BLE001 - a defect must not be lost in a worker thread
            self._failure = error
        else:
            self._failed_in_a_row = 0
            self._succeeded(plan, change, written)
        change.item.milliseconds = round(1000 * (time.perf_counter() - began))

    def _send(self, plan: Plan, change: Change) -> Written:
        self._leaving_out.foresee(plan, change)
        try:
            return self._call(plan, change)
        except errors.InvalidError as error:
            if not self._leaving_out.heed(plan, change, error):
                raise
            return self._call(plan, change)

    def _call(self, plan: Plan, change: Change) -> Written:
        item = change.item
        if change.kind is Kind.CREATED:
            return self._destination.create(plan, item, change.values)
        if not change.values and item.match is not None:  # nothing that the service takes
            return Written(item.match.ids[0])
        return self._destination.update(plan, item, change.values)

    def _failed(self, item: Item, error: errors.ApiError, *, counts: bool = True) -> None:
        if isinstance(error, errors.BudgetSpentError):
            # Not sent, and no call was made for it: so go on, until each has its outcome.
            self.budget_spent = error
            item.outcome = _failure(item, Kind.DEFERRED, BUDGET_SPENT, error)
            return
        with self._lock:
            self._failed_in_a_row += counts and isinstance(error, OUTAGES)
            if isinstance(error, errors.FATAL) or self._failed_in_a_row >= OUTAGE:
                self._failure = self._failure or error
            if isinstance(error, errors.FATAL):
                return
        kind, reason = next(
            (kind, reason) for error_type, kind, reason in OUTCOMES if isinstance(error, error_type)
        )
        item.outcome = _failure(item, kind, reason, error)

    @staticmethod
    def _succeeded(plan: Plan, change: Change, written: Written) -> None:
        settle(plan, change, written)

    def _flush(self, plan: Plan, changes: Sequence[Change]) -> None:
        items = [change.item for change in changes]
        counted: set[int] = set()
        for position, error in self._destination.flush(plan, items).items():
            first = id(error) not in counted  # one call that failed for many is one failure
            counted.add(id(error))
            if not isinstance(error, errors.ApiError):
                self._failure = self._failure or error
                continue
            self._take_back(plan, items[position].link)
            self._failed(items[position], error, counts=first)

    def _take_back(self, plan: Plan, link: Link | None) -> None:
        """Agree on what was agreed on before, where a group didn't get through."""
        for rule in plan.rules:
            if link is None or rule.field.key != self._destination.grouped_field:
                continue
            if rule.pair in link.stored:
                link.agreed[rule.pair] = link.stored[rule.pair]
            else:
                link.agreed.pop(rule.pair, None)


def _failure(item: Item, kind: Kind, reason: str, error: errors.ApiError) -> Outcome:
    """What to say of a write that failed, and of the fields over which both sides were at odds.

    What gave way to the destination's value is dealt with, so that no other try tells of it.
    """
    said = (sentence(item.conflicts), str(error))
    return Outcome(kind, reason, "; ".join(filter(None, said)))
