"""Making the activities, side by side; each is looked for first where it may be there already."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from sync_core import errors
from sync_core.actions import placeholders
from sync_core.actions.anew import FindRecords
from sync_core.actions.firing import Firing
from sync_core.actions.moments import parsed, passed
from sync_core.actions.recipe import Recipe
from sync_core.actions.surroundings import Lookout, Surroundings
from sync_core.actions.telling_apart import ToldApart
from sync_core.engine import Kind, Outcome, Plan
from sync_core.engine.deciding import SETTLE_SECONDS
from sync_core.engine.following import Ended
from sync_core.engine.model import BUDGET_SPENT
from sync_core.engine.writing import OUTAGE, OUTAGES, OUTCOMES
from sync_core.pipedrive.activities import Activities
from sync_core.pipedrive.client import Row
from sync_core.pipedrive.endpoints import ACTIVITY
from sync_core.pipedrive.linked import LINKS

#: Calls and tokens of an activity.
CREATE = (1, ACTIVITY.prices.write)

Settle = Callable[[Firing, Outcome], None]


class Delivery:
    """Brings firings to their outcomes."""

    def __init__(
        self,
        activities: Activities,
        find: FindRecords,
        recipes: Mapping[str, Recipe],
        *,
        dry_run: bool,
    ) -> None:
        """Prepare.

        Args:
            activities: Pipedrive's side.
            find: Matches a record anew.
            recipes: Action -> what its activities are made of.
            dry_run: Do everything but create.
        """
        self.activities = activities
        self._recipes = recipes
        self._lookout = Lookout(activities, find, recipes, self._spare)
        self.dry_run = dry_run
        #: Whose the activities are that this run made or found.
        self.apart = ToldApart()
        #: Calls and tokens that a dry run has spared so far.
        self.cost = (0, 0)
        self._lock = threading.Lock()
        self._failure: Exception | None = None
        self._ended: Ended = lambda: None
        self._failed_in_a_row = 0
        #: Why some weren't sent and wait for the next run; None where all could be afforded.
        self.budget_spent: errors.BudgetSpentError | None = None

    def deliver(
        self, plan: Plan, firings: Sequence[Firing], settle: Settle, ended: Ended
    ) -> Exception | None:
        """Create each firing's activity, and settle each as its outcome is known.

        Args:
            plan: The stream's plan.
            firings: What signals called for.
            settle: Called with each outcome; what isn't sent any more is deferred.
            ended: What ends the run, once something does: then nothing more is sent.

        Returns:
            The error that ended it early here, if one did.
        """
        self._ended = ended
        around = self._guarded(lambda: self._lookout.around(plan, firings))
        if isinstance(around, Outcome):
            for firing in firings:
                settle(firing, around)
            return self._failure

        def each(alike: Sequence[Firing]) -> list[Outcome]:
            return [self._guarded(partial(self._one, firing, around)) for firing in alike]

        groups = _by_record(firings)
        with ThreadPoolExecutor(min(self.activities.workers, len(groups))) as pool:
            for alike, outcomes in zip(groups, pool.map(each, groups), strict=True):
                for firing, outcome in zip(alike, outcomes, strict=True):
                    settle(firing, outcome)
        return self._failure

    def _guarded(self, work: Callable[[], Any]) -> Any:
        """The result, or the outcome that an error stands for; nothing more after a fatal one."""
        if (failure := self._failure or self._ended()) is not None:
            return _not_reached(failure)
        try:
            result = work()
        except errors.ApiError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a defect must not be lost in a worker thread
            self._failure = error
            return _not_reached(error)
        self._failed_in_a_row = 0
        return result

    def _failed(self, error: errors.ApiError) -> Outcome:
        if isinstance(error, errors.BudgetSpentError):
            self.budget_spent = error  # each of the others is refused without a call
            return Outcome(Kind.DEFERRED, BUDGET_SPENT, str(error))
        with self._lock:
            self._failed_in_a_row += isinstance(error, OUTAGES)
            fatal = isinstance(error, errors.FATAL)
            if fatal or self._failed_in_a_row >= OUTAGE:
                self._failure = self._failure or error
        if fatal:
            return _not_reached(error)
        kind, reason = next((k, r) for known, k, r in OUTCOMES if isinstance(error, known))
        return Outcome(kind, reason, str(error))

    def _spare(self, calls: int, tokens: int) -> None:
        with self._lock:
            self.cost = (self.cost[0] + calls, self.cost[1] + tokens)

    def _one(self, firing: Firing, around: Surroundings) -> Outcome:
        if firing.is_planned:
            self._spare(*CREATE)
            return Outcome(Kind.CREATED, "planned", "would create an activity")
        row = around.rows.get(int(firing.remote_id))
        if row is None:
            text = f"the {around.entity} that it was linked to is gone from Pipedrive"
            return around.refused.get(firing.id) or Outcome(Kind.SKIPPED, "no_match", text)
        body = self._body(firing, around, row)
        if found := self._found(firing, around.entity, body):
            self.apart.take(firing, found)
            return Outcome(Kind.UNCHANGED, "already_there", f"activity {found} is there already")
        if firing.sent and self._waits(firing.sent):
            text = "it may have been created; looked for again when lists are sure to show it"
            return Outcome(Kind.DEFERRED, "answer_lost", text)
        remark = self._link(firing, around, row, body)
        return self._create(firing, body, remark)

    def _waits(self, sent: str) -> bool:
        """Whether lists may not show yet what was sent then."""
        return passed(sent, self.activities.now).total_seconds() < SETTLE_SECONDS

    def _body(self, firing: Firing, around: Surroundings, row: Row) -> dict[str, Any]:
        values = dict(firing.values)
        organization = around.organization(row)
        if organization is not None and organization in around.organizations:
            values.setdefault(placeholders.ACCOUNT_NAME, around.organizations[organization])
        recipe = self._recipes[firing.action]
        return recipe.body(values, parsed(firing.fired), row.get("owner_id"))

    def _found(self, firing: Firing, entity: str, body: Mapping[str, Any]) -> str:
        if not firing.since:
            return ""
        record = int(firing.remote_id)
        return self.activities.existing(entity, record, body, firing.since, firing.others)

    def _link(self, firing: Firing, around: Surroundings, row: Row, body: dict[str, Any]) -> str:
        """Link the activity to person, organization and deal; what has to be said of that."""
        if around.entity == "person":
            body["participants"] = [{"person_id": row["id"], "primary": True}]
        if (organization := around.organization(row)) is not None:
            body[LINKS["organization"]] = organization
        if not self._recipes[firing.action].settings.open_deal:
            return ""
        deals = self.activities.open_deals(around.entity, row["id"])
        if len(deals) == 1:
            body["deal_id"] = deals[0]
            return ""
        return "; linked to no deal: several are open" if deals else "; no deal is open"

    def _create(self, firing: Firing, body: Mapping[str, Any], remark: str) -> Outcome:
        firing.sent = ""  # it was looked for and isn't there
        if self.dry_run:
            self._spare(*CREATE)
            return Outcome(Kind.CREATED, "planned", f"would create an activity{remark}")
        lost = firing.lost(self.activities.clock, self.activities.now)
        try:
            number = self.activities.create(body)
        except errors.AmbiguousWriteError:
            firing.sent, firing.since = lost.sent, lost.since
            raise
        self.apart.take(firing, number)
        return Outcome(Kind.CREATED, "created", f"activity {number} created{remark}")


def _by_record(firings: Iterable[Firing]) -> list[list[Firing]]:
    """What one record gets is made in order, so that each look sees what was made before."""
    groups: dict[str, list[Firing]] = {}
    for firing in firings:
        groups.setdefault(firing.remote_id or firing.id, []).append(firing)
    return list(groups.values())


def _not_reached(error: Exception) -> Outcome:
    why = str(error) if isinstance(error, errors.SyncError) else type(error).__name__
    return Outcome(Kind.DEFERRED, "not_reached", f"the run ended before it was sent ({why})")
