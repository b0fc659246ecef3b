"""The HTTP surface: authorises, counts, dispatches, and puts answers into their envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sync_sandbox.pipedrive.auth import Identity, identify
from sync_sandbox.pipedrive.calls import NOTHING, Answer, Call, Endpoint
from sync_sandbox.pipedrive.errors import ApiError, InvalidError
from sync_sandbox.pipedrive.params import parse_query
from sync_sandbox.pipedrive.routes import ENDPOINTS
from sync_sandbox.pipedrive.routing import Router
from sync_sandbox.wire import JSON, answer, encode, read_body, route_path

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sync_sandbox.pipedrive.limits import Limits
    from sync_sandbox.pipedrive.state import State

Reply = tuple[int, list[tuple[bytes, bytes]], bytes]
decode = msgspec.json.Decoder().decode


class Door:
    """The ASGI application of the Pipedrive service."""

    def __init__(self, state: State, limits: Limits) -> None:
        self._state = state
        self._limits = limits
        self._router = Router(ENDPOINTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = b"" if scope["method"] == "GET" else await read_body(receive)
        await answer(send, *self._reply(scope, body))

    def _reply(self, scope: Scope, body: bytes) -> Reply:
        try:
            identity, query = identify(self._state, scope["headers"], scope["query_string"])
        except ApiError as error:
            return _refusal(error, [])
        search = False
        try:
            path = route_path(scope)
            endpoint, args = self._router.find(scope["method"], path)
            search = endpoint.search
            self._limits.admit(identity, endpoint.cost, search=search)
            call = Call(self._state, identity, path, args, {})
            reply = self._run(scope, endpoint, call, query, body)
        except ApiError as error:
            return _refusal(error, self._limits.headers(identity, search=search))
        status, headers, payload = reply
        return status, headers + self._limits.headers(identity, search=search), payload

    def _run(
        self, scope: Scope, endpoint: Endpoint, call: Call, query: bytes, body: bytes
    ) -> Reply:
        """Carry out an admitted request; whatever comes of it has its price."""
        try:
            permit(endpoint, call.identity)
            call.query = parse_query(query, endpoint.params)
            if endpoint.body:
                call.body = _json(scope, body)
            result = endpoint.handler(call)
        except ApiError:
            if self._state.switches.get("pipedrive.errors_cost_tokens"):
                self._charge(scope, endpoint.cost)
            raise
        self._charge(scope, endpoint.cost)
        return endpoint.status, JSON, encode(envelope(result))

    def _charge(self, scope: Scope, cost: int) -> None:
        self._limits.spend(cost)
        scope["state"]["tokens"] = cost


def permit(endpoint: Endpoint, identity: Identity) -> None:
    """Check the scopes of an OAuth caller.

    Raises:
        ApiError: 403, none of the endpoint's scopes was granted.
    """
    if identity.scopes is not None and not identity.scopes.intersection(endpoint.scopes):
        needed = ", ".join(endpoint.scopes)
        raise ApiError(403, "Scope and URL mismatch", f"Needs one of: {needed}.", errorCode=403)


def envelope(result: Any) -> dict[str, Any]:
    """A success as the API wraps it."""
    if not isinstance(result, Answer):
        return {"success": True, "data": result}
    wrapped = {"success": True, "data": result.data, **result.more}
    if result.additional is not NOTHING:
        wrapped["additional_data"] = result.additional
    return wrapped


def _refusal(error: ApiError, headers: list[tuple[bytes, bytes]]) -> Reply:
    return error.status, JSON + headers + error.headers(), encode(error.payload())


def _json(scope: Scope, body: bytes) -> Any:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    if not kind.startswith(b"application/json"):
        raise InvalidError("content-type", "must be application/json")
    try:
        return decode(body)
    except msgspec.DecodeError as error:
        raise InvalidError("body", f"is not valid JSON: {error}") from None
