"""What a dry run says in place of writing."""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.engine.dreaming import Dream, is_made_up
from sync_core.engine.foreseeing import Foreseen
from sync_core.engine.model import Change, Destination, Item, Kind, Outcome, Plan
from sync_core.engine.sampling import Sampler
from sync_core.engine.settling import SOME_REJECTED
from sync_core.ledger import Ledger
from sync_core.ledger.pretended import Pretended
from sync_core.ledger.samples import save_samples

_WRITTEN = frozenset({Kind.CREATED, Kind.UPDATED})


class Foreteller:
    """Says what a real run would write, and what that would cost.

    Attributes:
        destination: Takes the writes of the dry run, and remembers them as long as it lasts.
        foreseen: The accounts that the real run would link.
    """

    def __init__(self, destination: Destination, ledger: Ledger, run: str) -> None:
        """Begin a dry run.

        Args:
            destination: The one that would be written to.
            ledger: The connection's memory; links are found in it as they would be.
            run: The run's id.
        """
        self.destination: Destination = Dream(destination)
        self.foreseen = Foreseen()
        self._ledger = ledger
        self._links = ledger.pretended = Pretended()
        self._run = run
        self._samples = Sampler()
        self._writes = (0, 0)

    @property
    def cost(self) -> tuple[int, int]:
        """Calls and tokens of all that was left out so far."""
        calls, tokens = self.destination.foretold()
        return calls + self._writes[0], tokens + self._writes[1]

    def note(self, plan: Plan, changes: Sequence[Change]) -> None:
        """Keep for a preview what the writes cost, and a few of them, before they are left out."""
        writes = [(change.item, change.values) for change in changes]
        calls, tokens = self.destination.price(plan, writes)
        self._writes = (self._writes[0] + calls, self._writes[1] + tokens)
        save_samples(self._ledger, self._run, self._samples.take(plan, changes))

    @staticmethod
    def tell(changes: Sequence[Change], without: str = "") -> None:
        """Give every change that was left out the outcome of one that is planned.

        Args:
            changes: What would be written.
            without: What is said of a change that names no field.
        """
        for change in changes:
            item, labels = change.item, tuple(change.labels.values())
            if item.outcome is not None and item.outcome.kind in _WRITTEN:
                item.outcome = _planned(item.outcome, labels, without)
            item.milliseconds = None

    def keep(self, plan: Plan, items: Sequence[Item]) -> None:
        """Remember a batch's links as they would be; nobody else learns of made-up ids."""
        links = [link for item in items for link in (item.former, item.link)
                 if item.outcome is not None and link is not None]  # fmt: skip
        self._links.keep(link for link in links if link.changed)
        self.foreseen.foresee(plan, items)
        name = self.destination.name
        for item in items:
            if item.link is not None and is_made_up(item.link.on(name)):
                item.made_up = True
                item.link.place(name, "")


def _planned(real: Outcome, labels: tuple[str, ...], without: str) -> Outcome:
    """What a dry run says in place of a real one; what is refused is refused in both."""
    parts = (f"would write {', '.join(labels)}", real.text) if labels else (without,)
    reason = real.reason if real.reason == SOME_REJECTED else "planned"
    return Outcome(real.kind, reason, "; ".join(filter(None, parts)), labels)
