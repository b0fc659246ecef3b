"""Small ASGI helpers that both the frame and the services use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]
JSON: Headers = [(b"content-type", b"application/json; charset=utf-8")]
HTML: Headers = [(b"content-type", b"text/html; charset=UTF-8")]

# What stands before an API when its operators block a client: a page, not JSON.
BLOCK_PAGE = (
    b"<!DOCTYPE html><html><head><title>Access denied</title></head><body><h1>Error 1015</h1>"
    b"<p>You are being rate limited.</p><p>Stand-in for a Cloudflare page.</p></body></html>"
)

encode = msgspec.json.Encoder().encode


async def read_body(receive: Receive) -> bytes:
    """The whole request body."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


async def answer(
    send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes
) -> None:
    """Send one complete response."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Send, status: int, payload: Any) -> None:
    """Send one JSON response."""
    await answer(send, status, JSON, encode(payload))


def route_path(scope: Scope) -> str:
    """The path below the prefix under which a service is mounted."""
    path: str = scope["path"]
    return path[len(scope.get("root_path", "")) :] or "/"
