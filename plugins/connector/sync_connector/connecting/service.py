"""The OAuth server as `connect` and `disconnect` ask it; vendor documentation on OAuth 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from sync_core.calls import Call
from sync_core.errors import (
    AmbiguousWriteError,
    AuthenticationError,
    InvalidError,
    TransientError,
)
from sync_core.http import HttpClient
from sync_core.pipedrive import endpoints, envelope
from sync_core.pipedrive.auth import OAUTH_URL
from sync_core.web import service_address

_AGAIN = "run `connector connect` again"


@dataclass(frozen=True)
class App:
    """The OAuth app, as its maker sees it in Pipedrive's Developer Hub."""

    client_id: str
    client_secret: str = field(repr=False)
    oauth_url: str = OAUTH_URL


@dataclass(frozen=True)
class Tokens:
    """What the server gave for a code.

    Attributes:
        access: Lives for an hour.
        refresh: Lives for 60 days from its latest use.
        scopes: What the app may do.
        address: The company's own address; empty if the server named none.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    scopes: tuple[str, ...]
    address: str


def authorize_url(app: App, redirect: str, state: str) -> str:
    """The page on which a person allows access, and chooses the company."""
    query = {"client_id": app.client_id, "redirect_uri": redirect, "state": state}
    address = service_address("Pipedrive's OAuth server", app.oauth_url, "oauth_url")
    return f"{address}/authorize?{urlencode(query)}"


def exchange(app: App, code: str, redirect: str, user_agent: str) -> Tokens:
    """Give a code, which serves once, for tokens.

    Raises:
        ApiError: The server gave none.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
    call = Call("POST", "/token", form=form, repeatable=False)
    try:
        answer = _server(app, user_agent, code).send(call)
    except InvalidError as error:
        raise AuthenticationError(
            f"{error}; a code lives for five minutes and serves once: {_AGAIN}"
        ) from error
    except AuthenticationError as error:
        raise AuthenticationError(
            f"{error}; compare client_id and client_secret with the app in the Developer Hub"
        ) from error
    except AmbiguousWriteError as error:
        raise TransientError(f"Pipedrive's OAuth server gave no usable answer: {_AGAIN}") from error
    return _tokens(answer)


def _tokens(answer: Any) -> Tokens:
    given: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
    access, refresh = given.get("access_token"), given.get("refresh_token")
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        raise TransientError(f"Pipedrive's OAuth server answered without tokens: {_AGAIN}")
    scopes = str(given.get("scope") or "").replace(",", " ").split()
    return Tokens(access, refresh, tuple(scopes), str(given.get("api_domain") or ""))


def revoke(app: App, token: str, user_agent: str) -> bool:
    """End a refresh token, which uninstalls the app (vendor documentation).

    Returns:
        Whether the server knew it still.

    Raises:
        ApiError: The server can't be reached or refuses the app.
    """
    form = {"token": token, "token_type_hint": "refresh_token"}
    try:
        _server(app, user_agent, token).send(Call("POST", "/revoke", form=form))
    except InvalidError:
        return False
    return True


def _server(app: App, user_agent: str, secret: str) -> HttpClient:
    return HttpClient(
        "Pipedrive's OAuth server",
        app.oauth_url,
        auth=requests.auth.HTTPBasicAuth(app.client_id, app.client_secret),
        user_agent=user_agent,
        secrets=(app.client_secret, secret),
        setting="oauth_url",
    )


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def whose(tokens: Tokens, address: str, user_agent: str) -> dict[str, Any]:
    """The user and the company that the tokens belong to (`GET /v1/users/me`).

    Raises:
        ApiError: The tokens don't open even that.
    """
    http = HttpClient(
        "Pipedrive",
        address,
        auth=_Bearer(tokens.access),
        user_agent=user_agent,
        secrets=(tokens.access, tokens.refresh),
    )
    return envelope.record(http.get(endpoints.ME, tokens=endpoints.ME_TOKENS), endpoints.ME)
