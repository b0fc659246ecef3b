"""What a dry run says in place of writing."""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.engine.deciding import Change
from sync_core.engine.foreseeing import Foreseen
from sync_core.engine.model import Destination, Outcome, Plan
from sync_core.engine.planned import Planned
from sync_core.engine.sampling import Sampler
from sync_core.ledger import Ledger
from sync_core.ledger.samples import save_samples


class Foreteller:
    """Says what a real run would write, and what that would cost.

    Attributes:
        foreseen: The links that the real run would make.
    """

    def __init__(self, destination: Destination, ledger: Ledger, run: str) -> None:
        self.foreseen = Foreseen(ledger)
        self._destination = destination
        self._ledger = ledger
        self._run = run
        self._samples = Sampler()
        self._planned = Planned(destination)
        self._writes = (0, 0)

    @property
    def cost(self) -> tuple[int, int]:
        """Calls and tokens of all that was left out so far."""
        calls, tokens = self._destination.foretold()
        return calls + self._writes[0], tokens + self._writes[1]

    def foretell(self, plan: Plan, changes: Sequence[Change], without: str = "") -> None:
        """Give every change the outcome that its write would have.

        Args:
            plan: The stream's plan.
            changes: What would be written.
            without: What is said of a change that names no field.
        """
        still = self._planned.open(plan, changes)
        self._sample(plan, still)
        for change in still:
            labels = tuple(change.labels.values())
            text = f"would write {', '.join(labels)}" if labels else without
            change.item.outcome = Outcome(change.kind, "planned", text, labels)

    def _sample(self, plan: Plan, changes: Sequence[Change]) -> None:
        """What is left for a preview: the price of the writes, and a few of them."""
        writes = [(change.item, change.values) for change in changes]
        calls, tokens = self._destination.price(plan, writes)
        self._writes = (self._writes[0] + calls, self._writes[1] + tokens)
        save_samples(self._ledger, self._run, self._samples.take(plan, changes))
