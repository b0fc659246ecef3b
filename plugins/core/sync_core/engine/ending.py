"""A run that is told to end, by a signal: where it may end so that nothing is sent unrecorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sync_core.errors import InterruptedRunError


class Ending:
    """The wish to end a run; asked in its main thread, heeded as soon as nothing is under way.

    Attributes:
        wish: What ends the run; None while nobody asked.
    """

    def __init__(self) -> None:
        self.wish: InterruptedRunError | None = None
        self._held = False

    def ask(self, wish: InterruptedRunError) -> None:
        """End the run: now, or behind what is being written; asked again, now.

        Raises:
            InterruptedRunError: Nothing has to be waited for.
        """
        again, self.wish = self.wish is not None, wish
        if again or not self._held:
            raise wish

    def heed(self) -> None:
        """End the run here, if it was asked for and whatever was at work then went on all the same.

        A log's handler, above all, takes any error for one of its own.

        Raises:
            InterruptedRunError: It was asked for.
        """
        if self.wish is not None:
            raise self.wish

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let what is sent within the block be recorded before the run ends.

        Raises:
            InterruptedRunError: The wish came within the block.
        """
        self.heed()
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.heed()
