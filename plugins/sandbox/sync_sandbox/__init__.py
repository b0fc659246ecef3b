"""A stateful local stand-in for the Pipedrive and journy.io services."""

from __future__ import annotations

from sync_sandbox.server import Sandbox

__all__ = ["Sandbox"]
