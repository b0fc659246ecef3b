"""journy.io as this product sees it: documented calls, catalogues, values."""

from __future__ import annotations

from sync_core.journy.client import JournyClient

__all__ = ["JournyClient"]
