"""Reading Singer messages without showing what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import IO, Any

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecReader, decoder
from singer_sdk.singerlib.exceptions import InvalidInputLine
from sync_core.halves import without_halves


class Reader(MsgSpecReader):
    """Reads messages, and tells of the error that ends the reading."""

    on_failure: Callable[[BaseException], None]

    def deserialize_json(self, line: str) -> dict[str, Any]:
        """Read one line; unlike the SDK's, the error doesn't show it, as it holds personal data."""
        try:
            message: dict[str, Any] = decoder.decode(line)
        except msgspec.DecodeError:
            return self._whole(line)
        return message

    @staticmethod
    def _whole(line: str) -> dict[str, Any]:
        """Read a line in which a text may have been cut in the middle of a character."""
        try:
            message: dict[str, Any] = decoder.decode(without_halves(line.encode()))
        except (msgspec.DecodeError, UnicodeEncodeError):
            raise InvalidInputLine("the line isn't JSON") from None
        return message

    def process_lines(
        self, file_input: IO[str] | None, callbacks: dict[str, Callable[[dict[str, Any]], None]]
    ) -> Counter[str]:
        """Read all messages."""
        try:
            return super().process_lines(file_input, callbacks)
        except BaseException as error:
            self.on_failure(error)
            raise
