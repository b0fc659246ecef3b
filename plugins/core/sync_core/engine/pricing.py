"""What a run is expected to cost, said before each stream, and its bill at the end."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sync_core.engine.model import Destination, Item, Plan
from sync_core.ledger import Ledger
from sync_core.ledger.prices import (
    Lookups,
    last_lookups,
    last_writes,
    note_bill,
    note_estimate,
    note_lookups,
)
from sync_core.text import number_of

log = logging.getLogger(__name__)

#: A write of which nothing is known but that it writes something.
_ANY: tuple[Item, Mapping[str, Any]] = (Item({}), {"": None})


class Pricing:
    """The prices of one run; says nothing where the destination has none."""

    def __init__(self, destination: Destination, ledger: Ledger, run: str) -> None:
        """Begin.

        Args:
            destination: What is paid for.
            ledger: Knows what the last run wrote, and keeps the prices.
            run: Its id.
        """
        self._destination = destination
        self._ledger = ledger
        self._run = run
        self._streams: dict[str, dict[str, int]] = {}
        self._begin = 0

    def foresee(self, plan: Plan, kept: int) -> None:
        """Say what a stream is expected to cost, before its first record.

        Args:
            plan: The stream's plan.
            kept: Records of earlier runs that are written first.
        """
        asked = last_lookups(self._ledger, plan.stream)
        # What was kept may never have been found, so it counts as what costs most to find.
        find = self._destination.lookup_price(plan, asked and asked.plus(0, kept))
        if find is None:
            return
        if not self._streams:
            self._begin = self._destination.usage()[1]
        before = last_writes(self._ledger, plan.stream)
        writes = (before or 0) + kept
        tokens = self._destination.price(plan, [_ANY] * writes)[1]
        self._streams[plan.stream] = {"find": find, "writes": writes, "write": tokens}
        note_estimate(self._ledger, self._run, self._estimate())
        self._say(plan, find, tokens, before, kept)

    def _estimate(self) -> dict[str, Any]:
        return {"begin": self._begin, "streams": self._streams, "tokens": self._expected}

    @property
    def _expected(self) -> int:
        return self._begin + sum(each["find"] + each["write"] for each in self._streams.values())

    def _say(self, plan: Plan, find: int, tokens: int, before: int | None, kept: int) -> None:
        what = f"{self._destination.price(plan, [_ANY])[1]} for each write"
        if before is not None:
            waiting = f" and {number_of(kept, 'that waits', 'that wait')}" if kept else ""
            what = f"{tokens:,} for {number_of(before, 'write')}, as many as the last run{waiting}"
        log.info(
            "%s: about %s expected to find each %s, and %s%s",
            plan.stream, number_of(find, "token in all is", "tokens in all are"), plan.entity, what,
            self._against_share(),
        )  # fmt: skip

    def _against_share(self) -> str:
        daily = self._destination.daily()
        if daily is None:
            return ""
        if self._expected > daily.share:
            return f"; this run may spend {daily.share:,}, and the next one goes on with the rest"
        return f"; this run may spend {daily.share:,} of the {daily.at_start:,} that were left"

    def settle(self, lookups: Mapping[str, Lookups]) -> None:
        """Say what the run did cost, by kind of call.

        Args:
            lookups: Stream -> how many of its records were looked up.
        """
        bill = dict(sorted(self._destination.bill().items()))
        if not bill:
            return
        note_bill(self._ledger, self._run, bill)
        note_lookups(self._ledger, self._run, lookups)
        parts = ", ".join(f"{kind} {tokens:,}" for kind, tokens in bill.items())
        expected = f"; {self._expected:,} were expected" if self._streams else ""
        log.info(
            "tokens by kind of call: %s; %s in all%s", parts, f"{sum(bill.values()):,}", expected
        )
