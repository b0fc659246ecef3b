"""A wire to a server that can fall silent: connections stay, and nothing comes through any more."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

_PIECE = 65536


class Wire:
    """Listens on a free port and passes on what comes, until it is told not to."""

    def __init__(self, port: int) -> None:
        """Begin.

        Args:
            port: The server's, on this machine.
        """
        self._server = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._flows = {"there": threading.Event(), "back": threading.Event()}
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        for each in self._flows.values():
            each.set()
        self._start(self._accept)

    def hold(self, *ways: str) -> None:
        """Let nothing through any more, `there` or `back`; without a way, neither."""
        for way in ways or self._flows:
            self._flows[way].clear()

    def close(self) -> None:
        """Cut all connections and listen no more."""
        for end in (self._listening, *self._ends):
            with contextlib.suppress(OSError):  # the other side was quicker
                end.shutdown(socket.SHUT_RDWR)
        for each in self._flows.values():
            each.set()
        for thread in self._threads:
            thread.join()
        for end in (self._listening, *self._ends):
            end.close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:  # closed
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            self._ends += (client, server)
            self._start(self._pass_on, client, server, "there")
            self._start(self._pass_on, server, client, "back")

    def _pass_on(self, one: socket.socket, other: socket.socket, way: str) -> None:
        try:
            while data := one.recv(_PIECE):
                self._flows[way].wait()
                other.sendall(data)
            other.shutdown(socket.SHUT_RDWR)
        except OSError:  # cut
            return
