"""Runs the utility as `python -m sync_connector`."""

from __future__ import annotations

from sync_connector.cli import main

main()
