"""The ledger: links, agreed values, outcomes, retries, runs. Memory and log, never the truth."""

from __future__ import annotations

from sync_core.ledger.store import Agreed, Kept, Ledger, Link, OutcomeRow, RunRow

__all__ = ["Agreed", "Kept", "Ledger", "Link", "OutcomeRow", "RunRow"]
