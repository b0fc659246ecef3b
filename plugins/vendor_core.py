"""Hatch build hook: every wheel carries its own copy of the shared packages.

It stands beside `core/` rather than in it, so that it can never be imported at run time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGES = ("sync_core", "sync_singer")
SOURCE = Path(__file__).resolve().parent / "core"


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the shared packages to what a wheel contains."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the copy to a standard wheel only.

        An editable installation has the source on its path (`dev-mode-dirs`); a copy beside it
        would shadow that source, and edits would go unseen.
        """
        if version == "standard":
            for package in PACKAGES:
                build_data["force_include"][str(SOURCE / package)] = package
