"""Plays a scenario: both services live, the plugins run, and what has to be true is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sync_core.ledger import Ledger
from sync_core.ledger.log import Question, find

from sync_tests.scenarios import checks, faults, resting, steps
from sync_tests.scenarios.pictures import Picture
from sync_tests.scenarios.running import Did, Runner
from sync_tests.scenarios.settings import Settings
from sync_tests.scenarios.world import World
from sync_tests.taps import TapRun

#: More than anything lags behind or waits for another try.
SETTLED = steps.Wait(2 * 86_400)
#: Longer than journy may take to show what it has accepted.
SHOWN = steps.Wait(5)
#: After so many rounds without edits, nothing is left to be said.
ROUNDS = 3
LAGS = ("pipedrive.list_lag_seconds", "pipedrive.search_lag_seconds")


class Teller:
    """One scenario, step by step."""

    def __init__(self, sandbox: Any, runner: Runner, scenario: steps.Scenario) -> None:
        runner.forget()
        runner.states = dict.fromkeys(runner.states)
        self._sandbox, self._runner, self._scenario = sandbox, runner, scenario
        self._settings = Settings(scenario.settings)
        self._world = World(sandbox, scenario)
        self._copied = False
        self._made: dict[str, int] = {}
        self._ours: set[int] = set()

    def tell(self) -> None:
        """Let all steps happen, and then have a rest."""
        with self._runner.by_its_clock():
            for step in (*self._scenario.steps, steps.Rest()):
                own = getattr(self, f"_{type(step).__name__.lower()}", None)
                (own or self._world.do)(step)
                self._world.look()

    # Steps

    def _both(self, _: steps.Both) -> None:
        self._run(steps.Run("journy"))
        self._run(steps.Run("pipedrive"))

    def _run(self, step: steps.Run) -> list[dict[str, Any]]:
        """One direction; gives the requests of its target."""
        tapped = self._runner.read(step, self._settings)
        usual = not (step.fault and step.fault.where == "tap")
        assert tapped.exit_code in ({0} if usual else {0, 1, 3, 69, 75}), tapped.log[-2000:]
        planned = self._write(step, tapped, dry=True) if step.dry else None
        did, journal = self._write(step, tapped, dry=False)
        if planned and not step.fault and step.budget is None:
            assert totals(planned[0]) == totals(did), "the dry run counted otherwise"
        self._runner.keep(step, did)
        if did.died:
            self._made.clear()
        return journal

    def _write(
        self, step: steps.Run, tapped: TapRun, *, dry: bool
    ) -> tuple[Did, list[dict[str, Any]]]:
        fault = step.fault if step.fault and step.fault.where == "target" and not dry else None
        if self._sandbox.journy.world.pending:  # an earlier run's, which the tap hasn't seen
            self._world.do(SHOWN)
        before, linked = Picture.of(self._sandbox), self._runner.links()
        waiting, known_as = self._runner.waiting(step.source), self._runner.known_as()
        self._sandbox.clear_journal()
        did = self._runner.write(step, tapped, self._settings, fault=fault, dry=dry)
        journal = self._sandbox.journal()
        self._world.look()
        facts = checks.Facts(
            step, did, before, Picture.of(self._sandbox), linked, known_as, journal,
            usual=fault is None and not self._world.hands.spoiled,
            certain=not any(self._sandbox.switches.get(name) for name in LAGS),
            spoiled=bool(self._world.hands.spoiled), waiting=waiting, said=self._world.said,
            made=self._made, ours=self._ours, entered=self._world.entered,
        )  # fmt: skip
        if self._settings.get("conflict") == "pipedrive":
            facts.typed = self._world.typed
        problems = [*checks.wrong(facts)]
        assert not problems, problems
        if dry:
            assert not writes(journal), writes(journal)
        else:
            self._world.typed.clear()
        return did, journal

    def _lose(self, _: steps.Lose) -> None:
        self._runner.forget()
        self._made.clear()

    def _backup(self, _: steps.BackUp) -> None:
        self._copied = self._runner.ledger.exists()
        if self._copied:
            faults.copy(self._runner.folder, self._runner.folder / "backup")

    def _recall(self, _: steps.Recall) -> None:
        """It is noticed by the pause; one that is over within the hour isn't (README)."""
        if self._copied:
            self._runner.forget()
            faults.copy(self._runner.folder / "backup", self._runner.folder)
            self._made.clear()
            self._world.do(SETTLED)

    def _set(self, step: steps.Set) -> None:
        self._settings.set(step.name, step.value)

    def _rest(self, step: steps.Rest) -> None:
        self._world.hands.mend()
        for round_ in range(ROUNDS + 1):
            self._world.do(SETTLED)
            sent = [
                request
                for source in ("journy", "pipedrive")
                for request in writes(self._run(steps.Run(source, full=step.full)))
            ]
            assert not sent or round_ < ROUNDS, f"it doesn't come to rest: {sent}"
            if round_ and not sent:
                break
        if step.full:
            problems = [*self._differences()]
            assert not problems, problems

    def _differences(self) -> Iterator[str]:
        ledger = Ledger(self._runner.ledger_url, "default")
        try:
            ends = {each.direction: each.run for each in ledger.runs() if not each.dry_run}
            told = [line for run in ends.values() for line in find(ledger, Question(run=run))]
        finally:
            ledger.close()
        yield from resting.differences(
            Picture.of(self._sandbox),
            self._runner.links(),
            told,
            resting.Terms(
                clear=self._settings.get("clear"),
                movable=self._sandbox.switches.get("journy.identifier_change") != "keep_all",
                dropped=self._world.dropped,
            ),
        )


def writes(journal: list[dict[str, Any]]) -> list[str]:
    """The requests that write."""
    return [f"{each['method']} {each['path']}" for each in journal if each["method"] != "GET"]


def totals(did: Did) -> dict[str, Counter[str]]:
    """What a run counted, by stream and outcome."""
    return {stream: Counter(counts) for stream, counts in did.run.counts.items()}
