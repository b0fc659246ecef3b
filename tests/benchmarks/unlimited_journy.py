"""target-journy without journy's limit of calls a minute, where only its own time counts."""

from __future__ import annotations

from sync_core.journy.client import JournyPacer
from target_journy.target import TargetJourny

JournyPacer.documented_limit = None
TargetJourny.cli()
