"""A stateful stand-in for journy.io: users and accounts behind its documented HTTP interface."""

from __future__ import annotations

from sync_sandbox.journy.access import API_KEY
from sync_sandbox.journy.service import JournyService
from sync_sandbox.journy.switches import SWITCHES

__all__ = ["API_KEY", "SWITCHES", "JournyService"]
