"""What fails during a run, and a process that dies in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from sync_tests.failures import ACTIONS
from sync_tests.scenarios.steps import Fault

PLANTED = ("500", "429", "forbidden", "spent", "cut", "lost", "truncated", "blocked")
KILL = "kill"


@contextmanager
def planted(sandbox: Any, fault: Fault | None, where: str) -> Iterator[None]:
    """While a plugin runs, what the scenario says fails."""
    if fault is None or fault.where != where or fault.kind == KILL:
        yield
        return
    rule = {"after": fault.after, "times": fault.times, "action": ACTIONS[fault.kind]}
    sandbox.fault("*", fault.method, **rule)
    try:
        yield
    finally:
        sandbox.clear_faults()


class Death:
    """A target's process that dies at a request: whatever it did after that, it didn't.

    Attributes:
        came: Whether there was such a request.
    """

    def __init__(self, ledger: Path, fault: Fault) -> None:
        self._ledger, self._fault, self._count = ledger, fault, 0
        self._backup = ledger.parent / "at death"
        self.came = False

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """While the process lives."""
        send = requests.Session.send
        death = self

        def until(session: Any, request: Any, **options: Any) -> Any:
            alive = not death.came
            if death._due(request):
                if alive and death._fault.times is None:  # it came too late to be noticed
                    send(session, request, **options)
                raise requests.ConnectionError("dead")
            return send(session, request, **options)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(requests.Session, "send", until)
            yield
        if self.came:
            forget(self._ledger)
            copy(self._backup, self._ledger.parent)

    def _due(self, request: Any) -> bool:
        if not self.came and self._fault.method in ("*", request.method):
            self._count += 1
            if self._count > self._fault.after:
                self.came = True
                copy(self._ledger.parent, self._backup)
                return True
        return self.came


def copy(source: Path, target: Path) -> None:
    """Copy a ledger, with what it has not taken in yet."""
    target.mkdir(exist_ok=True)
    for path in (*target.glob("ledger.db"), *target.glob("ledger.db-wal")):
        path.unlink()
    for path in (*source.glob("ledger.db"), *source.glob("ledger.db-wal")):
        shutil.copy(path, target)


def forget(ledger: Path) -> None:
    """Lose a ledger."""
    for path in ledger.parent.glob(f"{ledger.name}*"):
        path.unlink()
