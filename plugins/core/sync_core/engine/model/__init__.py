"""What flows through the engine: plans, items, matches, outcomes."""

from __future__ import annotations

from sync_core.engine.model.change import Change
from sync_core.engine.model.destination import Destination
from sync_core.engine.model.item import Item, Match, Said, Written
from sync_core.engine.model.outcome import (
    ANSWER_LOST,
    BUDGET_SPENT,
    DUPLICATE,
    GONE,
    REMOVED,
    TAKEN,
    Kind,
    Outcome,
)
from sync_core.engine.model.plan import FurtherKey, OnDelete, Plan, Relation

__all__ = [
    "ANSWER_LOST", "BUDGET_SPENT", "DUPLICATE", "GONE", "REMOVED", "TAKEN", "Change", "Destination",
    "FurtherKey", "Item", "Kind", "Match", "OnDelete", "Outcome", "Plan", "Relation", "Said",
    "Written",
]  # fmt: skip
