"""What an answer means: status to error, the service's own words, and what never reaches a log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import requests

from sync_core.errors import (
    AccountClosedError,
    ApiError,
    AuthenticationError,
    BlockedError,
    BudgetSpentError,
    InvalidError,
    MissingScopeError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    TransientError,
    UnreachableError,
)
from sync_core.halves import without_halves

_AHEAD = range(100, 200)
OK = range(200, 300)
_ELSEWHERE = range(300, 400)
_SERVER_ERROR = 500
UNAUTHORIZED = 401
TOO_MANY = 429
_FORBIDDEN = 403
# `%40` stands for @ where a service repeats an address of ours.
_EMAIL = re.compile(r"[^\s@\"'<>=&?]+(?:@|%40)[^\s@\"'<>&]+\.[^\s@\"'<>&]+", re.IGNORECASE)
#: How Pipedrive tells a missing scope from other refusals: "Scope and URL mismatch".
_SCOPE = re.compile(r"scope and url mismatch|insufficient.scope", re.IGNORECASE)
_DETAIL_LENGTH = 300
#: What `decoded` gives for something that isn't JSON.
UNREADABLE = object()

#: Status -> error. What isn't listed is invalid (4xx) or transient (5xx).
ERRORS: Mapping[int, type[ApiError]] = {
    401: AuthenticationError,
    402: AccountClosedError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: TransientError,  # the service gave up waiting for the request
    410: NotFoundError,
    429: RateLimitedError,
}

CURES: Mapping[type[ApiError], str] = {
    AccountClosedError: "the company's account isn't open: its trial or its payment has ended",
    AuthenticationError: "check the credential in the plugin's settings",
    MissingScopeError: "the OAuth app wasn't granted the scope for this: add it to the app in "
    "Pipedrive's Developer Hub, then connect again",
    PermissionDeniedError: "this user or key isn't allowed to do that; ask an administrator",
    RateLimitedError: "the burst limit stayed exhausted; run again with fewer runs side by side",
    BudgetSpentError: "the company's daily tokens are spent; the next run after the reset goes on",
    BlockedError: "the service blocks this traffic; wait before running again",
    TransientError: "the service may be down; the next run tries again",
    UnreachableError: "redirects aren't followed; check api_url",
}


def decoded(content: bytes) -> Any:
    """The JSON of a body, or `UNREADABLE`."""
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested without end
        whole = without_halves(content)
    return UNREADABLE if whole == content else decoded(whole)


def kind(response: requests.Response, errors: Mapping[int, type[ApiError]]) -> type[ApiError]:
    """The error that a refusal means, but for the daily budget.

    Args:
        response: An answer whose status isn't a success.
        errors: Status -> error.
    """
    status = response.status_code
    if status == _FORBIDDEN and _is_page(response):
        # Pipedrive documents its abuse block as a Cloudflare page in HTML.
        return BlockedError
    scoped = status == _FORBIDDEN and errors.get(status) is PermissionDeniedError
    if scoped and _SCOPE.search(detail(response)):
        return MissingScopeError
    if status in _ELSEWHERE:
        return UnreachableError
    if status in _AHEAD:  # the answer itself would have come behind it, and is lost
        return TransientError
    return errors.get(status, TransientError if status >= _SERVER_ERROR else InvalidError)


def _is_page(response: requests.Response) -> bool:
    if "html" in response.headers.get("Content-Type", "").lower():
        return True
    return bool(response.content) and decoded(response.content) is UNREADABLE


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Take secrets and e-mail addresses out of a text that will be logged."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return _EMAIL.sub("<e-mail>", text)[:_DETAIL_LENGTH]


def detail(response: requests.Response) -> str:
    """The service's own words; nothing of a body that isn't a JSON object."""
    body = decoded(response.content)
    if not isinstance(body, dict):
        return ""
    parts = [body.get(key) for key in ("error", "message", "error_info")]
    parts += [_field_errors(body.get("errors"))]
    text = "; ".join(str(part) for part in parts if part)
    # In front, for the end of a long text is cut off.
    untold = [code for code in _field_codes(body) if code not in text]
    return "; ".join(filter(None, [*untold, text]))


def _field_codes(body: Any) -> list[str]:
    """The custom fields that a refusal names; Pipedrive says that it does, not where."""
    found, left = [], [body]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
            found.append(value.get("field_code"))
        elif isinstance(value, list):
            left += value
    return list(dict.fromkeys(code for code in found if code and isinstance(code, str)))


def _field_errors(errors: Any) -> str:
    fields = errors.get("fields") if isinstance(errors, dict) else None
    if not isinstance(fields, dict):
        return ""
    return ", ".join(f"{name}: {text}" for name, text in fields.items())
