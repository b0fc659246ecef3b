"""The control interface under `/_sandbox`: what a test or a person does to the sandbox itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from sync_sandbox import status
from sync_sandbox.wire import encode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from sync_sandbox.world import World

    Work = Callable[[Any], Any]


class BadRequestError(Exception):
    """The request to the control interface makes no sense; the text says why."""


def control_app(world: World) -> Starlette:
    """The routes as a table: path, then what each method does.

    It gets the JSON body; a GET gets the query instead.
    """
    table: dict[str, dict[str, Work]] = {
        "/health": {"GET": lambda _: {"status": "ok"}},
        "/counts": {"GET": lambda _: world.counts()},
        "/reset": {"POST": lambda body: _reset(world, body)},
        "/journal": {
            "GET": lambda query: status.journal(world.journal, query),
            "DELETE": lambda _: world.journal.clear(),
        },
        "/faults": {
            "GET": lambda _: world.faults.describe(),
            "POST": lambda body: world.faults.add(_object(body)).describe(),
            "DELETE": lambda _: world.faults.clear(),
        },
        "/apply": {"POST": lambda body: world.faults.apply(_object(body))},
        "/clock": {"GET": lambda _: _time(world), "POST": lambda body: _set_clock(world, body)},
        "/switches": {
            "GET": lambda _: world.switches.positions(),
            "POST": lambda body: _set_switches(world, body),
        },
    }
    control = [Route(path, _door(works), methods=list(works)) for path, works in table.items()]
    return Starlette(routes=[*control, *status.routes(world)])


def _door(works: dict[str, Work]) -> Callable[[Request], Awaitable[Response]]:
    async def door(request: Request) -> Response:
        reads = request.method in ("GET", "HEAD")
        try:
            raw = b"" if reads else await request.body()
            given = _decoded(raw) if raw else {}
            result = works["GET"](request.query_params) if reads else works[request.method](given)
        except (BadRequestError, ValueError) as error:
            return _json({"error": str(error)}, 400)
        return _json({"ok": True} if result is None else result, 200)

    return door


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except ValueError as error:
        raise BadRequestError(f"the body is not JSON: {error}") from error


def _json(payload: Any, status: int) -> Response:
    return Response(encode(payload), status, media_type="application/json")


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadRequestError(f"the body must be a JSON object, not {type(body).__name__}")
    return body


def _reset(world: World, body: Any) -> dict[str, Any]:
    world.reset(**_object(body))
    return world.counts()


def _time(world: World) -> dict[str, Any]:
    return {"now": world.clock.now().isoformat(), "frozen": world.clock.frozen}


def _set_clock(world: World, body: Any) -> dict[str, Any]:
    moves: dict[str, Work] = {
        "freeze": lambda value: world.clock.freeze(bool(value)),
        "set": lambda value: world.clock.set(
            datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        ),
        "advance_seconds": lambda value: world.clock.advance(float(value)),
    }
    given = _object(body)
    if unknown := sorted(set(given) - set(moves)):
        raise BadRequestError(f"the clock knows {', '.join(moves)}, not {unknown[0]}")
    for name, move in moves.items():
        if name in given:
            move(given[name])
    return _time(world)


def _set_switches(world: World, body: Any) -> dict[str, Any]:
    world.switches.update(_object(body))
    return world.switches.positions()
