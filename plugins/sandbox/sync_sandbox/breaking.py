"""Carries out a fault's action on one request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from sync_sandbox.wire import BLOCK_PAGE, HTML, JSON, answer, encode, read_body

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sync_sandbox.world import World

# The transport stands in the request's scope, put there by `server.Protocol`.
TRANSPORT = "sandbox.transport"


class Captured:
    """An answer that a service gave, held back."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def send(self, message: Message) -> None:
        """Take the place of ASGI's send."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
        else:
            self.body += message.get("body", b"")


class Breaker:
    """Breaks requests."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(
        self, action: dict[str, Any], service: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer (or don't) as the action says."""
        self._world.faults.apply(action.get("apply", {}))
        await asyncio.sleep(action.get("delay_ms", 0) / 1000)
        if action.get("drop_before") or "hang_before" in action:
            await read_body(receive)
            await _lose(scope, receive, action.get("hang_before", 0))
        elif replacement := _replacement(action):
            await read_body(receive)
            await answer(send, *replacement)
        else:
            captured = Captured()
            await service(scope, receive, captured.send)
            await _finish(action, captured, scope, receive, send)


def _replacement(action: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
    """The answer that stands in for the service's own, which then never sees the request."""
    if "status" not in action and not action.get("html"):
        return None
    status = action.get("status", 403)
    body = action.get("body", {"success": False, "error": "Fault injected by the sandbox"})
    extra = [
        (str(name).lower().encode("latin-1"), str(value).encode("latin-1"))
        for name, value in action.get("headers", {}).items()
    ]
    if action.get("html"):
        return status, [*HTML, *extra], BLOCK_PAGE
    kind = HTML if isinstance(body, str) else JSON
    if any(name == b"content-type" for name, _ in extra):
        kind = []
    return status, [*kind, *extra], body.encode() if isinstance(body, str) else encode(body)


async def _finish(
    action: dict[str, Any], captured: Captured, scope: Scope, receive: Receive, send: Send
) -> None:
    """The service has done its work; spoil the answer."""
    if action.get("drop_after") or "hang_after" in action:
        await _lose(scope, receive, action.get("hang_after", 0))
    elif action.get("truncate"):
        await _truncate(captured, scope, receive, send)
    else:
        body = b'{"success":tru' if action.get("malformed") else _rows(action, captured.body)
        await answer(send, captured.status, captured.headers, body)


def _rows(action: dict[str, Any], body: bytes) -> bytes:
    """Duplicate or turn round the rows of a page."""
    if not (action.get("duplicate_rows") or action.get("reverse_rows")):
        return body
    page = msgspec.json.decode(body)
    if isinstance(page, dict) and isinstance(page.get("data"), list):
        rows = page["data"][::-1] if action.get("reverse_rows") else page["data"]
        page["data"] = rows * 2 if action.get("duplicate_rows") else rows
    return encode(page)


async def _truncate(captured: Captured, scope: Scope, receive: Receive, send: Send) -> None:
    length = (b"content-length", b"%d" % len(captured.body))
    start = {"status": captured.status, "headers": [*captured.headers, length]}
    await send({"type": "http.response.start", **start})
    half = captured.body[: len(captured.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    scope["extensions"][TRANSPORT].close()
    await _gone(receive)


async def _lose(scope: Scope, receive: Receive, seconds: float) -> None:
    """Wait, then cut the connection without an answer; a client that leaves first ends the wait."""
    waiting = asyncio.ensure_future(_gone(receive))
    await asyncio.wait([waiting], timeout=seconds)
    scope["extensions"][TRANSPORT].abort()
    await waiting


async def _gone(receive: Receive) -> None:
    """Read until the connection has ended; what comes before that end is the request's body."""
    message = await receive()
    if message["type"] != "http.disconnect":
        await _gone(receive)
