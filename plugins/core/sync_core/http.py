"""One way to talk HTTP: time-outs, retries by what a method means, pacing, redaction, counts."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from sync_core import times
from sync_core.errors import (
    AmbiguousWriteError,
    ApiError,
    AuthenticationError,
    BlockedError,
    BudgetSpentError,
    ConfigurationError,
    InvalidError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    TransientError,
    UnreachableError,
)
from sync_core.pacing import Pacer, Usage

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
TRIES = 5
LONGEST_WAIT_SECONDS = 60.0
POOL_SIZE = 32

_OK = range(200, 300)
_SERVER_ERROR = 500
_TOO_MANY = 429
_FORBIDDEN = 403
_EMAIL = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+\.[^\s@\"'<>]+")
_DETAIL_LENGTH = 300

#: Status -> error. What isn't listed is invalid (4xx) or transient (5xx).
_ERRORS: Mapping[int, type[ApiError]] = {
    401: AuthenticationError,
    402: PermissionDeniedError,
    403: PermissionDeniedError,
    404: NotFoundError,
    410: NotFoundError,
    429: RateLimitedError,
}

_CURES: Mapping[type[ApiError], str] = {
    AuthenticationError: "check the credential in the plugin's settings",
    PermissionDeniedError: "this user or key isn't allowed to do that; ask an administrator",
    RateLimitedError: "the burst limit stayed exhausted; run again with fewer runs side by side",
    BudgetSpentError: "the company's daily tokens are spent; the next run after the reset goes on",
    BlockedError: "the service blocks this traffic; wait before running again",
    TransientError: "the service may be down; the next run tries again",
}


@dataclass(frozen=True)
class Call:
    """One request as its caller means it.

    Attributes:
        method: HTTP method.
        path: Path below the service's address, without a query.
        params: Query parameters; None values are left out.
        body: What is sent as JSON.
        repeatable: Whether sending it twice does no harm: a GET, a PATCH, an upsert.
        tokens: What the call costs of the daily budget.
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    repeatable: bool = True
    tokens: int = 0


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Take secrets and e-mail addresses out of a text that will be logged."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return _EMAIL.sub("<e-mail>", text)[:_DETAIL_LENGTH]


class HttpClient:
    """A session with one service; safe to use from several threads."""

    def __init__(  # noqa: PLR0913 - every argument is a seam that tests or services need
        self,
        service: str,
        base_url: str,
        *,
        auth: requests.auth.AuthBase,
        user_agent: str,
        secrets: tuple[str, ...] = (),
        pacer: Pacer | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare a session; nothing is sent yet.

        Args:
            service: The service's name, for messages.
            base_url: Its address, up to where the calls' paths begin.
            auth: Adds the credential to each request, as a header.
            user_agent: Sent with each request.
            secrets: Texts that must never be logged.
            pacer: Waits before a burst limit is hit; by default reads the usual headers.
            sleep: How to wait, in seconds.

        Raises:
            ConfigurationError: The address isn't an http(s) one.
        """
        if not re.match(r"^https?://[^/\s]+", base_url or ""):
            raise ConfigurationError(
                f"{service}: api_url must begin with http:// or https:// and name a host, "
                f"got {base_url!r}"
            )
        self.service = service
        self.base_url = base_url.rstrip("/")
        self.usage = Usage()
        self._server_time = ""
        self._auth = auth
        self._secrets = secrets
        self._sleep = sleep
        self._pacer = pacer or Pacer(sleep=sleep)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent
        adapter = HTTPAdapter(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    @property
    def server_time(self) -> str:
        """The latest answer's `Date`, as comparable text: the service's own clock."""
        return self._server_time

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, tokens: int = 0) -> Any:
        """Send a GET and return the decoded JSON."""
        return self.send(Call("GET", path, params or {}, tokens=tokens))

    def send(self, call: Call) -> Any:
        """Send a call, repeat it where that is safe, and return the decoded JSON (None if empty).

        Raises:
            ApiError: One of its kinds; `AmbiguousWriteError` where a write that must not be
                repeated got no answer.
        """
        last: ApiError | None = None
        for attempt in range(TRIES):
            try:
                return self._once(call)
            except _RetryableError as again:
                last = again.error
                if attempt + 1 < TRIES:
                    self._wait(again, attempt)
        assert last is not None  # noqa: S101 - TRIES is at least one
        raise last

    def _wait(self, again: _RetryableError, attempt: int) -> None:
        backoff = 2.0**attempt * (0.5 + random.random() / 2)  # noqa: S311 - jitter
        seconds = min(again.wait if again.wait is not None else backoff, LONGEST_WAIT_SECONDS)
        log.info("%s; trying again in %.1f s", again.error, seconds)
        self._sleep(seconds)

    def _once(self, call: Call) -> Any:
        self._pacer.before()
        try:
            response = self._session.request(
                call.method,
                self.base_url + call.path,
                params={k: v for k, v in call.params.items() if v is not None},
                data=None if call.body is None else msgspec.json.encode(call.body),
                headers=None if call.body is None else {"Content-Type": "application/json"},
                auth=self._auth,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.ConnectTimeout as error:
            raise _RetryableError(self._unreachable(call)) from error
        except requests.RequestException as error:
            raise self._lost(call, error) from error
        self._pacer.after(response.headers)
        self._server_time = times.from_http_date(response.headers.get("Date"))
        self.usage.add(call, response)
        return self._read(call, response)

    def _unreachable(self, call: Call) -> ApiError:
        return UnreachableError(
            f"{self.service} can't be reached at {self.base_url} ({call.method} {call.path}): "
            "check api_url and the network"
        )

    def _lost(self, call: Call, error: requests.RequestException) -> Exception:
        """Tell what it means that no answer came back."""
        if _never_connected(error):
            return _RetryableError(self._unreachable(call))
        what = f"{self.service} gave no answer to {call.method} {call.path}"
        if call.repeatable:
            return _RetryableError(TransientError(f"{what} ({type(error).__name__})"))
        return AmbiguousWriteError(
            f"{what} ({type(error).__name__}): it may have been carried out; "
            "the record is looked up before it is sent again"
        )

    def _read(self, call: Call, response: requests.Response) -> Any:
        if response.status_code not in _OK:
            raise self._refused(call, response)
        if not response.content:
            return None
        try:
            return msgspec.json.decode(response.content)
        except msgspec.DecodeError as error:
            raise self._unreadable(call, response) from error

    def _unreadable(self, call: Call, response: requests.Response) -> Exception:
        text = (
            f"{self.service} answered {response.status_code} to {call.method} {call.path} "
            "with something that isn't JSON"
        )
        if call.repeatable:
            return _RetryableError(TransientError(text, status=response.status_code))
        return AmbiguousWriteError(text, status=response.status_code)

    def _refused(self, call: Call, response: requests.Response) -> Exception:
        status = response.status_code
        detail = redact(_detail(response), self._secrets)
        kind = self._kind(response)
        message = f"{self.service} answered {status} to {call.method} {call.path}"
        message += f": {detail}" if detail else ""
        message += f" ({_CURES[kind]})" if kind in _CURES else ""
        error = kind(message, status=status, detail=detail)
        if kind is RateLimitedError:
            return _RetryableError(error, wait=self._pacer.wait_after_refusal(response.headers))
        if kind is TransientError and call.repeatable:
            return _RetryableError(error)
        if kind is TransientError:
            return AmbiguousWriteError(message, status=status, detail=detail)
        return error

    def _kind(self, response: requests.Response) -> type[ApiError]:
        status = response.status_code
        if status == _FORBIDDEN and "html" in response.headers.get("Content-Type", ""):
            # Pipedrive documents its abuse block as a Cloudflare page in HTML.
            return BlockedError
        if status == _TOO_MANY and self._pacer.budget_spent(response.headers):
            return BudgetSpentError
        return _ERRORS.get(status, TransientError if status >= _SERVER_ERROR else InvalidError)


class _RetryableError(Exception):
    """Carries an error that another try may cure."""

    def __init__(self, error: ApiError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


def _never_connected(error: requests.RequestException) -> bool:
    """Whether the request certainly wasn't sent: refused, or the name didn't resolve."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)


def _detail(response: requests.Response) -> str:
    """The service's own words; nothing of a body that isn't a JSON object."""
    try:
        body = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return ""
    if not isinstance(body, dict):
        return ""
    parts = [body.get(key) for key in ("error", "message", "error_info")]
    parts += [_field_errors(body.get("errors"))]
    return "; ".join(str(part) for part in parts if part)


def _field_errors(errors: Any) -> str:
    fields = errors.get("fields") if isinstance(errors, dict) else None
    if not isinstance(fields, dict):
        return ""
    return ", ".join(f"{name}: {text}" for name, text in fields.items())
