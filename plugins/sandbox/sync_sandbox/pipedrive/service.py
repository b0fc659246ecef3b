"""The Pipedrive service as the frame sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive.door import Door
from sync_sandbox.pipedrive.drift import apply
from sync_sandbox.pipedrive.furnishing import furnish
from sync_sandbox.pipedrive.limits import Limits
from sync_sandbox.pipedrive.oauth import OAuth
from sync_sandbox.pipedrive.seeding import load
from sync_sandbox.pipedrive.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_sandbox.clock import Clock
    from sync_sandbox.pipedrive.catalogue import Field
    from sync_sandbox.pipedrive.store import Row
    from sync_sandbox.population import Population
    from sync_sandbox.switches import Switches


class PipedriveService:
    """One Pipedrive company behind HTTP."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.state = State(clock, switches)
        self.limits = Limits(clock, switches)
        self.oauth = OAuth(self.state)
        self.app = Door(self.state, self.limits, self.oauth)
        furnish(self.state)

    def configure(self, *, plan: str, seats: int, seed: int) -> None:
        """Take a plan; the rate windows and the day's budget start anew."""
        self.limits.configure(plan, seats)
        self.state.seed = seed

    def load(self, population: Population) -> None:
        """Fill the company from a population."""
        self.reset()
        load(self.state, population)

    def reset(self) -> None:
        """An empty company with its users and fields."""
        self.state.clear()
        furnish(self.state)
        self.limits.reset()
        self.oauth.reset()

    def counts(self) -> dict[str, int]:
        """Records by entity."""
        return self.state.counts()

    def dump(self) -> dict[str, Any]:
        """All records as plain data."""
        return self.state.dump()

    def restore(self, dumped: dict[str, Any]) -> None:
        """Take records that `dump` gave."""
        self.state.restore(dumped)

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Make changes behind a client's back, see `drift.CHANGES`."""
        apply(self, changes)

    def rows(self, entity: str) -> dict[int, Row]:
        """Stored rows by id: `rows("person")`. Custom fields without a value are left out."""
        return self.state.tables[entity].rows

    def field(self, entity: str, name: str) -> Field:
        """A field definition by its name: `field("person", "Churn score")["field_code"]`."""
        return self.state.fields[entity].named(name)
