"""Runs the tap as `python -m tap_journy`."""

from __future__ import annotations

from tap_journy.tap import TapJourny

TapJourny.cli()
