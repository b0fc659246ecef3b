"""Who is calling: the user behind an API token or an OAuth access token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from sync_sandbox.pipedrive.errors import UnauthorizedError

if TYPE_CHECKING:
    from sync_sandbox.pipedrive.oauth import OAuth
    from sync_sandbox.pipedrive.state import State
    from sync_sandbox.pipedrive.store import Row

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Identity:
    """The caller.

    Attributes:
        credential: what the burst limits count by.
        user_id: whose eyes the request sees with.
        admin: sees and may do everything.
        scopes: what an OAuth app was granted; None for an API token, which has no scopes.
    """

    credential: str
    user_id: int
    admin: bool
    scopes: frozenset[str] | None = None


def identify(state: State, oauth: OAuth, headers: Headers, query: bytes) -> tuple[Identity, bytes]:
    """The caller, and the query without a credential.

    Raises:
        UnauthorizedError: no valid credential. A Bearer header with an API token is none.
    """
    token = next((value for name, value in headers if name == b"x-api-token"), None)
    if token is None and b"api_token=" in query:
        token, query = _from_query(state, query)
    if token is None:
        return _by_bearer(state, oauth, headers), query
    return _by_api_token(state, token.decode("latin-1")), query


def _from_query(state: State, query: bytes) -> tuple[bytes | None, bytes]:
    if state.switches.get("pipedrive.query_api_token") != "accept":
        return None, query
    values = dict(parse_qsl(query.decode("latin-1")))
    rest = b"&".join(part for part in query.split(b"&") if not part.startswith(b"api_token="))
    return values.get("api_token", "").encode(), rest


def _by_bearer(state: State, oauth: OAuth, headers: Headers) -> Identity:
    header = next((value for name, value in headers if name == b"authorization"), b"").decode()
    kind, _, token = header.partition(" ")
    grant = oauth.grant_of(token) if kind.lower() == "bearer" else None
    if grant is None:
        raise UnauthorizedError
    user = _active(state, grant.user_id)
    return Identity(f"oauth:{token[:32]}", user["id"], _is_admin(user), grant.scopes)


def _by_api_token(state: State, token: str) -> Identity:
    user = _active(state, state.tokens.get(token, 0))
    return Identity(f"api:{token}", user["id"], _is_admin(user))


def _active(state: State, user_id: int) -> Row:
    user = state.users.get(user_id)
    if user is None or not user["active_flag"]:
        raise UnauthorizedError
    return user


def _is_admin(user: Row) -> bool:
    return any(access["admin"] for access in user["access"])
