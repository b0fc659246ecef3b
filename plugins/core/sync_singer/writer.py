"""Writes a tap's messages with few system calls, each of them whole."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from singer_sdk.contrib.msgspec import MsgSpecWriter, encoder
from singer_sdk.singerlib import Message, RecordMessage


class BlockWriter(MsgSpecWriter):
    """Lets records leave in blocks; every other message, a state above all, takes them along."""

    _is_writing = False
    _postponed: Callable[[], None] | None = None

    def between_messages(self, end: Callable[[], None]) -> None:
        """End the run now, or as soon as what is being written has left; asked again, now.

        Args:
            end: What a signal asks for.
        """
        if self._is_writing and self._postponed is None:
            self._postponed = end
        else:
            end()

    def write_message(self, message: Message) -> None:
        """Write a message to standard output."""
        line = self.format_message(message)
        with self._whole():
            sys.stdout.buffer.write(line)
            if not isinstance(message, RecordMessage):
                sys.stdout.flush()

    def write_block(self, messages: Sequence[Any]) -> None:
        """Write many messages with one call; the SDK's own encoder makes a line of each."""
        lines = encoder.encode_lines(messages)
        with self._whole():
            sys.stdout.buffer.write(lines)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self._is_writing = True
        try:
            yield
        finally:
            self._is_writing = False
        if self._postponed is not None:
            self._postponed()
