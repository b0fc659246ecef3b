"""How much of an answer is taken, and for how long: one without an end must not hold a run.

A time-out of the library counts from byte to byte, so that an answer may trickle for ever; and a
few bytes of gzip may become more than there is memory for.
"""

from __future__ import annotations

import io
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

import requests

from sync_core import times

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer
    from urllib3.connectionpool import ConnectionPool

#: Longest that an answer may take once its request is sent: as long as five tries that get none.
ANSWER_SECONDS = 300.0
#: Most that an answer may hold, decoded; a page of 500 rows has a few MiB.
ANSWER_BYTES = 128 * 2**20
PIECE_BYTES = 2**20


class EndlessError(requests.RequestException):
    """An answer that is longer, or takes longer, than any that is one."""


class _Timed(io.RawIOBase):
    """Reads from a connection until an answer's time is over."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._end = times.steady() + ANSWER_SECONDS

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if times.steady() > self._end:
            text = f"that wasn't over after {ANSWER_SECONDS:.0f} s"
            raise EndlessError(text)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedAnswer(HTTPResponse):
    """An answer whose head and body have to come within its time."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Timed(self.fp.detach()))


def in_time(pool: ConnectionPool) -> ConnectionPool:
    """Have every answer of an address within its time; what is connected already stays as it is."""
    kind: Any = getattr(pool, "ConnectionCls", None)
    if kind is not None and kind.response_class is not _TimedAnswer:
        timed = type(kind.__name__, (kind,), {"response_class": _TimedAnswer})
        pool.ConnectionCls = timed  # type: ignore[attr-defined]
    return pool


def whole(response: requests.Response) -> bytes:
    """An answer's whole body, decoded.

    Raises:
        requests.RequestException: It broke off; `EndlessError`: it has no end.
    """
    pieces, size = [], 0
    # The library itself reads a body in pieces of 10 KiB, and gives way to another thread at
    # each: one that computes keeps a page of a megabyte from coming.
    for piece in response.iter_content(PIECE_BYTES):
        size += len(piece)
        if size > ANSWER_BYTES:
            response.close()
            text = f"that has more than {ANSWER_BYTES // 2**20} MiB"
            raise EndlessError(text)
        pieces.append(piece)
    return b"".join(pieces)
