"""What earlier runs kept: tried again before anything newer, and known when it comes again."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sync_core import exact
from sync_core.engine.model import ANSWER_LOST, Item, Plan
from sync_core.engine.pricing import Pricing
from sync_core.ledger import Ledger
from sync_core.ledger.portions import count_kept, kept_of, portions
from sync_core.mapping import Partial
from sync_core.text import number_of

log = logging.getLogger(__name__)

#: Kept records that are in memory at a time, as many as a batch of new ones.
PORTION = 500


class Recall:
    """What is kept of each stream."""

    def __init__(self, ledger: Ledger, direction: str, pricing: Pricing) -> None:
        self._ledger = ledger
        self._direction = direction
        self._pricing = pricing
        self._retried: set[str] = set()
        self._keeping: set[str] = set()

    def portions(self, plan: Plan, coming: Collection[str]) -> Iterator[list[dict[str, Any]]]:
        """The kept records of a stream; once per run, before anything newer.

        Args:
            plan: The stream's plan.
            coming: Ids of records that are there in a newer version; that one counts.
        """
        if plan.stream in self._retried:
            return
        self._retried.add(plan.stream)
        due, every = count_kept(self._ledger, self._direction, plan.stream)
        self._pricing.foresee(plan, due)
        if every:
            self.keeps(plan)
        if due:
            tried = number_of(due, "kept record is", "kept records are")
            log.info("%s: %s tried again", plan.stream, tried)
        for portion in portions(self._ledger, self._direction, plan.stream, PORTION):
            records = [each.payload for each in portion if each.source_id not in coming]
            if records:
                yield [exact.decode(each) for each in records]

    def keeps(self, plan: Plan) -> None:
        """Note that something of a stream is kept."""
        self._keeping.add(plan.stream)

    def remind(self, plan: Plan, items: Sequence[Item]) -> None:
        """Let each item know what is kept of its record, by earlier runs or by this one.

        So a newer version, or the news that the record is deleted, takes the place of what was
        kept; and a record whose create got no answer waits, whenever it comes.
        """
        if plan.stream not in self._keeping:
            return
        whole = [item for item in items if not isinstance(item.record, Partial)]
        ids = (item.source_id for item in whole)
        known = kept_of(self._ledger, self._direction, plan.stream, ids)
        for item in whole:
            if (kept := known.get(item.source_id)) is not None:
                item.kept, item.asked = kept.reason, not kept.given_up
                item.lost_at = kept.sent if kept.reason == ANSWER_LOST else ""
