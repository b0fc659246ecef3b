"""Keys that several source records go by: none of them is written until only one does.

Which of them a key belongs to would be a guess, and the one that came last a different one in each
run. So who goes by which is remembered until one of them is seen to go by another key, or by none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sync_core import exact
from sync_core.engine.model import DUPLICATE, Item, Plan
from sync_core.ledger import Ledger
from sync_core.ledger.claimants import News, claimants, payloads
from sync_core.scratch import Scratch, digests

#: Records that are tried again at a time.
_PORTION = 500


class Contests:
    """Who goes by a contested key, and who lets go of one that the ledger has them under.

    In memory are these alone, each of which is rejected whenever it comes.
    """

    def __init__(self, ledger: Ledger, direction: str, *, dry_run: bool) -> None:
        """Prepare; nothing is read yet.

        Args:
            ledger: The connection's memory.
            direction: Of the run.
            dry_run: Whether the ledger keeps nothing of what is rejected.
        """
        self._ledger = ledger
        self._direction = direction
        self._kinds: dict[str, _Kind] = {}
        self._rejected = Scratch() if dry_run else None

    def of(self, plan: Plan) -> _Kind:
        """The contests of a plan's kind."""
        if plan.kind not in self._kinds:
            self._kinds[plan.kind] = _Kind(claimants(self._ledger, plan.kind))
        return self._kinds[plan.kind]

    def news(self) -> News:
        """What has changed since this was last asked."""
        return {
            (kind, record): key
            for kind, contests in self._kinds.items()
            for record, key in contests.news().items()
        }

    def keep(self, plan: Plan, items: Sequence[Item]) -> None:
        """Keep what a dry run rejects, since its ledger doesn't."""
        if self._rejected is None:
            return
        rejected = {
            (plan.kind, item.source_id): exact.encode(item.record)
            for item in items
            if item.outcome is not None and item.outcome.reason == DUPLICATE
        }
        self._rejected.keep({at: rejected[name] for name, at in digests(rejected).items()})

    def settled(self, plan: Plan) -> Iterator[list[dict[str, Any]]]:
        """Rejected records that have their key alone by now, in portions."""
        if plan.side != "pipedrive":
            return
        contests = self.of(plan)
        while lone := contests.take_lone(_PORTION):
            known = self._payloads(plan, lone)
            for record in lone:
                if record not in known:  # it never came since, so nothing of it was rejected
                    contests.leave(record)
            if known:
                yield [exact.decode(text) for text in known.values()]

    def _payloads(self, plan: Plan, records: Sequence[str]) -> dict[str, str]:
        kept = payloads(self._ledger, self._direction, plan.stream, records)
        if self._rejected is None:
            return kept
        names = digests((plan.kind, record) for record in records)
        texts = self._rejected.recall(list(names.values()))
        return kept | {record: texts[at] for (_, record), at in names.items() if at in texts}


class _Kind:
    """The contests of one kind of record."""

    def __init__(self, known: dict[str, str]) -> None:
        self._keys: dict[str, str] = {}
        self._records: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._news: dict[str, str | None] = {}
        for record, key in known.items():
            self._put(record, key)
        self._lone = {key: None for key, records in self._records.items() if len(records) == 1}

    def key(self, record: str) -> str | None:
        """The key that a record goes by; None: it isn't known to go by another than its link's."""
        return self._keys.get(record)

    def holds(self, record: str, key: str) -> bool:
        """Whether the record of a key's link may still go by it."""
        return self._keys.get(record, key) == key

    def rival(self, key: str, record: str) -> str:
        """Another record that goes by a contested key; empty: there is none."""
        return next((each for each in self._records.get(key, ()) if each != record), "")

    def enter(self, key: str, *records: str) -> None:
        """Let records contest a key."""
        for record in records:
            if self._keys.get(record) != key:
                self.leave(record)
                self._put(record, key)
                self._news[record] = key

    def let_go(self, record: str) -> None:
        """Note that a record goes by no key any more, whatever its link says."""
        self.enter("", record)

    def leave(self, record: str) -> None:
        """Forget a record; who has its key alone then may be tried again."""
        key = self._keys.pop(record, None)
        if key is None:
            return
        self._news[record] = None
        if key:
            rest = self._records[key]
            del rest[record]
            if not rest:
                del self._records[key]
            elif len(rest) == 1:
                self._lone[key] = None

    def found(self, key: str, record: str) -> None:
        """Note that Pipedrive was searched for a key, and has it of one record alone."""
        for other in [each for each in self._records.get(key, ()) if each != record]:
            self.leave(other)

    def take_lone(self, most: int) -> list[str]:
        """Records that have their key alone by now, each once."""
        found: list[str] = []
        while self._lone and len(found) < most:
            key, _ = self._lone.popitem()
            records = self._records.get(key, {})
            found += records if len(records) == 1 else ()
        return found

    def news(self) -> dict[str, str | None]:
        """Record -> the key that it goes by, or None if it is forgotten; since last asked."""
        news, self._news = self._news, {}
        return news

    def _put(self, record: str, key: str) -> None:
        self._keys[record] = key
        if key:
            self._records[key][record] = None
