"""The documented REST API of journy.io: metadata reads, upserts and memberships.

No documented endpoint returns users or accounts; `get` serves whatever endpoint the settings of
a record source describe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests

from sync_core.calls import Call
from sync_core.errors import AuthenticationError, ConfigurationError, TransientError
from sync_core.http import HttpClient
from sync_core.pacing import Pacer
from sync_core.web import credential

DEFAULT_URL = "https://api.journy.io"
MEMBERS_PER_CALL = 100
Identity = Mapping[str, str]


class KeyAuth(requests.auth.AuthBase):
    """The API key in its header (`X-Api-Key`)."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["X-Api-Key"] = self._key
        return request


class JournyPacer(Pacer):
    """1,800 calls in any minute, by journy's documentation; it names no header for a reset.

    A key that keeps hitting the limit gets blocked, so waits are long.
    """

    window_seconds = 60.0
    documented_limit = 1800.0
    default_wait = 10.0


#: journy's documentation: 401 without a key or without the permission, 403 for a disabled key.
_ERRORS = {403: AuthenticationError}


class JournyClient:
    """What taps and targets ask of journy."""

    def __init__(self, *, api_key: str | None, user_agent: str, api_url: str | None = None) -> None:
        """Prepare a client; nothing is sent yet.

        Raises:
            ConfigurationError: There is no key, or the address is malformed.
        """
        if not api_key:
            raise ConfigurationError(
                "api_key is missing: set it to a journy.io API key (journy: Settings, API access)"
            )
        key = credential("api_key", api_key, "a key of journy's settings for API access")
        self.http = HttpClient(
            "journy",
            api_url or DEFAULT_URL,
            auth=KeyAuth(key),
            user_agent=user_agent,
            secrets=(key,),
            pacer=JournyPacer(),
            errors=_ERRORS,
        )

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The whole decoded answer to a GET."""
        return self.http.get(path, params)

    def catalogue(self, path: str) -> list[dict[str, Any]]:
        """One of the documented definition lists, such as `/properties/users`; none is paged."""
        body = self.http.get(path)
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise TransientError(f"journy answered {path} without the usual list in `data`")
        return data

    def permissions(self) -> list[str]:
        """What the key may do (`GET /validate`)."""
        body = self.http.get("/validate")
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            raise TransientError("journy answered /validate without the usual `data`")
        return [str(each) for each in data.get("permissions") or ()]

    def upsert_user(self, identity: Identity, properties: Mapping[str, Any]) -> dict[str, str]:
        """Create or update a user (`POST /users/upsert`); an upsert may safely be repeated.

        Returns:
            Property name -> why journy rejected it; the others were accepted.
        """
        return self._upsert("/users/upsert", identity, properties)

    def upsert_account(self, identity: Identity, properties: Mapping[str, Any]) -> dict[str, str]:
        """Create or update an account (`POST /accounts/upsert`), like `upsert_user`."""
        return self._upsert("/accounts/upsert", identity, properties)

    def add_members(self, account: Identity, users: Sequence[Identity]) -> None:
        """Put at most a hundred users into an account (`POST /accounts/users/add`)."""
        self._members("add", account, users)

    def remove_members(self, account: Identity, users: Sequence[Identity]) -> None:
        """Take at most a hundred users out of an account (`POST /accounts/users/remove`).

        The users stay; journy marks them as removed.
        """
        self._members("remove", account, users)

    def delete(self, path: str, identity: Identity) -> None:
        """Delete a user or an account (`DELETE /users`, `DELETE /accounts`), with all it has."""
        self.http.send(Call("DELETE", path, body={"identification": identity}))

    def _members(self, verb: str, account: Identity, users: Sequence[Identity]) -> None:
        body = {"account": account, "users": [{"identification": user} for user in users]}
        self.http.send(Call("POST", f"/accounts/users/{verb}", body=body))

    def _upsert(
        self, path: str, identity: Identity, properties: Mapping[str, Any]
    ) -> dict[str, str]:
        body = {"identification": identity, "properties": properties}
        answer = self.http.send(Call("POST", path, body=body))
        rejected = answer.get("rejected") if isinstance(answer, dict) else None
        if not isinstance(rejected, dict):
            return {}
        return {str(name): str(why) for name, why in rejected.items()}
