"""The ASGI application: routes a request to its service, breaks it where asked, journals it."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from sync_sandbox.breaking import Breaker
from sync_sandbox.control import control_app
from sync_sandbox.wire import answer_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sync_sandbox.world import World

CONTROL = "_sandbox"


class App:
    """Composes `/pipedrive`, `/journy` and `/_sandbox`."""

    def __init__(self, world: World, latency_ms: float = 0) -> None:
        self.world = world
        self.latency = latency_ms / 1000
        self._services: dict[str, ASGIApp] = {
            name: service.app for name, service in world.services.items()
        }
        self._control = control_app(world)
        self._breaker = Breaker(world)
        self._second = -1
        self._header = (b"date", b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope["path"].split("/", 2)[1]
        scope["root_path"] = f"/{name}"
        if service := self._services.get(name):
            await self._serve(name, service, scope, receive, send)
        elif name in (CONTROL, ""):
            scope["root_path"] = scope["root_path"].rstrip("/")
            await self._control(scope, receive, send)
        else:
            known = ", ".join(f"/{prefix}" for prefix in (*self._services, CONTROL))
            text = f"nothing is served under {scope['path']}; there are {known}"
            await answer_json(send, 404, {"error": text})

    def _date(self) -> tuple[bytes, bytes]:
        """The `Date` header by the sandbox's clock, as the time stamps of its records are."""
        second = int(self.world.clock.time())
        if second != self._second:
            self._second = second
            self._header = (b"date", formatdate(second, usegmt=True).encode())
        return self._header

    async def _serve(
        self, name: str, service: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        started = perf_counter()
        scope["state"] = state = {"tokens": 0}
        status: list[int | None] = [None]

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                date = self._date()
                message = {**message, "headers": [*message.get("headers", ()), date]}
            await send(message)

        action = self.world.faults.pick(scope["method"], scope["path"])
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            if action is None:
                await service(scope, receive, observed)
            else:
                await self._breaker.run(action, service, scope, receive, observed)
        finally:
            self.world.journal.add(
                entry(name, scope, (status[0], state["tokens"]), started, action)
            )


def entry(
    name: str,
    scope: Scope,
    outcome: tuple[int | None, int],
    started: float,
    action: dict[str, Any] | None,
) -> dict[str, Any]:
    """One row of the journal. The outcome is (status, tokens); a status of None: no answer."""
    query = scope["query_string"]
    row: dict[str, Any] = {
        "service": name,
        "method": scope["method"],
        "path": f"{scope['path']}?{query.decode('latin-1')}" if query else scope["path"],
        "status": outcome[0],
        "tokens": outcome[1],
        "ms": round((perf_counter() - started) * 1000, 3),
        # Real time, not the sandbox's: it tells a person how long ago this was.
        "at": round(time(), 3),
    }
    if action is not None:
        row["fault"] = sorted(action)
    return row
