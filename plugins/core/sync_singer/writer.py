"""Writes a tap's messages with few system calls."""

from __future__ import annotations

import sys

from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib import Message, RecordMessage


class BlockWriter(MsgSpecWriter):
    """Lets records leave in blocks; every other message, a state above all, takes them along."""

    def write_message(self, message: Message) -> None:
        """Write a message to standard output."""
        sys.stdout.buffer.write(self.format_message(message))
        if not isinstance(message, RecordMessage):
            sys.stdout.flush()
