"""Pipedrive's REST API, v2 and what is left of v1, over records in memory."""

from __future__ import annotations

from sync_sandbox.pipedrive.furnishing import TOKEN
from sync_sandbox.pipedrive.service import PipedriveService
from sync_sandbox.pipedrive.unknowns import SWITCHES

__all__ = ["SWITCHES", "TOKEN", "PipedriveService"]
