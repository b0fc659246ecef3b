"""Runs the sandbox: in the foreground for people, in a thread for tests."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sync_sandbox.app import App
from sync_sandbox.breaking import TRANSPORT
from sync_sandbox.world import Settings, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from sync_sandbox.clock import Clock
    from sync_sandbox.journy import JournyService
    from sync_sandbox.pipedrive import PipedriveService
    from sync_sandbox.switches import Switches

T = TypeVar("T")
START_SECONDS = 60


class Protocol(HttpToolsProtocol):
    """Hands the connection to the application, so that a fault can cut it."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]


class Server(uvicorn.Server):
    """A server that says when it listens, and for which a signal is a clean end."""

    def __init__(self, app: App, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            proxy_headers=False,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,  # the application sends it, by the sandbox's own clock
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then tell."""
        await super().startup(sockets=sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End cleanly on SIGINT and SIGTERM, without raising them again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        caught = (signal.SIGINT, signal.SIGTERM)
        before = {one: signal.signal(one, self.handle_exit) for one in caught}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def listen(host: str, port: int) -> socket.socket:
    """Bind an address; port 0 picks a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def url_of(bound: socket.socket) -> str:
    """The base URL of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def write_ready_file(path: Path, url: str) -> None:
    """Write the base URL, so that a reader sees either nothing or all of it."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(url + "\n", encoding="utf-8")
    partial.replace(path)


def serve(world: World, bound: socket.socket, latency_ms: float, ready: Callable[[], None]) -> None:
    """Serve in the foreground until a signal ends it."""
    # The records stay: looking through them for garbage would only make some answers late.
    gc.freeze()
    Server(App(world, latency_ms), ready).run(sockets=[bound])


class Sandbox:
    """The sandbox in a daemon thread of this process, for tests.

    Use it as a context manager, or call `start()` and `stop()`. Keyword arguments are
    those of `world.Settings`.
    """

    def __init__(self, *, latency_ms: float = 0, **settings: Any) -> None:
        self.world = World(Settings().override(settings))
        app = App(self.world, latency_ms)
        self._socket = listen("127.0.0.1", 0)
        self.url = url_of(self._socket)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server = Server(app, self._on_ready)
        run = self._server.run
        self._thread = threading.Thread(target=run, args=([self._socket],), daemon=True)

    def _on_ready(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()

    def start(self) -> Self:
        """Start to serve; returns when it listens.

        Raises:
            RuntimeError: it did not come up.
        """
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError(f"the sandbox did not listen within {START_SECONDS} s")
        return self

    def stop(self) -> None:
        """Stop to serve; returns when the thread has ended."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _call(self, work: Callable[[], T]) -> T:
        """Run something between two requests, in the server's own thread."""
        if self._loop is None:
            return work()

        async def between() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(between(), self._loop).result()

    @property
    def pipedrive_url(self) -> str:
        """Where Pipedrive is served; `/api/v2` and `/v1` begin below it."""
        return f"{self.url}/pipedrive"

    @property
    def journy_url(self) -> str:
        """Where journy is served."""
        return f"{self.url}/journy"

    @property
    def pipedrive(self) -> PipedriveService:
        """Pipedrive's state, for tests that look at stored rows."""
        return self.world.pipedrive

    @property
    def journy(self) -> JournyService:
        """State of journy, for tests that look at stored records."""
        return self.world.journy

    @property
    def clock(self) -> Clock:
        """The sandbox's time."""
        return self.world.clock

    @property
    def switches(self) -> Switches:
        """The positions of the named switches."""
        return self.world.switches

    def reset(self, **overrides: Any) -> None:
        """Back to the seeded world."""
        self._call(lambda: self.world.reset(**overrides))

    def journal(self) -> list[dict[str, Any]]:
        """Every request so far, oldest first."""
        return self._call(self.world.journal.entries)

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self._call(self.world.journal.clear)

    def fault(self, path: str = "*", method: str = "*", **rule: Any) -> None:
        """Add a fault: `fault("/pipedrive/api/v2/persons*", "POST", action={"status": 503})`."""
        description = {"match": {"method": method, "path": path}, **rule}
        self._call(lambda: self.world.faults.add(description))

    def apply(self, **changes: Any) -> None:
        """Change the world now: `apply(pipedrive={"expire_cursors": True})`."""
        self._call(lambda: self.world.faults.apply(changes))

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._call(self.world.faults.clear)
