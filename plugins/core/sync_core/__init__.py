"""What the four plugins share: HTTP, catalogues, mapping, matching, the engine and the ledger."""

from __future__ import annotations

__version__ = "0.1.0"
