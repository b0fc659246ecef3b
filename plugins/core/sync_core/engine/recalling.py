"""What earlier runs kept: tried again before anything newer, and known when it comes again."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sync_core.engine import preparing
from sync_core.engine.model import ANSWER_LOST, Item, Plan
from sync_core.engine.pricing import Pricing
from sync_core.ledger import Ledger

log = logging.getLogger(__name__)


class Recall:
    """What earlier runs kept of each stream."""

    def __init__(self, ledger: Ledger, direction: str, pricing: Pricing) -> None:
        self._ledger = ledger
        self._direction = direction
        self._pricing = pricing
        self._retried: set[str] = set()
        self._waiting: dict[str, Mapping[str, str]] = {}
        self._lost: dict[tuple[str, str], str] = {}

    def of(self, plan: Plan) -> list[dict[str, Any]]:
        """The kept records of a stream; once per run, before anything newer."""
        if plan.stream in self._retried:
            return []
        self._retried.add(plan.stream)
        self._waiting[plan.stream] = self._ledger.waiting(self._direction, plan.stream)
        kept = self._ledger.retries(self._direction, plan.stream)
        self._pricing.foresee(plan, len(kept))
        if kept:
            log.info("%s: %d kept record(s) are tried again", plan.stream, len(kept))
        return [{**msgspec.json.decode(each.payload), preparing.KEPT: each} for each in kept]

    def remind(self, plan: Plan, items: Sequence[Item]) -> None:
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
