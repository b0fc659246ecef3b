"""The HTTP surface: authorises, counts, dispatches, and puts answers into their envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from sync_sandbox.pipedrive import routes_v1
from sync_sandbox.pipedrive.auth import identify
from sync_sandbox.pipedrive.calls import NOTHING, Answer, Call, Endpoint, Raw
from sync_sandbox.pipedrive.errors import ApiError, InvalidError
from sync_sandbox.pipedrive.limits import BlockedError
from sync_sandbox.pipedrive.params import parse_query
from sync_sandbox.pipedrive.routes import CLOSED, ENDPOINTS
from sync_sandbox.pipedrive.routing import Router
from sync_sandbox.wire import BLOCK_PAGE, HTML, JSON, answer, encode, read_body, route_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from sync_sandbox.pipedrive.auth import Identity
    from sync_sandbox.pipedrive.limits import Limits
    from sync_sandbox.pipedrive.oauth import OAuth
    from sync_sandbox.pipedrive.state import State

Reply = tuple[int, list[tuple[bytes, bytes]], bytes]
# Endpoints that only these scopes open are the company's setup: regular users may not use them.
SETUP = frozenset({"admin", "contact-fields:full", "deal-fields:full", "product-fields:full"})
decode = msgspec.json.Decoder().decode


class Door:
    """The ASGI application of the Pipedrive service."""

    def __init__(self, state: State, limits: Limits, oauth: OAuth) -> None:
        self._state = state
        self._oauth = oauth
        self._limits = limits
        self._router = Router((*ENDPOINTS, *routes_v1.OUT_OF_SUPPORT), CLOSED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = b"" if scope["method"] == "GET" else await read_body(receive)
        await answer(send, *self._reply(scope, body))

    def _reply(self, scope: Scope, body: bytes) -> Reply:
        path = route_path(scope)
        if path.startswith("/oauth/"):
            return self._oauth.handle(scope, path, body)
        try:
            identity, query = self._identify(scope)
        except ApiError as error:
            return _refusal(error, [])
        search = False
        try:
            endpoint, args = self._router.find(scope["method"], path)
            search = endpoint.search
            self._limits.admit(identity, endpoint.cost, search=search)
            call = Call(self._state, identity, path, args, {})
            reply = self._run(scope, endpoint, call, query, body)
        except BlockedError:
            return 403, HTML, BLOCK_PAGE
        except ApiError as error:
            if self._state.switches.get("pipedrive.refused_field") == "beside":
                error.name_beside()
            return _refusal(error, self._limits.headers(identity, search=search))
        status, headers, payload = reply
        return status, headers + self._limits.headers(identity, search=search), payload

    def _identify(self, scope: Scope) -> tuple[Identity, bytes]:
        return identify(self._state, self._oauth, scope["headers"], scope["query_string"])

    def _run(
        self, scope: Scope, endpoint: Endpoint, call: Call, query: bytes, body: bytes
    ) -> Reply:
        """Carry out an admitted request; whatever comes of it has its price."""
        try:
            permit(endpoint, call.identity)
            strict = self._state.switches.get("pipedrive.unknown_parameters") == "refuse"
            call.query = parse_query(query, endpoint.params, strict=strict)
            if endpoint.body:
                call.content_type = content_type(scope)
                call.body = BODIES[endpoint.body](call.content_type, body)
            result = endpoint.handler(call)
        except ApiError:
            if self._state.switches.get("pipedrive.errors_cost_tokens"):
                self._charge(scope, endpoint.cost)
            raise
        self._charge(scope, endpoint.cost)
        if isinstance(result, Raw):
            return endpoint.status, [(b"content-type", result.content_type)], result.content
        return endpoint.status, JSON, encode(envelope(result))

    def _charge(self, scope: Scope, cost: int) -> None:
        self._limits.spend(cost)
        scope["state"]["tokens"] = cost


def permit(endpoint: Endpoint, identity: Identity) -> None:
    """Check the scopes of an OAuth caller, and whether the user may change the setup.

    Raises:
        ApiError: 403, none of the endpoint's scopes was granted, or the user is no admin.
    """
    if identity.scopes is not None and not identity.scopes.intersection(endpoint.scopes):
        needed = ", ".join(endpoint.scopes)
        raise ApiError(403, "Scope and URL mismatch", f"Needs one of: {needed}.", errorCode=403)
    if not identity.admin and SETUP.issuperset(endpoint.scopes):
        raise ApiError(403, "You do not have permission to do this", "Ask an administrator.")


def envelope(result: Any) -> dict[str, Any]:
    """A success as the API wraps it."""
    if not isinstance(result, Answer):
        return {"success": True, "data": result}
    wrapped: dict[str, Any] = {"success": True, **result.more}
    if result.data is not NOTHING:
        wrapped["data"] = result.data
    if result.additional is not NOTHING:
        wrapped["additional_data"] = result.additional
    return wrapped


def _refusal(error: ApiError, headers: list[tuple[bytes, bytes]]) -> Reply:
    return error.status, JSON + headers + error.headers(), encode(error.payload())


def content_type(scope: Scope) -> bytes:
    """The request's content type."""
    return next((value for name, value in scope["headers"] if name == b"content-type"), b"")


def _json(kind: bytes, body: bytes) -> Any:
    if not kind.startswith(b"application/json"):
        raise InvalidError("content-type", "must be application/json")
    try:
        return decode(body)
    except msgspec.DecodeError as error:
        raise InvalidError("body", f"is not valid JSON: {error}") from None


def _form(kind: bytes, body: bytes) -> Any:
    if not kind.startswith(b"application/x-www-form-urlencoded"):
        raise InvalidError("content-type", "must be application/x-www-form-urlencoded")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _multipart(kind: bytes, body: bytes) -> bytes:
    if not kind.startswith(b"multipart/form-data"):
        raise InvalidError("content-type", "must be multipart/form-data")
    return body


BODIES: dict[str, Callable[[bytes, bytes], Any]] = {
    "json": _json,
    "form": _form,
    "multipart": _multipart,
}
