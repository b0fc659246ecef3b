"""How far a stream has come, written into its Singer state; never further than it really is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tap_pipedrive.times import stamp

State = dict[str, Any]
KEY = "update_time"
FIRST_RUN = "first_run"
_MARK = "replication_key_value"


def bookmark(state: State) -> str:
    """The bookmark that a state holds; empty without one."""
    return str((state.get("replication_key") == KEY and state.get(_MARK)) or "")


def _write(state: State, mark: str) -> None:
    state.update({"replication_key": KEY, _MARK: mark})


class Progress:
    """The bookmark of a walk that asks for what changed since the last one."""

    def __init__(self, state: State, latest: Callable[[], str], *, rises: bool) -> None:
        """Begin where the state says.

        Args:
            state: The stream's part of the Singer state; written to.
            latest: The run's start, which the bookmark never passes.
            rises: Whether rows come in the order of their update time, so that the bookmark may
                rise with them; otherwise it does at the end.
        """
        self._state = state
        self._before = bookmark(state)
        self._latest = latest
        self._rises = rises
        self._newest = self._before

    @property
    def newest(self) -> str:
        """The latest change seen; a walk that begins anew can begin there."""
        return self._newest

    @property
    def rises(self) -> bool:
        """Whether the bookmark rises with the rows."""
        return self._rises

    def saw(self, update_time: str | None) -> None:
        """A row was delivered."""
        updated = stamp(update_time or "")
        if updated > self._newest:
            self._newest = min(updated, self._latest())
            if self._rises and self._newest > self._before:
                _write(self._state, self._newest)

    def hold(self) -> None:
        """Rows turned out not to be in order: go back, and rise only at the end."""
        self._rises = False
        if self._before:
            _write(self._state, self._before)
        else:
            self._state.pop(_MARK, None)

    def page(self, cursor: str | None) -> None:
        """A page was delivered; a walk through changes goes on by its bookmark."""

    def finish(self) -> None:
        """All was delivered."""
        if self._newest:
            _write(self._state, self._newest)


class FirstProgress(Progress):
    """The first walk, by id: a killed one goes on behind the last page that was delivered."""

    def __init__(self, state: State, latest: Callable[[], str]) -> None:
        """Begin, or go on with the walk that the state tells of.

        Args:
            state: The stream's part of the Singer state; written to.
            latest: The run's start. What changed after the first run's start comes in the next.
        """
        self._begun: State = state.get(FIRST_RUN) or {}
        began = self._begun.get("began")
        super().__init__(state, (lambda: str(began)) if began else latest, rises=False)
        self._newest = self._begun.get("newest", "")

    @property
    def cursor(self) -> str | None:
        """Where an earlier walk stopped."""
        return self._begun.get("cursor")

    def page(self, cursor: str | None) -> None:
        """A page was delivered: the next one is what a killed run goes on with."""
        if cursor is not None:
            self._state[FIRST_RUN] = {
                "began": self._latest(),
                "newest": self._newest,
                "cursor": cursor,
            }

    def finish(self) -> None:
        """All was delivered: later runs ask for changes."""
        self._state.pop(FIRST_RUN, None)
        super().finish()
