"""What it means that a call got no answer, or none to rely on."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import NewConnectionError

from sync_core.bounding import EndlessError
from sync_core.calls import Call
from sync_core.errors import AmbiguousWriteError, ApiError, TransientError, UnreachableError

#: Signs that a request certainly wasn't sent: refused, timed out, or the name didn't resolve.
_NEVER_CONNECTED = (requests.ConnectTimeout, NewConnectionError)


class RetryableError(Exception):
    """Carries an error that another try may cure.

    Attributes:
        error: The error.
        wait: Seconds to wait; None leaves it to the backoff.
        paced: Whether the pacer waits, for all threads.
    """

    def __init__(self, error: ApiError, wait: float | None = None, *, paced: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait
        self.paced = paced


def unanswered(call: Call, text: str, status: int | None = None, detail: str = "") -> Exception:
    """The error of a call that may or may not have been carried out."""
    if call.repeatable:
        return RetryableError(TransientError(text, status=status, detail=detail))
    return _ambiguous(text, status, detail)


def left(call: Call, text: str) -> ApiError:
    """The error of a call whose answer had no end: to wait for it once was long enough."""
    if call.repeatable:
        return TransientError(f"{text}; the next run tries again")
    return _ambiguous(text)


def _ambiguous(text: str, status: int | None = None, detail: str = "") -> AmbiguousWriteError:
    return AmbiguousWriteError(
        f"{text}: it may have been carried out; the record is looked up before it is sent again",
        status=status,
        detail=detail,
    )


def untrusted(error: Exception) -> bool:
    """Whether the other side's certificate is why there is no answer."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def endless(error: Exception) -> str:
    """Why an answer was left, for a sentence; empty where it broke off by itself."""
    return next((str(cause) for cause in _causes(error) if isinstance(cause, EndlessError)), "")


def never_left(error: Exception) -> bool:
    """Whether a call without an answer certainly wasn't carried out."""
    return any(isinstance(cause, _NEVER_CONNECTED) for cause in _causes(error))


def unreachable(service: str, address: str, call: Call, setting: str) -> RetryableError:
    """The error of a call for which there was no connection."""
    return RetryableError(
        UnreachableError(
            f"{service} can't be reached at {address} ({call.what}): check {setting} and the "
            "network"
        )
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it wraps; requests and urllib3 keep that in arguments or attributes."""
    yield error
    inner = (*error.args, getattr(error, "reason", None), getattr(error, "original_error", None))
    for each in dict.fromkeys(part for part in inner if isinstance(part, BaseException)):
        yield from _causes(each)
