"""A record in Pipedrive in the place of one that is gone: what it lacks, it hasn't cleared."""

from __future__ import annotations

from dataclasses import replace

from sync_core.canonical import EMPTY
from sync_core.engine.model import Plan
from sync_core.ledger import Link


def forget_source(plan: Plan, link: Link) -> None:
    """Let no value of the former record count for the next one.

    What the next one has is compared with what was agreed on at the other side; and so is what the
    former has, should it come back. A user in journy may get another id, and stays who they are.
    """
    if plan.side != "pipedrive":
        return
    for pair in plan.lines:
        if (agreed := link.agreed.get(pair)) is not None:
            link.agree(pair, replace(agreed, pipedrive=EMPTY))
