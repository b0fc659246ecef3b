"""OAuth 2.0: the consent page, codes, tokens, their lives on the sandbox's clock, revocation."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sync_sandbox.wire import HTML, JSON, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

    from sync_sandbox.pipedrive.state import State

Reply = tuple[int, list[tuple[bytes, bytes]], bytes]
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105  # documented, opens nothing but the sandbox
CODE_SECONDS = 300
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 60 * 86_400
# Real access tokens are long; the vendor asks clients to allow for 768 characters and more.
TOKEN_LENGTH = 800
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Sandbox: allow access</title></head><body>
<h1>{app} wants to access Acme</h1><ul>{scopes}</ul>
<form method="post"><label>As <select name="user">{users}</select></label>
<input type="hidden" name="client_id" value="{client_id}">
<input type="hidden" name="redirect_uri" value="{redirect_uri}">
<input type="hidden" name="state" value="{state}">
<button name="decision" value="allow">Allow and install</button>
<button name="decision" value="deny">Cancel</button></form></body></html>"""


class OAuthError(Exception):
    """A refusal of the token endpoints. Their bodies are undocumented; the names are RFC 6749's."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.payload = {"success": False, "error": error, "message": message}


@dataclass
class Grant:
    """One installation of the app: a user's consent, and the tokens that came of it."""

    user_id: int
    scopes: frozenset[str]
    refresh_token: str
    refresh_until: float
    access: dict[str, float] = field(default_factory=dict)


@dataclass
class Code:
    """An authorization code that was not yet exchanged."""

    user_id: int
    redirect_uri: str
    until: float


class OAuth:
    """The authorization server of the company."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.reset()

    def reset(self) -> None:
        """Forget all codes and grants."""
        self._codes: dict[str, Code] = {}
        self._grants: dict[str, Grant] = {}
        self._made = 0

    def grant_of(self, access_token: str) -> Grant | None:
        """The grant behind an access token that is still alive."""
        now = self._state.clock.time()
        for grant in self._grants.values():
            if grant.access.get(access_token, 0) > now:
                return grant
        return None

    def revoke_all(self) -> None:
        """End every installation at once, as an administrator may."""
        self._grants.clear()

    def expire_access(self) -> None:
        """End every access token; the refresh tokens stay good."""
        for grant in self._grants.values():
            grant.access.clear()

    def handle(self, scope: Scope, path: str, body: bytes) -> Reply:
        """Answer a request below /oauth."""
        doors: dict[tuple[str, str], Callable[[Scope, bytes], Reply]] = {
            ("GET", "/oauth/authorize"): self._ask,
            ("POST", "/oauth/authorize"): self._decide,
            ("POST", "/oauth/token"): self._token,
            ("POST", "/oauth/revoke"): self._revoke,
        }
        door = doors.get((scope["method"], path.rstrip("/")))
        if door is None:
            return 404, JSON, encode({"success": False, "error": f"unknown path {path}"})
        try:
            return door(scope, body)
        except OAuthError as error:
            return error.status, JSON, encode(error.payload)

    def _ask(self, scope: Scope, _body: bytes) -> Reply:
        """The consent page."""
        asked = _pairs(scope["query_string"])
        self._check_request(asked, frozenset({"client_id", "redirect_uri", "state"}))
        people = [u for u in self._state.users.values() if u["active_flag"]]
        page = PAGE.format(
            app="The app",
            scopes="".join(f"<li>{html.escape(one)}</li>" for one in sorted(self.scopes())),
            users="".join(
                f'<option value="{u["id"]}">{html.escape(u["name"])}</option>' for u in people
            ),
            client_id=html.escape(asked["client_id"]),
            redirect_uri=html.escape(asked["redirect_uri"]),
            state=html.escape(asked.get("state", "")),
        )
        return 200, HTML, page.encode()

    def _decide(self, _scope: Scope, body: bytes) -> Reply:
        """The consent form: back to the app with a code, or with an error."""
        given = _pairs(body)
        known = frozenset({"client_id", "redirect_uri", "state", "user", "decision"})
        self._check_request(given, known)
        back = {"state": given["state"]} if given.get("state") else {}
        if given.get("decision") != "allow":
            return _redirect(given["redirect_uri"], {"error": "user_denied", **back})
        user = int(given.get("user", "1"))
        code = self._secret("code")[:40]
        until = self._state.clock.time() + CODE_SECONDS
        self._codes[code] = Code(user, given["redirect_uri"], until)
        return _redirect(given["redirect_uri"], {"code": code, **back})

    def _check_request(self, given: dict[str, str], known: frozenset[str]) -> None:
        if unknown := sorted(set(given) - known):
            raise OAuthError(400, "invalid_request", f"unknown parameter {unknown[0]}")
        if given.get("client_id") != CLIENT_ID:
            raise OAuthError(400, "invalid_client", "no app has this client_id")
        registered = self._state.switches.get("pipedrive.oauth_redirect_uri")
        uri = given.get("redirect_uri", "")
        fits = uri == registered if registered else urlsplit(uri).hostname in LOOPBACK
        if not fits:
            raise OAuthError(400, "invalid_request", "redirect_uri is not the registered one")

    def scopes(self) -> frozenset[str]:
        """The scopes that the app is registered with."""
        return frozenset(self._state.switches.get("pipedrive.oauth_scopes").split())

    def _token(self, scope: Scope, body: bytes) -> Reply:
        """Exchange a code, or refresh."""
        form = self._form(scope, body)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            grant = self._exchange(form)
        elif kind == "refresh_token":
            grant = self._refresh(form)
        else:
            raise OAuthError(400, "unsupported_grant_type", f"no grant type {kind!r}")
        return 200, JSON, encode(self._answer(scope, grant))

    def _exchange(self, form: dict[str, str]) -> Grant:
        code = self._codes.pop(form.get("code", ""), None)
        now = self._state.clock.time()
        if code is None or code.until <= now or code.redirect_uri != form.get("redirect_uri"):
            raise OAuthError(400, "invalid_grant", "the code is not valid, or not any more")
        refresh = self._secret("refresh")[:48]
        grant = Grant(code.user_id, self.scopes(), refresh, now + REFRESH_SECONDS)
        self._grants[refresh] = grant
        return grant

    def _refresh(self, form: dict[str, str]) -> Grant:
        """The refresh token stays the same; its 60 days begin anew."""
        grant = self._grants.get(form.get("refresh_token", ""))
        now = self._state.clock.time()
        if grant is None or grant.refresh_until <= now:
            raise OAuthError(400, "invalid_grant", "the refresh token is not valid")
        grant.refresh_until = now + REFRESH_SECONDS
        return grant

    def _answer(self, scope: Scope, grant: Grant) -> dict[str, Any]:
        now = self._state.clock.time()
        grant.access = {token: until for token, until in grant.access.items() if until > now}
        token = self._secret("access")
        grant.access[token] = now + ACCESS_SECONDS
        host = next(value for name, value in scope["headers"] if name == b"host").decode()
        return {
            "access_token": token,
            "token_type": "Bearer",
            "refresh_token": grant.refresh_token,
            "scope": " ".join(sorted(grant.scopes)),
            "expires_in": ACCESS_SECONDS - 1,
            "api_domain": f"http://{host}{scope.get('root_path', '')}",
        }

    def _revoke(self, scope: Scope, body: bytes) -> Reply:
        """Revoke an access token, or uninstall the app by revoking the refresh token."""
        token = self._form(scope, body).get("token", "")
        if self._grants.pop(token, None) is None:
            for grant in self._grants.values():
                grant.access.pop(token, None)
        return 200, JSON, b"{}"

    def _form(self, scope: Scope, body: bytes) -> dict[str, str]:
        """The form, once the app has proved who it is: HTTP Basic, or (discouraged) in the body."""
        kind = _header(scope, b"content-type")
        if not kind.startswith("application/x-www-form-urlencoded"):
            raise OAuthError(400, "invalid_request", "the body must be form-encoded")
        form = _pairs(body)
        given = _basic(_header(scope, b"authorization")) or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        if given != (CLIENT_ID, CLIENT_SECRET):
            raise OAuthError(401, "invalid_client", "client_id and client_secret don't fit")
        return form

    def _secret(self, kind: str) -> str:
        """A token: always the same for a seed, long enough to be refused by short columns."""
        self._made += 1
        text, block = "", f"{self._state.seed}:{kind}:{self._made}"
        while len(text) < TOKEN_LENGTH:
            text += hashlib.sha256(f"{block}:{len(text)}".encode()).hexdigest()
        return text[:TOKEN_LENGTH]


def _pairs(raw: bytes) -> dict[str, str]:
    return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return name, secret


def _redirect(uri: str, parameters: dict[str, str]) -> Reply:
    glue = "&" if urlsplit(uri).query else "?"
    target = f"{uri}{glue}{urlencode(parameters)}"
    return 302, [(b"location", target.encode("latin-1"))], b""
