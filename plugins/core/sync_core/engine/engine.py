"""The engine: takes a stream's records in batches and brings each to an outcome."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import Any

from sync_core.engine import preparing
from sync_core.engine.belonging import Belonging
from sync_core.engine.carrying import Carrier
from sync_core.engine.contests import Contests
from sync_core.engine.ending import Ending
from sync_core.engine.following import Ended, Follower
from sync_core.engine.foretelling import Foreteller
from sync_core.engine.giving_up import give_up
from sync_core.engine.model import BUDGET_SPENT, Destination, Item, Kind, Plan
from sync_core.engine.pricing import Pricing
from sync_core.engine.recalling import Recall
from sync_core.engine.recording import entries, intents
from sync_core.engine.telling import describe, listed, summary
from sync_core.engine.waiting import Waiting
from sync_core.errors import BudgetSpentError, LedgerError
from sync_core.ledger import Ledger
from sync_core.ledger.hashing import settle_values
from sync_core.ledger.pruning import prune
from sync_core.ledger.questions import last_size
from sync_core.ledger.writing import Entries, record
from sync_core.mapping import Related
from sync_core.text import number_of

log = logging.getLogger(__name__)

#: Batches without news whose numbers are recorded together.
_COUNTED_TOGETHER = 20


class Engine:
    """One run in one direction."""

    def __init__(  # noqa: PLR0913 - what a run consists of
        self,
        destination: Destination,
        ledger: Ledger,
        *,
        direction: str,
        dry_run: bool = False,
        followers: Sequence[Follower] = (),
        related: Related | None = None,
    ) -> None:
        """Begin a run.

        Args:
            destination: Where records are written.
            ledger: The connection's memory.
            direction: `pipedrive-to-journy` or `journy-to-pipedrive`.
            dry_run: Do everything but write: no call that changes anything, nothing remembered
                but the outcomes.
            followers: Called after every batch, in order; also after one without records, with
                which a stream ends.
            related: What lines read of another stream's records.

        Raises:
            AlreadyRunningError: Another run in this direction didn't end in time.
        """
        self.destination = destination
        self.direction = direction
        self.dry_run = dry_run
        #: Ends the run early, where that is safe.
        self.ending = Ending()
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self._belonging = Belonging(related, ledger, dry_run=dry_run)
        self._followers: tuple[Follower, ...] = (self._belonging, *followers)
        self._ledger = ledger
        self._uncounted: list[Counter[tuple[str, str, str]]] = []
        #: Records of the last completed run this way, as a guess at those that are to come.
        self.last_size = last_size(ledger, direction)
        #: The run's id in the ledger.
        self.run = ledger.begin_run(direction, dry_run=dry_run)
        settle_values(ledger)
        self._pricing = Pricing(destination, ledger, self.run)
        self._recall = Recall(ledger, direction, self._pricing)
        self._foreteller = Foreteller(destination, ledger, self.run) if dry_run else None
        self._waiting = Waiting(ledger, self._foreteller.foreseen if self._foreteller else None)
        self._contests = Contests(ledger, direction, dry_run=dry_run)
        self._carrier = Carrier(
            destination,
            ledger,
            announce=self._announce,
            foreteller=self._foreteller,
            expect=self._belonging.expect,
            ending=self.ending,
            contests=self._contests,
        )

    @property
    def budget_spent(self) -> BudgetSpentError | None:
        """Why records wait for the next run; None while every call could be afforded."""
        return self._carrier.budget_spent

    def process(self, plan: Plan, records: Iterable[Mapping[str, Any]]) -> None:
        """Bring a batch of records to their outcomes, and record those.

        When it returns, every record of the batch is written, decided against, or kept for retry.

        Raises:
            ApiError: Nothing can go on: what was done until then is recorded.
            InterruptedRunError: The run was told to end.
        """
        self.ending.heed()
        self._ledger.verify_turn()
        items = preparing.prepare(plan, (dict(each) for each in records))
        for kept in self._recall.portions(plan, {item.source_id for item in items}):
            self._process(plan, preparing.prepare(plan, kept))
        self._process(plan, items)
        if not items:
            self._spread(plan)

    def _process(self, plan: Plan, items: list[Item]) -> None:
        self._find(plan, items)
        with self.ending.held():
            failure = self._send(plan, items, self._followers)
            self._follow(plan, items, lambda: failure or self.ending.wish)
        if failure is not None:
            raise failure

    def _follow(self, plan: Plan, items: list[Item], ended: Ended) -> None:
        for follow in self._followers:
            try:
                follow(plan, items, self.note, ended)
            except BudgetSpentError as error:
                self._carrier.budget_spent = self.budget_spent or error

    def _spread(self, plan: Plan) -> None:
        """Bring the news of related records to those that didn't come by themselves.

        Before, those are tried again whose key nobody else has any more.
        """
        for kept in self._contests.settled(plan):
            self._process(plan, preparing.prepare(plan, kept))
        for portion in chain(self._belonging.due(plan), self._waiting.due(plan)):
            if self.budget_spent:  # they stay due
                return
            self._carry(plan, preparing.prepare(plan, portion))

    def _carry(self, plan: Plan, items: list[Item]) -> None:
        """Take items of which nothing else is known than their relation to their outcomes."""
        self._find(plan, items)
        with self.ending.held():
            failure = self._send(plan, items)
        if failure is not None:
            raise failure

    def note(self, batch: Entries) -> None:
        """Record and count what became of some records.

        The mere number of those in which nothing was new waits for company, or for the run's end.
        """
        self.counts.update(batch.counts)
        self._uncounted.append(batch.counts)
        if batch != Entries(counts=batch.counts) or len(self._uncounted) >= _COUNTED_TOGETHER:
            self._keep(batch)

    def _keep(self, batch: Entries) -> None:
        counts = sum(self._uncounted, Counter[tuple[str, str, str]]())
        record(self._ledger, self.run, self.direction, replace(batch, counts=counts))
        self._uncounted.clear()

    def _announce(self, plan: Plan, creates: Sequence[Item]) -> None:
        self._ledger.verify_turn()  # to match may have taken long
        record(
            self._ledger, self.run, self.direction, intents(plan, creates, self.destination.clock())
        )

    def _find(self, plan: Plan, items: list[Item]) -> None:
        """Look for what is known of items, here and there; nothing is written."""
        if items:
            self._recall.remind(plan, items)
            self._carrier.find(plan, items)

    def _send(
        self, plan: Plan, items: list[Item], followers: Sequence[Follower] = ()
    ) -> Exception | None:
        """Take items to their outcomes, and record those with what followers make of them.

        Returns:
            The error that ended it early, if one did.
        """
        if not items:
            return None
        failure = self._carrier.send(plan, items)
        self._record(plan, items, followers)
        return failure

    def _record(self, plan: Plan, items: list[Item], followers: Sequence[Follower]) -> None:
        give_up(self._ledger, self.direction, plan.stream, items)
        self._belonging.settle(plan, items)
        self._waiting.settle(plan, items)
        if self._foreteller is not None:
            self._foreteller.keep(plan, items)
        batch = entries(plan, items, self.destination.clock(), remember=not self.dry_run)
        self._contests.keep(plan, items)
        if not self.dry_run:
            batch.claimants.update(self._contests.news())
        if batch.retries:
            self._recall.keeps(plan)
        for follower in followers:
            follower.watch(plan, items, batch)
        self.note(batch)
        for item in items:
            if item.outcome is None or item.outcome.reason == BUDGET_SPENT:
                continue  # the run's end says it once for all of these
            if item.outcome.kind in (Kind.REJECTED, Kind.DEFERRED):
                log.warning("%s", describe(plan, item))
        tally = Counter(item.outcome.kind.value for item in items if item.outcome)
        log.info("%s: %s", plan.stream, listed(tally))

    def finish(self, error: BaseException | None = None) -> None:
        """End the run; with the error that ended it, if one did.

        Raises:
            LedgerError: It can't be noted; the next run finds out.
        """
        with closing(self._ledger):
            self._finish(error)
            self._tidy()

    def _finish(self, error: BaseException | None) -> None:
        if self._uncounted:
            self._keep(Entries())
        calls, tokens = self.destination.usage()
        self._pricing.settle(self._carrier.lookups)
        self._ledger.end_run(
            self.run,
            status="failed" if error else "completed",
            calls=calls,
            tokens=tokens,
            error=None if error is None else str(error),
            daily=self.destination.daily(),
            planned=self._planned(),
        )
        failed = error is not None
        said = summary(
            self.direction, self.counts, (calls, tokens), dry=self.dry_run, failed=failed
        )
        log.info("%s", said)

    def _planned(self) -> tuple[int, int] | None:
        """Calls and tokens of what a dry run didn't send; None of a real one."""
        if self._foreteller is None:
            return None
        costs = (self._foreteller.cost, *(each.cost for each in self._followers))
        return sum(calls for calls, _ in costs), sum(tokens for _, tokens in costs)

    def _tidy(self) -> None:
        """Forget what is old. The run itself is over, so that a failure here can wait."""
        try:
            if pruned := prune(self._ledger):
                log.info("forgot %s older than keep_outcomes_days", number_of(pruned, "run"))
        except LedgerError as error:
            log.warning("what is older than keep_outcomes_days stays for now: %s", error)
