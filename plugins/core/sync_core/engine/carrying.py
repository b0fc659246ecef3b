"""match, merge and write: brings the items of a batch to their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sync_core.engine import claiming, leaving, linking, relating, renaming, steps, turned_away
from sync_core.engine.claims import Claims
from sync_core.engine.contests import Contests
from sync_core.engine.deciding import decide_item
from sync_core.engine.ending import Ending
from sync_core.engine.foretelling import Foreteller
from sync_core.engine.model import (
    ANSWER_LOST,
    BUDGET_SPENT,
    DUPLICATE,
    GONE,
    Change,
    Destination,
    Item,
    Kind,
    Match,
    Outcome,
    Plan,
)
from sync_core.engine.second_ids import SecondIds
from sync_core.engine.turns import take_turn
from sync_core.engine.writing import Writer
from sync_core.errors import ApiError, BudgetSpentError
from sync_core.ledger import Ledger
from sync_core.ledger.prices import Lookups

#: Reasons of records for which it makes no difference what is there.
_NOT_LOOKED_FOR = frozenset({*turned_away.REASONS, DUPLICATE})
#: Gets items ready for a step.
Announce = Callable[[Plan, Sequence[Item]], None]


class Carrier:
    """Carries the batches of one run.

    Attributes:
        budget_spent: Why records wait for the next run; None while every call could be afforded.
        lookups: Stream -> how many of its records were looked up.
    """

    def __init__(  # noqa: PLR0913 - where to, what is known, and who is told
        self,
        destination: Destination,
        ledger: Ledger,
        *,
        announce: Announce,
        foreteller: Foreteller | None,
        expect: Announce,
        ending: Ending,
        contests: Contests,
    ) -> None:
        """Begin.

        Args:
            destination: Where records are written.
            ledger: The connection's memory.
            announce: Called with what is about to be created, where a repeated create makes a
                second record.
            foreteller: Takes the writes of a dry run; None in a real one.
            expect: Called with what is about to be read, once its relations are known.
            ending: The wish to end the run early.
            contests: Who goes by a key that others go by as well.
        """
        self._destination = destination if foreteller is None else foreteller.destination
        self._ledger = ledger
        self._announced = announce
        self._foreteller = foreteller
        self._expect = expect
        self._ending = ending
        self._claims = Claims(contests)
        self._second_ids = SecondIds(ledger)
        self.budget_spent: BudgetSpentError | None = None
        self.lookups: dict[str, Lookups] = {}

    def find(self, plan: Plan, items: list[Item]) -> None:
        """Look for the items' records; nothing is written."""
        try:
            self._match(plan, items)
        except BudgetSpentError as error:
            self._defer(items, error)

    def send(self, plan: Plan, items: list[Item]) -> Exception | None:
        """Take items to their outcomes.

        Returns:
            The error that ended it early, if one did; what wasn't reached then has no outcome.
        """
        decided = [change for item in items if (change := self._decide(plan, item))]
        changes = self._second_ids.refuse_taken(plan, decided)
        failure = self._write_in_turns(plan, changes) or self._again(plan, items)
        return failure or self._leave(plan, items)

    def _match(self, plan: Plan, items: list[Item]) -> None:
        waiting = [item for item in items if item.key or leaving.is_gone(item)]
        linking.attach(self._ledger, plan, waiting)
        renaming.tell(plan, waiting)
        open_items = [item for item in items if item.outcome is None]
        claiming.claim(self._ledger, self._claims, plan, items)
        relating.relate(self._ledger, plan, open_items)
        self._expect(plan, items)
        now = self._destination.clock()
        for item in open_items:
            steps.mark(plan, item)
            if item.outcome is None:
                turned_away.heed(plan, item, now)
        to_match = [item for item in open_items if _is_looked_for(plan, item)]
        linked = sum(1 for item in to_match if item.link and item.link.on(self._destination.name))
        known = self.lookups.get(plan.stream, Lookups())
        self.lookups[plan.stream] = known.plus(linked, len(to_match) - linked)
        self._take(plan, to_match, self._destination.match(plan, to_match))

    def _take(self, plan: Plan, items: Sequence[Item], matches: Mapping[int, Match]) -> None:
        """Give items their matches; those that couldn't be looked for wait."""
        linking.refuse_taken(self._ledger, self._claims, plan, items, matches)
        self._make_sure(plan, [item for item in items if item.match and item.match.unsearched])
        self._defer_unaffordable(items)

    def _make_sure(self, plan: Plan, items: Sequence[Item]) -> None:
        """Look for all that may match items whose record isn't another one's any more."""
        if not items:
            return
        for item in items:
            item.surely = True
        try:
            matches = self._destination.match(plan, items)
        except BudgetSpentError as error:
            self._defer(items, error)
            return
        linking.refuse_taken(self._ledger, self._claims, plan, items, matches)

    def _defer_unaffordable(self, items: Sequence[Item]) -> None:
        """Keep what wasn't looked for: that isn't to say that it isn't there."""
        for item in items:
            if item.match and item.match.unaffordable:
                self._defer([item], BudgetSpentError(item.match.unaffordable))

    def _write_in_turns(self, plan: Plan, changes: Sequence[Change]) -> Exception | None:
        """Write; whoever waits for the keys of others is matched anew when these are written."""
        now, later = take_turn(plan, changes, self._destination)
        failure = self._write(plan, now)
        while later and failure is None:
            if not all(_is_refused(change.item) for change in now):  # else their match holds
                linking.claim_made(self._claims, plan, (change.item for change in now))
                later, failure = self._anew(plan, [change.item for change in later])
            now, later = take_turn(plan, later, self._destination)
            failure = failure or self._write(plan, now)
        return failure

    def _again(self, plan: Plan, items: list[Item]) -> Exception | None:
        """Match anew, once, whatever was deleted or merged away since it was matched."""
        gone = [item for item in items if item.outcome and item.outcome.reason == GONE]
        if not gone or not self._destination.readable:
            return None
        changes, failure = self._anew(plan, gone)
        return failure or self._write_in_turns(plan, changes)

    def _anew(self, plan: Plan, items: Sequence[Item]) -> tuple[Sequence[Change], Exception | None]:
        """Match items whose match doesn't hold any more; what has to be written by now."""
        try:
            matches = self._destination.match(plan, items)
        except BudgetSpentError as error:
            self._defer(items, error)
            return (), None
        except ApiError as error:
            return (), error
        for item in items:
            item.outcome, item.rejected_fields, item.conflicts = None, {}, {}
            item.said = {}
        self._take(plan, items, matches)
        return [c for item in items if (c := self._decide(plan, item))], None

    def _leave(self, plan: Plan, items: list[Item]) -> Exception | None:
        """See to the records that were deleted at their origin."""
        gone = [item for item in items if leaving.is_gone(item)]
        if not gone or plan.on_delete is None:
            for item in gone:
                leaving.release(plan, item)
            return None
        try:
            changes = leaving.decide_leaving(self._ledger, plan, items, self._destination)
        except BudgetSpentError as error:
            for item in gone:
                item.outcome = Outcome(Kind.DEFERRED, BUDGET_SPENT, str(error))
            self.budget_spent = error
            return None
        except ApiError as error:
            for item in gone:
                item.outcome = None
            return error
        self._defer_unaffordable(gone)
        leaver = leaving.Leaver(self._destination, self._ending)
        return self._written_by(leaver, plan, changes, "would delete it")

    def _defer(self, items: Sequence[Item], error: BudgetSpentError) -> None:
        """Keep what can't be matched any more; a create without an answer stays one."""
        self.budget_spent = error
        for item in items:
            if item.outcome is None:
                reason = ANSWER_LOST if item.kept == ANSWER_LOST else BUDGET_SPENT
                item.outcome = Outcome(Kind.DEFERRED, reason, str(error))

    def _decide(self, plan: Plan, item: Item) -> Change | None:
        if item.outcome is not None:
            return None
        return decide_item(plan, item, self._destination)

    def _write(self, plan: Plan, changes: Sequence[Change]) -> Exception | None:
        if self._foreteller is None:
            self._announce(plan, [c.item for c in changes if c.kind is Kind.CREATED])
        return self._written_by(Writer(self._destination, self._ending), plan, changes)

    def _written_by(
        self, writer: Writer, plan: Plan, changes: Sequence[Change], without: str = ""
    ) -> Exception | None:
        """Let a writer see to some changes, which a dry run foretells."""
        if self._foreteller is not None:
            self._foreteller.note(plan, changes)
        failure = writer.write(plan, changes)
        self.budget_spent = self.budget_spent or writer.budget_spent
        if self._foreteller is not None:
            self._foreteller.tell(changes, without)
        return failure

    def _announce(self, plan: Plan, creates: Sequence[Item]) -> None:
        if creates and not self._destination.upserts:
            self._announced(plan, creates)


def _is_refused(item: Item) -> bool:
    """Whether a write certainly made and changed nothing."""
    return item.outcome is not None and item.outcome.kind is Kind.REJECTED


def _is_looked_for(plan: Plan, item: Item) -> bool:
    """Whether an item's record has to be looked at."""
    if item.outcome is not None and item.outcome.reason in _NOT_LOOKED_FOR:
        return False
    return linking.needs_match(plan, item)
