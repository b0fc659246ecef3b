"""A run as reports show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sync_core import times


@dataclass(frozen=True)
class RunRow:
    """One run as reports show it.

    Attributes:
        run: Its id.
        connection: The connection's name.
        direction: `pipedrive-to-journy` or `journy-to-pipedrive`.
        started: When it began.
        ended: When it ended; None while it runs, or if it was killed.
        status: running, completed, failed, or abandoned by a process that died.
        error: What ended it early.
        dry_run: Whether it was one.
        calls: Calls to the destination.
        tokens: What those cost of Pipedrive's daily tokens.
        counts: Stream -> outcome -> records.
        reasons: Records by stream, outcome and reason.
        daily_at_start: The company's daily tokens when it began; None where Pipedrive didn't say.
        daily_left: Those that were left at its end.
        daily_share: Those that it was allowed to spend.
        planned_calls: Calls that the writes of a dry run would have taken.
        planned_tokens: Tokens that they would have cost.
        estimate: What it was expected to cost, as JSON.
        bill: What it did cost, as JSON.
    """

    run: str
    connection: str
    direction: str
    started: str
    ended: str | None
    status: str
    error: str | None
    dry_run: bool
    calls: int
    tokens: int
    counts: Mapping[str, Mapping[str, int]]
    reasons: Sequence[Mapping[str, Any]]
    daily_at_start: int | None = None
    daily_left: int | None = None
    daily_share: int | None = None
    planned_calls: int | None = None
    planned_tokens: int | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it isn't over."""
        if self.ended is None:
            return None
        return times.between(self.started, self.ended)

    @classmethod
    def of(cls, row: Mapping[str, Any], reasons: Sequence[Mapping[str, Any]]) -> RunRow:
        """A stored run with what it counted, added up by stream and outcome."""
        by_entity: dict[str, dict[str, int]] = {}
        for each in reasons:
            outcomes = by_entity.setdefault(each["entity"], {})
            outcomes[each["outcome"]] = outcomes.get(each["outcome"], 0) + each["count"]
        made = {"run", "counts", "reasons"}
        about = {each.name: row[each.name] for each in fields(cls) if each.name not in made}
        return cls(run=row["id"], counts=by_entity, reasons=reasons, **about)

    estimate: str | None = None
    bill: str | None = None
