"""Writes a tap's messages with few system calls."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from singer_sdk.contrib.msgspec import MsgSpecWriter, encoder
from singer_sdk.singerlib import Message, RecordMessage


class BlockWriter(MsgSpecWriter):
    """Lets records leave in blocks; every other message, a state above all, takes them along."""

    def write_message(self, message: Message) -> None:
        """Write a message to standard output."""
        sys.stdout.buffer.write(self.format_message(message))
        if not isinstance(message, RecordMessage):
            sys.stdout.flush()

    @staticmethod
    def write_block(messages: Sequence[Any]) -> None:
        """Write many messages with one call; the SDK's own encoder makes a line of each."""
        sys.stdout.buffer.write(encoder.encode_lines(messages))
