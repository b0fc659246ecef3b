"""How a plugin gets into Pipedrive: an API token, or OAuth with tokens that are renewed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from sync_core.calls import Call, RenewableAuth
from sync_core.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidError,
    NotFoundError,
    PermissionDeniedError,
    TransientError,
)
from sync_core.http import HttpClient
from sync_core.pipedrive.kept_token import KeptToken
from sync_core.web import credential

OAUTH_URL = "https://oauth.pipedrive.com/oauth"
#: A token is renewed this long before it ends, so that none ends on its way.
MARGIN_SECONDS = 60.0
_DEFAULT_LIFE_SECONDS = 3600.0
_OAUTH = ("client_id", "client_secret", "refresh_token")
#: How the OAuth standard (RFC 6749) answers to a refresh token that isn't taken.
_BAD_REQUEST = 400
_REFUSALS = (AuthenticationError, InvalidError, NotFoundError, PermissionDeniedError)
_APP = "client_id and client_secret have to be those of the app that refresh_token was given to"
_ADDRESS = f"oauth_url has to be the address below which /token lies, by default {OAUTH_URL}"
_CONNECT_AGAIN = "connect Pipedrive again and set refresh_token to the new one"


class TokenAuth(requests.auth.AuthBase):
    """The API token in its header, the only API-key scheme in Pipedrive's OpenAPI files."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["x-api-token"] = self._token
        return request


@dataclass(frozen=True)
class Grant:
    """What an installed OAuth app has.

    Attributes:
        client_id: The app's.
        client_secret: The app's.
        refresh_token: As configured; a newer one that descends from it may be kept.
        oauth_url: Address below which `/token` lies.
    """

    client_id: str
    client_secret: str
    refresh_token: str
    oauth_url: str = OAUTH_URL


def grant(config: Mapping[str, Any]) -> Grant | None:
    """The OAuth settings; None where there are none, or an API token, which goes first.

    A project's environments may differ in the way in, while `.env` serves them all.

    Raises:
        ConfigurationError: Only some of them are set.
    """
    given = {name: str(config.get(name) or "") for name in _OAUTH}
    if config.get("api_token") or not any(given.values()):
        return None
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise ConfigurationError(
            f"OAuth needs {', '.join(_OAUTH)} together; not set: {', '.join(missing)}"
        )
    plain = {n: credential(n, value, "the value that Pipedrive gave") for n, value in given.items()}
    return Grant(**plain, oauth_url=str(config.get("oauth_url") or OAUTH_URL))


class OAuth(RenewableAuth):
    """Access tokens, fetched when first needed, renewed before they end; for any thread.

    Pipedrive documents that a refresh token stays the same. Should a new one come back, it is
    kept, since the configured one may have ended with it.
    """

    def __init__(
        self,
        given: Grant,
        kept: KeptToken,
        *,
        user_agent: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            given: The configured credentials.
            kept: Where a newer refresh token is kept.
            user_agent: Sent with each request.
            clock: Monotonic seconds.

        Raises:
            ConfigurationError: The address is malformed.
        """
        self._kept = kept
        self._clock = clock
        self._lock = threading.Lock()
        self._refresh_token = given.refresh_token
        self._access_token = ""
        self._ends = 0.0
        self._address = ""
        #: What the app may do, once a token was had; empty if the server doesn't say.
        self.scopes: tuple[str, ...] = ()
        self._client_secret = given.client_secret
        self._told = {given.client_secret, given.refresh_token}
        self._http = HttpClient(
            "Pipedrive's OAuth server",
            given.oauth_url,
            auth=requests.auth.HTTPBasicAuth(given.client_id, given.client_secret),
            user_agent=user_agent,
            secrets=self._told,
            setting="oauth_url",
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must never be logged."""
        return (self._client_secret, self._refresh_token, self._access_token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._access_token}"
        return request

    def ready(self) -> str:
        """Have a token that lives.

        Returns:
            The company's own address, by the server's answer; empty if it names none.

        Raises:
            ApiError: No token is to be had.
        """
        with self._lock:
            if not self._access_token or self._clock() >= self._ends:
                self._renew()
            return self._address

    def renew(self, used: requests.PreparedRequest) -> bool:
        """Replace the token of a refused request, unless another thread just did."""
        with self._lock:
            if used.headers.get("Authorization") == f"Bearer {self._access_token}":
                self._renew()
            return True

    def _renew(self) -> None:
        self._refresh_token = self._kept.newest()
        asked = self._clock()
        try:
            answer = self._ask(self._refresh_token)
        except InvalidError as error:
            # Another plugin of this connection may have been given a newer one meanwhile.
            newer = self._kept.newest()
            if newer == self._refresh_token:
                raise _refused(error) from error
            self._refresh_token = newer
            answer = self._ask(newer)
        self._take(answer, asked)

    def _ask(self, refresh_token: str) -> Mapping[str, Any]:
        self._told.add(refresh_token)
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        try:
            answer = self._http.send(Call("POST", "/token", form=form))
        except _REFUSALS as error:
            if error.status == _BAD_REQUEST:
                raise
            cure = _APP if isinstance(error, AuthenticationError) else _ADDRESS
            raise AuthenticationError(
                f"{error}; {cure}", status=error.status, detail=error.detail
            ) from error
        if not isinstance(answer, dict) or not _is_token(answer.get("access_token")):
            raise TransientError("Pipedrive's OAuth server answered without an access token")
        return answer

    def _take(self, answer: Mapping[str, Any], asked: float) -> None:
        life = answer.get("expires_in")
        seconds = float(life) if isinstance(life, (int, float)) else _DEFAULT_LIFE_SECONDS
        self._access_token = answer["access_token"]
        self._ends = asked + max(seconds - MARGIN_SECONDS, seconds / 2)
        address = answer.get("api_domain")
        self._address = address if isinstance(address, str) else ""
        self.scopes = tuple(str(answer.get("scope") or "").replace(",", " ").split())
        newer = str(answer.get("refresh_token") or "")
        if _is_token(newer) and newer != self._refresh_token:
            self._refresh_token = newer
            self._kept.keep(newer)


def _is_token(value: Any) -> bool:
    return (
        isinstance(value, str)
        and value != ""
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )


def _refused(error: InvalidError) -> AuthenticationError:
    return AuthenticationError(
        f"Pipedrive doesn't take the refresh token any more ({error}): it ends after 60 days "
        f"without use, or when the app is uninstalled; {_CONNECT_AGAIN}",
        status=error.status,
        detail=error.detail,
    )
