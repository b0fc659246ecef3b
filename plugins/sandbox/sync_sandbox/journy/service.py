"""The journy service: the world behind HTTP, with keys, limits and envelopes round all answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from sync_sandbox.journy import seeding, snapshot
from sync_sandbox.journy.access import Gate, default_keys
from sync_sandbox.journy.requests import Answer, BadRequest, Call, read_body, read_query
from sync_sandbox.journy.routes import ENDPOINTS
from sync_sandbox.journy.world import World
from sync_sandbox.journy.writes import apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from sync_sandbox.clock import Clock
    from sync_sandbox.journy.access import Key, Pass
    from sync_sandbox.journy.requests import Endpoint
    from sync_sandbox.population import Population
    from sync_sandbox.switches import Switches

_NO_CONTENT = 204
_REFUSED = "Some fields or parameters are incorrect."


class JournyService:
    """A journy account in memory, and the ASGI app that speaks for it.

    Attributes:
        app: To be mounted where the base URL is to be.
        world: The stored users and accounts, for tests that look at them directly.
        keys: The API keys; a test may add one or disable one.
    """

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.world = World(clock, switches, apply)
        self.keys = default_keys()
        self.app = Starlette(
            routes=[self._route(endpoint) for endpoint in ENDPOINTS],
            exception_handlers={404: self._not_found, 405: self._not_found},
        )
        self.app.router.redirect_slashes = False
        self._gate = Gate(clock, switches)
        self._requests = 0
        self._seeded = msgspec.msgpack.encode(snapshot.dump(self.world))

    def load(self, population: Population) -> None:
        """Replace the world by a seeded one, and remember it for resets."""
        self.world.clear()
        seeding.load(self.world, population)
        self._seeded = msgspec.msgpack.encode(snapshot.dump(self.world))
        self._refresh()

    def reset(self) -> None:
        """Go back to the seeded world, with fresh keys and empty rate windows."""
        if self.world.touched:
            snapshot.restore(self.world, msgspec.msgpack.decode(self._seeded))
        self._refresh()

    def counts(self) -> dict[str, int]:
        """How many users, accounts, memberships and events there are."""
        self.world.settle()
        return snapshot.counts(self.world)

    def dump(self) -> dict[str, Any]:
        """The world as data that JSON can hold."""
        self.world.settle()
        return snapshot.dump(self.world)

    def restore(self, data: dict[str, Any]) -> None:
        """Make the world what it was when it was dumped; a reset still goes to the seeded one."""
        snapshot.restore(self.world, data)
        self.world.touched = True

    def _refresh(self) -> None:
        self.keys.clear()
        self.keys.update(default_keys())
        self._requests = 0

    def _route(self, endpoint: Endpoint) -> Route:
        async def serve(request: Request) -> Response:
            body = await request.body()
            return self._respond(request, lambda key: self._answer(endpoint, request, key, body))

        return Route(endpoint.path, serve, methods=[endpoint.method])

    def _not_found(self, request: Request, _: Exception) -> Response:
        path = f"{request.method} {request.url.path}"
        return self._respond(request, lambda _: _said(404, f"There is no {path}."))

    def _respond(self, request: Request, answer: Callable[[Key], Answer]) -> Response:
        """Let the key in or send it away, and put the envelope around what comes back."""
        key = self.keys.get(request.headers.get("x-api-key", ""))
        enabled = key is not None and key.enabled
        admitted = self._gate.enter(key if enabled else None)
        if key is None:
            return self._wrap(_said(401, "No API key was given, or it is unknown."), admitted)
        if not enabled:
            return self._wrap(_said(403, "This API key is not enabled."), admitted)
        if admitted.refused:
            return self._wrap(_said(429, "Too many requests were sent."), admitted)
        try:
            return self._wrap(answer(key), admitted)
        except BadRequest as refusal:
            return self._wrap(
                Answer(400, {"message": _REFUSED, "errors": refusal.errors}), admitted
            )

    def _answer(self, endpoint: Endpoint, request: Request, key: Key, body: bytes) -> Answer:
        if endpoint.permission is not None and endpoint.permission not in key.permissions:
            return _said(401, f"The API key lacks the permission {endpoint.permission}.")
        query = read_query(endpoint, request.query_params.multi_items())
        content = read_body(endpoint.body, request.headers.get("content-type"), body)
        self.world.settle()
        return endpoint.handle(Call(self.world, key, query, content))

    def _wrap(self, answer: Answer, admitted: Pass) -> Response:
        self._requests += 1
        meta = {"requestId": f"sandbox-{self._requests:012d}", "status": answer.status}
        # A 204 has no body (HTTP), although the OpenAPI description shows one for removed members.
        empty = answer.status == _NO_CONTENT
        content = b"" if empty else msgspec.json.encode({"meta": meta, **answer.content})
        headers = {
            "X-RateLimit-Limit": str(admitted.limit),
            "X-RateLimit-Remaining": str(admitted.remaining),
        }
        media_type = None if empty else "application/json"
        return Response(content, answer.status, headers | answer.headers, media_type)


def _said(status: int, message: str) -> Answer:
    return Answer(status, {"message": message})
