"""A record in the place of one that is gone: what it lacks, it hasn't cleared."""

from __future__ import annotations

from sync_core.engine.model import Plan
from sync_core.engine.renaming import TOLD
from sync_core.ledger import Agreed, Link
from sync_core.ledger.rows import Pair
from sync_core.ledger.rows.agreed import NO_VALUE


def forget_source(plan: Plan, link: Link) -> None:
    """Let no value of the former record count for the next one; nor for itself, if it comes back.

    Whatever either side has by then has moved, where the next one stands in Pipedrive: it gets what
    it lacks. One in journy that was told to be deleted leaves Pipedrive's values as they are.
    """
    for pair in lines(link):
        if pair not in plan.lines:
            _write_anew(plan, link, pair)
        elif plan.side == "pipedrive":
            link.agree(pair, NO_VALUE)
        else:
            link.agree(pair, Agreed(link.agreed[pair].pipedrive, NO_VALUE.other))


def lines(link: Link) -> list[Pair]:
    """The lines by which something was agreed on with a link's records."""
    return [pair for pair in link.agreed if all(pair) and pair != TOLD]


def _write_anew(plan: Plan, link: Link, pair: Pair) -> None:
    """Let a line the other way alone write to the next record, if that stands in Pipedrive."""
    if plan.side == "pipedrive":
        del link.agreed[pair]
        link.changed = True
