"""The whole sandbox behind HTTP: both services, the clock, switches, faults and journal."""

from __future__ import annotations

import contextlib
import gc
import os
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sync_sandbox import journy, pipedrive
from sync_sandbox.clock import Clock
from sync_sandbox.faults import Faults
from sync_sandbox.journal import Journal
from sync_sandbox.population import populate
from sync_sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterator

# A snapshot doubles the memory, so worlds larger than this are made anew from their seed.
SNAPSHOT_ROWS = 50_000
SNAPSHOTS = 4
# Of the file that `save` writes. It grows by one whenever an older file can't be read any more.
FORMAT = 1
PLANS = ("lite", "growth", "premium", "ultimate", "unlimited")


@dataclass(frozen=True)
class Settings:
    """What the world is made from; the same settings always make the same world."""

    seed: int = 1
    persons: int = 1000
    organizations: int = 200
    users: int = 1500
    accounts: int = 250
    plan: str = "unlimited"
    seats: int = 1
    switches: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.plan not in PLANS:
            raise ValueError(f"plan {self.plan!r} is not one of {', '.join(PLANS)}")
        for name in ("persons", "organizations", "users", "accounts", "seats"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < (name == "seats"):
                raise ValueError(f"{name} must be a whole number, not {value!r}")

    def override(self, changes: dict[str, Any]) -> Settings:
        """A copy with some settings changed.

        Raises:
            ValueError: there is no such setting, or its value can't be.
        """
        known = [item.name for item in fields(self)]
        if unknown := sorted(set(changes) - set(known)):
            raise ValueError(f"no setting {', '.join(unknown)}; there are: {', '.join(known)}")
        return replace(self, **changes)

    @property
    def population(self) -> dict[str, int]:
        """The part that decides which records exist."""
        names = ("seed", "persons", "organizations", "users", "accounts")
        return {name: getattr(self, name) for name in names}


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Let no garbage be looked for: among a million new records that takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class World:
    """Everything that the sandbox remembers."""

    def __init__(self, settings: Settings) -> None:
        self.clock = Clock()
        self.switches = Switches((*pipedrive.SWITCHES, *journy.SWITCHES))
        self.journal = Journal()
        self.pipedrive = pipedrive.PipedriveService(self.clock, self.switches)
        self.journy = journy.JournyService(self.clock, self.switches)
        self.faults = Faults(
            {
                "pipedrive": self.pipedrive.apply,
                "clock": self.clock.advance,
                "switches": self.switches.update,
            }
        )
        self.services: dict[str, Any] = {"pipedrive": self.pipedrive, "journy": self.journy}
        self.settings = settings
        self._snapshots: dict[tuple[int, ...], bytes] = {}
        self.reset()

    def reset(self, **overrides: Any) -> None:
        """Back to the seeded world, this once with other settings where given."""
        settings = self.settings.override(overrides)
        self.switches.reset()
        self.switches.update(settings.switches)
        self.clock.reset()
        self.faults.clear()
        self.journal.clear()
        self.pipedrive.configure(plan=settings.plan, seats=settings.seats, seed=settings.seed)
        self._seed(settings.population)

    def _seed(self, wanted: dict[str, int]) -> None:
        key = tuple(wanted.values())
        if key in self._snapshots:
            self._restore(msgspec.msgpack.decode(self._snapshots[key]))
            return
        with uncollected():
            population = populate(**wanted, awkward=True)
            for service in self.services.values():
                service.reset()
                service.load(population)
        if sum(wanted.values()) - wanted["seed"] <= SNAPSHOT_ROWS:
            while len(self._snapshots) >= SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]
            self._snapshots[key] = msgspec.msgpack.encode(self.dump())

    def counts(self) -> dict[str, dict[str, int]]:
        """Records by service and entity."""
        return {name: service.counts() for name, service in self.services.items()}

    def dump(self) -> dict[str, Any]:
        """Both services' records as plain data."""
        return {name: service.dump() for name, service in self.services.items()}

    def _restore(self, dumped: dict[str, Any]) -> None:
        for name, service in self.services.items():
            service.reset()
            service.restore(dumped[name])

    def save(self, path: Path) -> None:
        """Write the records into a file, whole or not at all."""
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(msgspec.json.encode({"format": FORMAT, **self.dump()}))
        partial.replace(path)

    def open(self, path: Path) -> None:
        """Take the records from a file that `save` wrote.

        Raises:
            ValueError: it is no such file.
        """
        name = os.fspath(path)
        try:
            saved = msgspec.json.decode(path.read_bytes())
            if saved["format"] != FORMAT:
                raise ValueError(
                    f"{name} is of format {saved['format']}, and this sandbox reads {FORMAT}; "
                    "move the file away to begin with new records"
                )
            self._restore(saved)
        except (msgspec.DecodeError, LookupError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{name} is no saved sandbox ({type(error).__name__}: {error}); "
                "move the file away to begin with new records"
            ) from error
