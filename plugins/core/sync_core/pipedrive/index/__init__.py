"""What is known of Pipedrive's records in this run, found at the least cost in tokens."""

from __future__ import annotations

from sync_core.pipedrive.index.index import Index
from sync_core.pipedrive.index.memory import OVERLAP, Memory
from sync_core.pipedrive.index.rows import Key, MatchField, Want

__all__ = ["OVERLAP", "Index", "Key", "MatchField", "Memory", "Want"]
