"""What disturbs a run: edits between its requests, failures, and a clock that is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from sync_core.times import comparable

from sync_tests.failures import ACTIONS
from sync_tests.stories.steps import Run, Wait

#: What doesn't keep a run from going on.
HARMLESS = frozenset({"expired", "reversed", "doubled"})
_RAISED = {"timeout": requests.ReadTimeout, "cut": requests.exceptions.ChunkedEncodingError}


class Disturbance:
    """What a step of a story says about one run.

    Attributes:
        began: When the service first answered, by its own clock; empty before that.
    """

    def __init__(self, world: Any, step: Run) -> None:
        """Prepare; nothing happens before `begun`."""
        self._world, self._step = world, step
        self._send = requests.Session.send
        self._count, self._apart = -1, False
        self.began = ""

    @contextmanager
    def begun(self) -> Iterator[None]:
        """While a run is under way."""
        clock, step = self._world.sandbox.clock, self._step
        own = SimpleNamespace(**{**vars(time), "time": lambda: clock.time() + step.skew})
        disturbance = self

        def send(session: Any, request: Any, **options: Any) -> Any:
            return disturbance.send(session, request, **options)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(requests.Session, "send", send)
            patch.setattr("singer_sdk.plugin_base.time", own)
            patch.setattr("sync_core.times.now", lambda: _moment(own.time()))
            yield
        self._world.sandbox.clear_faults()

    def send(self, session: Any, request: Any, **options: Any) -> Any:
        """Send a request of the run; those of colleagues, who edit meanwhile, don't count."""
        if not self._apart:
            self._count += 1
            if self._count:
                self._world.do(Wait(self._step.pace))
            self._edit()
            self._break()
        answer = self._send(session, request, **options)
        if not self._apart:
            self.began = self.began or self._world.now
        return answer

    def _edit(self) -> None:
        self._apart = True
        for place, each in self._step.during:
            if place == self._count:
                self._world.do(each)
        self._apart = False

    def _break(self) -> None:
        for place, kind, times in self._step.faults:
            if place <= self._count < place + times:
                if kind in _RAISED:
                    raise _RAISED[kind](kind)
                if kind == "expired":
                    self._world.expire()
                else:
                    self._world.sandbox.fault("*", "GET", action=ACTIONS[kind])


def _moment(seconds: float) -> str:
    """A time as the plugins note it."""
    return comparable(datetime.fromtimestamp(seconds, timezone.utc))
