"""What a run did, as figures: the ledger's account, and the sandbox's journal beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

OUTCOMES = ("created", "updated", "unchanged", "skipped", "rejected", "deferred", "failed")
DIRECTIONS = {
    # direction: (its name for people, service that is read, service that is written)
    "journy-to-pipedrive": ("journy.io → Pipedrive", "journy", "pipedrive"),
    "pipedrive-to-journy": ("Pipedrive → journy.io", "pipedrive", "journy"),
}
# Reasons that say no more than the outcome does.
PLAIN = frozenset({"created", "updated", "no_difference"})
READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Direction:
    """One direction of one run."""

    name: str
    counts: dict[str, dict[str, int]]
    reasons: list[dict[str, Any]]
    calls: int
    tokens: int

    @property
    def written(self) -> int:
        """Records that it created or updated."""
        return sum(row["created"] + row["updated"] for row in self.counts.values())

    @property
    def remarkable(self) -> list[dict[str, Any]]:
        """The reasons that a person may want to look into."""
        return [reason for reason in self.reasons if reason["reason"] not in PLAIN]


def directions(runs: list[dict[str, Any]], journal: list[dict[str, Any]]) -> list[Direction]:
    """The directions of one `meltano run`, in the order in which they ran.

    The ledger counts what the loaders called. What the journal holds beyond that on the service
    that a direction reads was called by its extractor.

    Args:
        runs: What `connector runs --json` gives for these directions.
        journal: What the sandbox answered meanwhile.
    """
    calls, tokens = Counter[str](), Counter[str]()
    for request in journal:
        calls[request["service"]] += 1
        tokens[request["service"]] += request["tokens"]
    for run in runs:
        written = DIRECTIONS[run["direction"]][2]
        calls[written] -= run["calls"]
        tokens[written] -= run["tokens"]
    return [_direction(run, calls, tokens) for run in runs]


def _direction(run: dict[str, Any], calls: Counter[str], tokens: Counter[str]) -> Direction:
    name, read, _ = DIRECTIONS[run["direction"]]
    return Direction(
        name=name,
        counts=run["counts"],
        reasons=run["reasons"],
        calls=run["calls"] + calls[read],
        tokens=run["tokens"] + tokens[read],
    )


def writes(journal: list[dict[str, Any]]) -> list[str]:
    """The requests that weren't mere reads: the services' own view of what was written."""
    return [
        f"{request['method']} {request['path'].partition('?')[0]}"
        for request in journal
        if request["method"] not in READS
    ]
