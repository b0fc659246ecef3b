"""select -> map -> match -> merge -> write -> record, the same for both directions."""

from __future__ import annotations

from sync_core.engine.engine import Engine
from sync_core.engine.model import Destination, Item, Kind, Match, Outcome, Plan, Written

__all__ = ["Destination", "Engine", "Item", "Kind", "Match", "Outcome", "Plan", "Written"]
