"""Any number of users or accounts in order, of which memory holds a few: the rest is on disk.

The files have no name from the start, so that nobody else can open one, and the system takes the
room back when they are closed or the process ends, however it ends.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from typing import IO, Any

import msgspec
from sync_core.errors import ConfigurationError

from tap_journy.known import Known
from tap_journy.settings import SETTING

#: Bytes of a run that are read at once.
_BLOCK = 2**15
_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Known).decode
Key = Callable[[Known], Any]


class Runs:
    """Runs that are each in order, one behind the other in one file, read as if they were one."""

    def __init__(self, key: Key, files: ExitStack) -> None:
        """Begin without any.

        Args:
            key: What they are in order of.
            files: Closes the file in the end, if nobody did before.
        """
        self._key = key
        self._files = files
        self._file: IO[bytes] | None = None
        self._spans: list[tuple[int, int]] = []

    def __bool__(self) -> bool:
        return bool(self._spans)

    def put(self, found: Iterable[Known]) -> None:
        """Write a run.

        Raises:
            ConfigurationError: There is no room.
        """
        start = self._spans[-1][1] if self._spans else 0
        try:
            end = self._write(start, sorted(found, key=self._key))
        except OSError as error:
            raise ConfigurationError(
                f"{SETTING}: an archive this large is folded in temporary files, and none can be "
                f"written to {tempfile.gettempdir()} ({error.strerror}): set TMPDIR to a folder "
                "with room for twice the archive, uncompressed"
            ) from error
        self._spans.append((start, end))

    def _write(self, start: int, found: list[Known]) -> int:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # `files` closes it
            self._files.callback(self.close)
        self._file.seek(start)
        self._file.writelines(_ENCODE(each) + b"\n" for each in found)
        self._file.flush()
        return self._file.tell()

    def __iter__(self) -> Iterator[Known]:
        """All of them in order; of equal ones, the one whose run was written first is the first."""
        return heapq.merge(*(self._read(*span) for span in self._spans), key=self._key)

    def _read(self, start: int, end: int) -> Iterator[Known]:
        while self._file and start < end:
            self._file.seek(start)  # other runs are read in between
            block = self._file.read(min(_BLOCK, end - start))
            if not block.endswith(b"\n"):
                block += self._file.readline()
            start += len(block)
            for line in block.splitlines():
                known = _DECODE(line)
                known.size = len(line)
                yield known

    def close(self) -> None:
        """Give the room back."""
        self._spans.clear()
        if self._file:
            with suppress(OSError):  # what could not be written is of no use any more
                self._file.close()
            self._file = None
