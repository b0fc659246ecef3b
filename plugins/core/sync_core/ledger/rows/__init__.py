"""What the ledger's rows are to those who use it."""

from __future__ import annotations

from sync_core.ledger.rows.agreed import Agreed
from sync_core.ledger.rows.kept import Kept, Left, Relative, Retry
from sync_core.ledger.rows.link import Link
from sync_core.ledger.rows.outcomes import Difference, OutcomeRow, Sample
from sync_core.ledger.rows.run import RunRow
from sync_core.ledger.values import Pair

__all__ = [
    "Agreed", "Difference", "Kept", "Left", "Link", "OutcomeRow", "Pair", "Relative", "Retry",
    "RunRow", "Sample",
]  # fmt: skip
