"""Runs the target as `python -m target_pipedrive`."""

from __future__ import annotations

from target_pipedrive.target import TargetPipedrive

TargetPipedrive.cli()
