"""A record in the place of one that is gone: what it lacks, it hasn't cleared."""

from __future__ import annotations

from dataclasses import replace

from sync_core.canonical import EMPTY
from sync_core.engine.model import Plan
from sync_core.ledger import Agreed, Link


def forget_source(plan: Plan, link: Link) -> None:
    """Let no value of the former record count for the next one.

    What the next one has is compared with what was agreed on at the other side; and so is what the
    former has, should it come back.
    """
    for pair in plan.lines:
        if (agreed := link.agreed.get(pair)) is not None:
            link.agree(pair, _without(plan.side, agreed))


def _without(side: str, agreed: Agreed) -> Agreed:
    if side == "pipedrive":
        return replace(agreed, pipedrive=EMPTY)
    return Agreed(agreed.pipedrive, EMPTY)  # nothing was written to the next one
