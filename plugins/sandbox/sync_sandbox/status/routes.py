"""The status page's routes, all below the control interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from sync_sandbox.status.live import Live
from sync_sandbox.status.pages import Pages
from sync_sandbox.status.questions import QueryError
from sync_sandbox.wire import encode

if TYPE_CHECKING:
    from starlette.requests import Request

    from sync_sandbox.world import World

Work = Callable[["Request"], Awaitable[dict[str, Any]]]
Door = Callable[["Request"], Awaitable[Response]]
KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
# Records hold whatever a client sent. The page shows them as text; should it ever fail to, the
# browser runs nothing but the page's own files.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes(world: World) -> list[Route]:
    """The page, its files, and its two questions."""
    assets = {
        item.name: item.read_bytes() for item in files(__package__).joinpath("assets").iterdir()
    }
    pages = {
        "/": "index.html",
        **{f"/page/{name}": name for name in assets if name != "index.html"},
    }
    works: dict[str, Work] = {"/live": Live(world).answer, "/pairs": Pages(world).page}
    return [
        *(Route(path, _file(assets[name], name)) for path, name in pages.items()),
        *(Route(path, _answer(work)) for path, work in works.items()),
    ]


def _file(content: bytes, name: str) -> Door:
    kind = KINDS[name.rpartition(".")[2]]

    async def door(_: Request) -> Response:
        return Response(content, 200, HEADERS, kind)

    return door


def _answer(work: Work) -> Door:
    async def door(request: Request) -> Response:
        try:
            status, payload = 200, await work(request)
        except QueryError as error:
            status, payload = 400, {"error": str(error)}
        return Response(encode(payload), status, HEADERS, "application/json")

    return door
