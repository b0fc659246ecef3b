"""Runs as data for scripts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec
from sync_core.engine import Kind
from sync_core.ledger import RunRow

OUTCOMES = tuple(kind.value for kind in Kind)


def as_lines(run: RunRow) -> dict[str, Any]:
    """A run with every outcome counted, zeros included, for each entity."""
    counts = {
        entity: {outcome: counted.get(outcome, 0) for outcome in OUTCOMES}
        for entity, counted in run.counts.items()
    }
    return {**asdict(run), "counts": counts}


def totals(run: RunRow) -> dict[str, int]:
    """Records per outcome over all entities."""
    return {
        outcome: sum(counted.get(outcome, 0) for counted in run.counts.values())
        for outcome in OUTCOMES
    }


def as_json(data: Any) -> str:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
