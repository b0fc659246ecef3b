"""Plays a story: the account lives, the tap reads it, a target keeps what it gets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from sync_tests.pipedrive_stories import steps
from sync_tests.pipedrive_stories.names import NamedTables
from sync_tests.pipedrive_stories.truth import Truth
from sync_tests.pipedrive_stories.world import PRIVATE, World
from sync_tests.stories.disturbing import HARMLESS, Disturbance
from sync_tests.stories.turns import Turns

TOKEN = "sandbox-token"
#: More than the tap looks back, and than a list lags behind in any story.
SETTLED = steps.Wait(121)
LEFT_OUT, SPENT = 3, 75


class Teller:
    """One story, step by step."""

    def __init__(self, sandbox: Any, tap: Callable[..., Any], story: steps.Story) -> None:
        self._tap, self._story = tap, story
        self.world = World(sandbox, story)
        self.tables = NamedTables()
        self._catalog: Any = None

    def tell(self) -> None:
        """Let all steps happen, and then have a rest."""
        for step in (*self._story.steps, steps.Rest()):
            if isinstance(step, steps.Run):
                self._run(step)
            elif isinstance(step, steps.Rest):
                self._rest(step)
            elif isinstance(step, steps.Lose):
                self.tables.lose()
            elif isinstance(step, steps.Discover):
                self._discover()
            else:
                self.world.do(step)

    def _discover(self) -> None:
        streams = list(self._story.streams)
        found = self._tap("--discover", streams=streams, **self._story.settings)
        assert found.exit_code == 0, found.log
        self._catalog = json.loads(found.out)

    def _rest(self, step: steps.Rest) -> None:
        self.world.do(SETTLED)
        # What changed between the parts of a first run comes in the run behind it (README).
        parts = any("first_run" in self.tables.bookmarks(s) for s in self._story.streams)
        # Deletions are looked for when it is time, and at the earliest in the run after a first.
        for _ in range(2 if parts else 1):
            self._run(steps.Run(size=step.size), delete_sweep_hours=0)
        truth = Truth(self.world, self.tables, self._story.settings)
        wrong = [each for stream in self._story.streams for each in truth.differences(stream)]
        assert not wrong, wrong

    def _run(self, step: steps.Run, **settings: Any) -> None:
        disturbance = Disturbance(self.world, step)
        settings = (
            {"lookback_seconds": 60, "delete_sweep_hours": 0} | self._story.settings | settings
        )
        if step.budget is not None:
            settings["daily_token_share"] = step.budget / self.world.sandbox.pipedrive.limits.left
        with self._in_turns(step), disturbance.begun():
            run = self._tap(
                state=self.tables.state,
                catalog=self._catalog,
                streams=list(self._story.streams),
                concurrency=step.size,
                **settings,
            )
        self._check_end(step, run)
        messages = run.messages
        self._check_marks(messages, disturbance.began)
        if step.kill is not None:
            messages = messages[: len(messages) * step.kill // 100]
        self.tables.load(messages, step.back)

    def _check_end(self, step: steps.Run, run: Any) -> None:
        """Exit codes as documented; no secret, no personal data, no traceback in the log."""
        faults = {kind for _, kind, _ in step.faults}
        expected = {0}
        if faults - HARMLESS - {"forbidden", "spent"}:
            expected.add(1)
        if "forbidden" in faults:
            expected.add(LEFT_OUT)
        if step.budget is not None or "spent" in faults:
            expected.add(SPENT)
        assert run.exit_code in expected, f"ended with {run.exit_code}: {run.log[-2000:]}"
        for private in (TOKEN, PRIVATE, "private.example", "Traceback"):
            assert private not in run.log, f"{private} in the log: {run.log[-2000:]}"

    def _check_marks(self, messages: list[Any], began: str) -> None:
        """No bookmark passes the start of its run, or of the first part of a first run."""
        for message in messages:
            if message["type"] != "STATE":
                continue
            for stream, state in message["value"].get("bookmarks", {}).items():
                mark = state.get("replication_key_value", "")
                told = self.tables.bookmarks(stream)
                before = told.get("replication_key_value", "")
                start = told["first_run"]["began"] if "first_run" in told else began
                assert before <= mark <= max(before, start), f"{stream}: {before}, {mark}"

    @contextmanager
    def _in_turns(self, step: steps.Run) -> Iterator[None]:
        turns = Turns(step.turns)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tap_pipedrive.ahead.ThreadPoolExecutor", turns.pool)
            patch.setattr("tap_pipedrive.ahead.wait", turns.wait)
            yield


def small_pages(patch: pytest.MonkeyPatch) -> None:
    """So few rows a page that every story has several, and page edges everywhere."""
    from tap_pipedrive.table import STREAMS  # only where the tap is installed

    for name, spec in STREAMS.items():
        if name != "deal_products":
            patch.setitem(STREAMS, name, replace(spec, page_size=5 if spec.v1 else 3))
    patch.setattr("tap_pipedrive.walks.OVERLAP", 2)
    for module in ("first", "look"):
        patch.setattr(f"tap_pipedrive.{module}.IDS_PER_CALL", 4)
    patch.setattr("sync_core.http.TRIES", 2)
    patch.setattr("sync_core.http.LONGEST_WAIT_SECONDS", 0.0)
