"""Runs the target as `python -m target_journy`."""

from __future__ import annotations

from target_journy.target import TargetJourny

TargetJourny.cli()
