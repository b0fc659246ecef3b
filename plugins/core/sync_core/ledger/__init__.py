"""The ledger: links, agreed values, outcomes, retries, runs. Memory and log, never the truth."""

from __future__ import annotations

from sync_core.ledger.rows import Agreed, Difference, Kept, Link, OutcomeRow, RunRow, Sample
from sync_core.ledger.store import Ledger

__all__ = ["Agreed", "Difference", "Kept", "Ledger", "Link", "OutcomeRow", "RunRow", "Sample"]
