"""Makes a scenario that fails smaller: runs of plugins are dear, so whole steps are left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sync_tests.scenarios.steps import Run, Scenario

Tell = Callable[[Scenario], None]
#: How a run may be made plainer.
PLAINER = ({"dry": False}, {"full": False}, {"budget": None}, {"fault": None})
_CHANCE = re.compile(r"[0-9a-f]{6,}|\d+|'[^']*'")


class Smallest:
    """Plays scenarios, and shows of one that fails the smallest that fails likewise."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def __call__(self, scenario: Scenario) -> None:
        """Play one.

        Raises:
            AssertionError: It fails.
        """
        if problem := self._problem(scenario):
            smallest = self._shrunk(scenario, _kind(problem))
            raise AssertionError(f"{self._problem(smallest) or problem}\n{smallest}")

    def _shrunk(self, scenario: Scenario, kind: str) -> Scenario:
        for smaller in _smaller(scenario):
            problem = self._problem(smaller)
            if problem and _kind(problem) == kind:
                return self._shrunk(smaller, kind)
        return scenario

    def _problem(self, scenario: Scenario) -> str:
        try:
            self._tell(scenario)
        except Exception as error:  # noqa: BLE001  # whatever it is, it shouldn't be
            return f"{type(error).__name__}: {error}"
        return ""


def _kind(problem: str) -> str:
    """What two problems share that are one: their words, without ids and times."""
    return _CHANCE.sub("", problem)[:60]


def _smaller(scenario: Scenario) -> Iterator[Scenario]:
    """The same with less in it: without many steps, without one, with plainer ones."""
    steps = scenario.steps
    size = len(steps) // 2
    while size:
        for at in range(len(steps) - size, -1, -size):
            yield replace(scenario, steps=(*steps[:at], *steps[at + size :]))
        size //= 2
    for name in scenario.settings:
        yield replace(scenario, settings=_without(scenario.settings, name))
    for name in scenario.switches:
        yield replace(scenario, switches=_without(scenario.switches, name))
    for at, step in enumerate(steps):
        for plainer in PLAINER if isinstance(step, Run) else ():
            run = replace(step, **plainer)
            if run != step:
                yield replace(scenario, steps=(*steps[:at], run, *steps[at + 1 :]))


def _without(positions: dict[str, Any], name: str) -> dict[str, Any]:
    return {one: position for one, position in positions.items() if one != name}
