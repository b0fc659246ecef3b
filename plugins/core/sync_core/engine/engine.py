"""The engine: takes a stream's records in batches and brings each to an outcome."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from sync_core.engine import leaving, linking, preparing, steps
from sync_core.engine.claims import Claims
from sync_core.engine.deciding import Change, decide_item
from sync_core.engine.giving_up import give_up
from sync_core.engine.model import (
    ANSWER_LOST,
    BUDGET_SPENT,
    GONE,
    Destination,
    Item,
    Kind,
    Outcome,
    Plan,
)
from sync_core.engine.pricing import Pricing
from sync_core.engine.recording import entries, intents
from sync_core.engine.sampling import Sampler
from sync_core.engine.writing import Writer
from sync_core.errors import ApiError, BudgetSpentError, LedgerError
from sync_core.ledger import Ledger
from sync_core.ledger.pruning import prune
from sync_core.ledger.questions import last_size
from sync_core.ledger.samples import save_samples
from sync_core.ledger.writing import Entries, record

log = logging.getLogger(__name__)

#: Batches without news whose numbers are recorded together.
_COUNTED_TOGETHER = 20

#: What comes after a batch once it is recorded: gets its plan, its items, and a way to record more.
Follower = Callable[[Plan, Sequence[Item], Callable[[Entries], None]], None]


class Engine:
    """One run in one direction."""

    def __init__(
        self,
        destination: Destination,
        ledger: Ledger,
        *,
        direction: str,
        dry_run: bool = False,
        followers: Sequence[Follower] = (),
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

        Raises:
            AlreadyRunningError: Another run in this direction didn't end in time.
        """
        self.destination = destination
        self.direction = direction
        self.dry_run = dry_run
        self.counts: Counter[tuple[str, str, str]] = Counter()
        #: Why records wait for the next run; None while every call could be afforded.
        self.budget_spent: BudgetSpentError | None = None
        self._followers = followers
        self._ledger = ledger
        self._claims = Claims()
        self._retried: set[str] = set()
        self._uncounted: list[Counter[tuple[str, str, str]]] = []
        self._waiting: dict[str, Mapping[str, str]] = {}
        self._lost: dict[tuple[str, str], str] = {}
        self._planned = [0, 0]
        self._samples = Sampler()
        #: Records of the last completed run this way, as a guess at those that are to come.
        self.last_size = last_size(ledger, direction)
        #: The run's id in the ledger.
        self.run = ledger.begin_run(direction, dry_run=dry_run)
        self._pricing = Pricing(destination, ledger, self.run)

    def process(self, plan: Plan, records: Iterable[Mapping[str, Any]]) -> None:
        """Bring a batch of records to their outcomes, and record those.

        When it returns, every record of the batch is written, decided against, or kept for retry.

        Raises:
            ApiError: Nothing can go on: what was done until then is recorded.
        """
        self._ledger.verify_turn()
        items = preparing.prepare(plan, [*self._kept(plan), *(dict(each) for each in records)])
        if items:
            self._carry(plan, items)
        for follow in self._followers:
            try:
                follow(plan, items, self.note)
            except BudgetSpentError as error:
                self.budget_spent = self.budget_spent or error

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

    def _carry(self, plan: Plan, items: list[Item]) -> None:
        """Take items through match, merge, write and record."""
        self._recall_lost(plan, items)
        try:
            self._match(plan, items)
        except BudgetSpentError as error:
            self._defer(items, error)
        changes = [change for item in items if (change := self._decide(plan, item))]
        failure = self._write(plan, changes) or self._again(plan, items)
        failure = failure or self._leave(plan, items)
        self._record(plan, items)
        if failure is not None:
            raise failure

    def finish(self, error: BaseException | None = None) -> None:
        """End the run; with the error that ended it, if one did."""
        if self._uncounted:
            self._keep(Entries())
        calls, tokens = self.destination.usage()
        self._pricing.settle()
        self._ledger.end_run(
            self.run,
            status="failed" if error else "completed",
            calls=calls,
            tokens=tokens,
            error=None if error is None else str(error),
            daily=self.destination.daily(),
            planned=(self._planned[0], self._planned[1]) if self.dry_run else None,
        )
        self._summarize(calls, tokens)
        self._tidy()

    def _tidy(self) -> None:
        """Forget what is old. The run itself is over, so that a failure here can wait."""
        try:
            if pruned := prune(self._ledger):
                log.info("%d run(s) older than keep_outcomes_days are forgotten", pruned)
        except LedgerError as error:
            log.warning("what is older than keep_outcomes_days stays for now: %s", error)
        self._ledger.close()

    def _kept(self, plan: Plan) -> list[dict[str, Any]]:
        """What earlier runs kept for retry; once per run, before anything newer."""
        if plan.stream in self._retried:
            return []
        self._retried.add(plan.stream)
        self._waiting[plan.stream] = self._ledger.waiting(self.direction, plan.stream)
        kept = self._ledger.retries(self.direction, plan.stream)
        self._pricing.foresee(plan, len(kept))
        if kept:
            log.info("%s: %d kept record(s) are tried again", plan.stream, len(kept))
        return [{**msgspec.json.decode(each.payload), preparing.KEPT: each} for each in kept]

    def _recall_lost(self, plan: Plan, items: list[Item]) -> None:
        """Let a record whose create got no answer wait, also where it comes in a later batch.

        What is kept for later is known as well, so that it is settled if the record comes before.
        """
        waiting = self._waiting.get(plan.stream, {})
        for item in items:
            item.kept = item.kept or waiting.get(item.source_id, "")
            name = (plan.stream, item.source_id)
            if item.lost_at:
                self._lost[name] = item.lost_at
            elif name in self._lost:
                item.lost_at, item.kept = self._lost[name], ANSWER_LOST

    def _match(self, plan: Plan, items: list[Item]) -> None:
        waiting = [item for item in items if item.key or _is_deleted(item)]
        linking.attach(self._ledger, plan, waiting)
        open_items = [item for item in items if item.outcome is None]
        linking.claim(self._claims, plan, open_items)
        linking.relate(self._ledger, plan, open_items)
        for item in open_items:
            steps.mark(plan, item)
        to_match = [item for item in open_items if linking.needs_match(plan, item)]
        matches = self.destination.match(plan, to_match)
        if short := [to_match[at] for at, match in matches.items() if match.unaffordable]:
            self._defer(short, BudgetSpentError(next(m.unaffordable for m in matches.values()
                                                     if m.unaffordable)))  # fmt: skip
        linking.refuse_taken(self._ledger, self._claims, plan, to_match, matches)

    def _again(self, plan: Plan, items: list[Item]) -> Exception | None:
        """Match anew, once, whatever was deleted or merged away since it was matched."""
        gone = [item for item in items if item.outcome and item.outcome.reason == GONE]
        if not gone or not self.destination.readable:
            return None
        try:
            matches = self.destination.match(plan, gone)
        except BudgetSpentError as error:
            self.budget_spent = error
            return None
        except ApiError as error:
            return error
        for item in gone:
            item.outcome, item.rejected_fields, item.conflicts = None, {}, {}
        linking.refuse_taken(self._ledger, self._claims, plan, gone, matches)
        return self._write(plan, [c for item in gone if (c := self._decide(plan, item))])

    def _leave(self, plan: Plan, items: list[Item]) -> Exception | None:
        """See to the records that were deleted at their origin."""
        gone = [item for item in items if leaving.is_gone(item)]
        if not gone or plan.on_delete is None:
            for item in gone:
                leaving.release(plan, item)
            return None
        try:
            changes = leaving.decide_leaving(self._ledger, plan, items, self.destination)
        except BudgetSpentError as error:
            for item in gone:
                item.outcome = Outcome(Kind.DEFERRED, BUDGET_SPENT, str(error))
            self.budget_spent = error
            return None
        except ApiError as error:
            for item in gone:
                item.outcome = None
            return error
        if self.dry_run:
            self._foretell(plan, changes, "would delete it")
            return None
        leaver = leaving.Leaver(self.destination)
        failure = leaver.write(plan, changes)
        self.budget_spent = self.budget_spent or leaver.budget_spent
        return failure

    def _defer(self, items: list[Item], error: BudgetSpentError) -> None:
        """Keep what can't be matched any more; a create without an answer stays one."""
        self.budget_spent = error
        for item in items:
            if item.outcome is None:
                reason = ANSWER_LOST if item.kept == ANSWER_LOST else BUDGET_SPENT
                item.outcome = Outcome(Kind.DEFERRED, reason, str(error))

    def _decide(self, plan: Plan, item: Item) -> Change | None:
        if item.outcome is not None:
            return None
        return decide_item(plan, item, self.destination)

    def _write(self, plan: Plan, changes: list[Change]) -> Exception | None:
        if not self.dry_run:
            self._announce(plan, changes)
            writer = Writer(self.destination)
            failure = writer.write(plan, changes)
            self.budget_spent = self.budget_spent or writer.budget_spent
            return failure
        self._foretell(plan, changes)
        return None

    def _foretell(self, plan: Plan, changes: list[Change], without: str = "") -> None:
        """Say what a real run would write."""
        self._sample(plan, changes)
        for change in changes:
            labels = tuple(change.labels.values())
            text = f"would write {', '.join(labels)}" if labels else without
            change.item.outcome = Outcome(change.kind, "planned", text, labels)

    def _sample(self, plan: Plan, changes: list[Change]) -> None:
        """What a dry run leaves for a preview: the price of its writes, and a few of them."""
        writes = [(change.item, change.values) for change in changes]
        for at, cost in enumerate(self.destination.price(plan, writes)):
            self._planned[at] += cost
        save_samples(self._ledger, self.run, self._samples.take(plan, changes))

    def _announce(self, plan: Plan, changes: list[Change]) -> None:
        creates = [change.item for change in changes if change.kind is Kind.CREATED]
        if creates and not self.destination.upserts:
            record(self._ledger, self.run, self.direction, intents(plan, creates))

    def _record(self, plan: Plan, items: list[Item]) -> None:
        give_up(self._ledger, self.direction, plan.stream, items)
        self.note(entries(plan, items, remember=not self.dry_run))
        for item in items:
            if item.outcome is None or item.outcome.reason == BUDGET_SPENT:
                continue  # the run's end says it once for all of these
            if item.outcome.kind in (Kind.REJECTED, Kind.DEFERRED):
                log.warning("%s", describe(plan, item))
        tally = Counter(item.outcome.kind.value for item in items if item.outcome)
        log.info("%s: %s", plan.stream, _listed(tally))

    def _summarize(self, calls: int, tokens: int) -> None:
        totals: Counter[str] = Counter()
        for (_, outcome, _), count in self.counts.items():
            totals[outcome] += count
        prefix = "dry run, nothing was written: " if self.dry_run else ""
        cost = f"{calls} calls" + (f", {tokens} Pipedrive tokens" if tokens else "")
        log.info("%s: %s%s; %s", self.direction, prefix, _listed(totals), cost)


def describe(plan: Plan, item: Item) -> str:
    """One record's outcome as a log line, without personal data."""
    assert item.outcome is not None  # noqa: S101 - callers ask after deciding
    known = item.link.pipedrive_id if item.link else ""
    record_id = item.source_id if plan.side == "pipedrive" else known
    who = f"{plan.noun} {record_id}" if plan.side == "pipedrive" else f"a {plan.noun}"
    if plan.side != "pipedrive" and record_id:
        who += f" (Pipedrive {plan.entity} {record_id})"
    return f"{who} {item.outcome.kind.value} ({item.outcome.reason}): {item.outcome.text}"


def _is_deleted(item: Item) -> bool:
    return item.outcome is not None and item.outcome.reason == "deleted"


def _listed(tally: Mapping[str, int]) -> str:
    parts = [f"{tally[kind.value]} {kind.value}" for kind in Kind if tally.get(kind.value)]
    return ", ".join(parts) or "nothing to do"
