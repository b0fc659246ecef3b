"""What both targets' tests need: messages, a ledger of their own, and what a run left in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync_core.ledger import Ledger
from sync_core.ledger.log import LogLine, Question, find
from sync_core.ledger.portions import portions
from sync_core.ledger.rows import Kept

Message = dict[str, Any]


def schema_message(stream: str, columns: dict[str, Any], keys: list[str]) -> Message:
    schema = {"type": "object", "properties": columns}
    return {"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": keys}


def record_message(stream: str, record: Any) -> Message:
    return {"type": "RECORD", "stream": stream, "record": record}


def stream_messages(
    stream: str, columns: dict[str, Any], keys: list[str], records: Iterable[Any]
) -> list[Message]:
    """A stream with its schema."""
    return [
        schema_message(stream, columns, keys),
        *(record_message(stream, record) for record in records),
    ]


def state_message(stream: str, value: Any) -> Message:
    return {"type": "STATE", "value": {"bookmarks": {stream: value}}}


def as_text(messages: Iterable[Message]) -> str:
    """Messages as a tap writes them."""
    return "".join(json.dumps(message) + "\n" for message in messages)


def to_try(ledger: Ledger, direction: str, stream: str) -> list[Kept]:
    """What the next run would try again."""
    return [each for portion in portions(ledger, direction, stream, 100) for each in portion]


@dataclass
class TargetRun:
    """What one run of the command line did."""

    exit_code: int
    out: str
    log: str
    lines: list[LogLine]
    counts: dict[str, dict[str, int]]
    reasons: Counter[str]

    @property
    def states(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def errors(self) -> list[str]:
        return [line for line in self.log.splitlines() if "| ERROR" in line]

    def text(self, reason: str) -> str:
        """The sentence of the one record with this reason."""
        (text,) = [line.text for line in self.lines if line.reason == reason]
        return text


class LedgerFolder:
    """A folder with a ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = folder / "ledger.db"

    @property
    def ledger_url(self) -> str:
        return f"sqlite:///{self.ledger}"

    def forget(self) -> None:
        """Lose the ledger."""
        for path in self.folder.glob("ledger.db*"):
            path.unlink()

    def recorded(self) -> tuple[list[LogLine], dict[str, dict[str, int]], Counter[str]]:
        """Lines, counts by entity and counts by reason of the last run."""
        if not self.ledger.exists():
            return [], {}, Counter()
        ledger = Ledger(self.ledger_url, "default")
        try:
            (*_, last) = ledger.runs() or [None]
            if last is None:
                return [], {}, Counter()
            reasons: Counter[str] = Counter()
            for each in last.reasons:
                reasons[each["reason"]] += each["count"]
            lines = find(ledger, Question(run=last.run, limit=5000))
            return lines, dict(last.counts), reasons
        finally:
            ledger.close()
