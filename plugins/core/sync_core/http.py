"""One way to talk HTTP: time-outs, retries by what a method means, pacing, redaction, counts."""

from __future__ import annotations

import logging
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from sync_core import answers, pacing, times
from sync_core.answers import redact
from sync_core.budget import Budget
from sync_core.calls import Call, RenewableAuth
from sync_core.errors import (
    AmbiguousWriteError,
    ApiError,
    BudgetSpentError,
    RateLimitedError,
    TransientError,
    UnreachableError,
)
from sync_core.pacing import Pacer, Usage
from sync_core.web import service_address
from sync_core.windows import Place

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
TRIES = 5
LONGEST_WAIT_SECONDS = pacing.LONGEST_WAIT_SECONDS
POOL_SIZE = pacing.MOST_WORKERS
PIECE_BYTES = 2**20

# urllib3 logs every path with its query at debug level, and Pipedrive's searches carry e-mail
# addresses there. A filter holds whatever level a logging configuration sets later.
logging.getLogger("urllib3.connectionpool").addFilter(lambda record: record.levelno > logging.DEBUG)


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
        budget: Budget | None = None,
        errors: Mapping[int, type[ApiError]] | None = None,
        setting: str = "api_url",
        follow: bool = False,
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
            budget: Refuses calls that the run can't afford; by default nothing does.
            errors: What a status means to this service, where that differs from `answers`.
            setting: The setting that the address comes from, for messages.
            follow: Whether to go to the address that a `RenewableAuth` names.
            sleep: How to wait, in seconds.

        Raises:
            ConfigurationError: The address isn't an http(s) one.
        """
        self.service = service
        self.base_url = service_address(service, base_url, setting)
        self.usage = Usage()
        self._server_time = ""
        self._auth = auth
        self._secrets = secrets
        self._setting = setting
        self._budget = budget
        self._follow = follow
        self._sleep = sleep
        self._pacer = pacer or Pacer(sleep=sleep)
        self._errors = {**answers.ERRORS, **(errors or {})}
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent
        adapter = HTTPAdapter(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    @property
    def server_time(self) -> str:
        """The latest answer's `Date`, as comparable text: the service's own clock."""
        return self._server_time

    @property
    def workers(self) -> int:
        """How many threads it takes to use the service's burst window, as far as is known."""
        return self._pacer.workers()

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        tokens: int = 0,
        lane: str = "",
        decode: Callable[[bytes], Any] | None = None,
    ) -> Any:
        """Send a GET and return the decoded JSON."""
        return self.send(Call("GET", path, params or {}, tokens=tokens, lane=lane, decode=decode))

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
                if again.paced and self._pacer.is_stuck(call.lane):
                    break
                if attempt + 1 < TRIES:
                    self._wait(again, attempt)
        assert last is not None  # noqa: S101 - TRIES is at least one
        raise last

    def _wait(self, again: _RetryableError, attempt: int) -> None:
        backoff = 2.0**attempt * (0.5 + random.random() / 2)  # noqa: S311 - jitter
        seconds = min(again.wait if again.wait is not None else backoff, LONGEST_WAIT_SECONDS)
        log.info("%s; trying again in %.1f s", again.error, seconds)
        if not again.paced:
            self._sleep(seconds)

    def _once(self, call: Call) -> Any:
        # An error of the library holds the whole address, and with it an e-mail that is searched
        # for: ours is raised when that one is done with, so that no traceback shows it.
        self._prepare()
        answer = self._transmit(call)
        if not isinstance(answer, Exception) and self._renewed(answer[0]):
            answer = self._transmit(call)
        if isinstance(answer, Exception):
            raise answer
        return self._read(call, *answer)

    def _prepare(self) -> None:
        """Have a credential that lives, and the address that came with it."""
        if isinstance(self._auth, RenewableAuth):
            address = self._auth.ready()
            if address and self._follow:
                self.base_url = service_address(self.service, address, self._setting)

    def _renewed(self, response: requests.Response) -> bool:
        """Renew a credential that is refused in mid-run; a refused call wasn't carried out."""
        return (
            response.status_code == answers.UNAUTHORIZED
            and isinstance(self._auth, RenewableAuth)
            and self._auth.renew(response.request)
        )

    def _transmit(self, call: Call) -> tuple[requests.Response, float] | Exception:
        if self._budget:
            self._budget.admit(call.tokens)
        place = self._pacer.before(call.lane, call.method)
        response: requests.Response | None = None
        try:
            response = self._request(call)
        except requests.RequestException as error:
            return self._lost(call, error)
        finally:
            wait = self._learn(call, place, response)
        return response, wait

    def _request(self, call: Call) -> requests.Response:
        content = None if call.body is None else msgspec.json.encode(call.body)
        response = self._session.request(
            call.method,
            self.base_url + call.path,
            params={k: v for k, v in call.params.items() if v is not None},
            data=call.form if content is None else content,
            headers=None if content is None else {"Content-Type": "application/json"},
            auth=self._auth,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        )
        # The library itself reads a body in pieces of 10 KiB, and gives way to another thread at
        # each: one that computes keeps a page of a megabyte from coming.
        response._content = b"".join(response.iter_content(PIECE_BYTES))  # noqa: SLF001 - no other way
        return response

    def _learn(self, call: Call, place: Place, response: requests.Response | None) -> float:
        """Take in what the answer says beside its body; the seconds to wait after a refusal."""
        if response is None:
            return self._pacer.after(place, None)
        self._server_time = times.from_http_date(response.headers.get("Date")) or self._server_time
        self.usage.add(call, response)
        if self._budget and response.status_code in answers.OK:
            self._budget.learn(response.headers)
        refused = response.status_code == answers.TOO_MANY and (
            self._kind(call, response) is RateLimitedError
        )
        return self._pacer.after(
            place, response.headers, refused=refused, longest=LONGEST_WAIT_SECONDS
        )

    def _lost(self, call: Call, error: requests.RequestException) -> Exception:
        """Tell what it means that no answer came back."""
        causes = tuple(_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return UnreachableError(
                f"{self.service} at {self.base_url} shows a certificate that isn't trusted; "
                f"check {self._setting} and this machine's certificates"
            )
        if any(isinstance(cause, _NEVER_CONNECTED) for cause in causes):
            if self._budget:
                self._budget.give_back(call.tokens)
            return _RetryableError(
                UnreachableError(
                    f"{self.service} can't be reached at {self.base_url} ({call.what}): "
                    f"check {self._setting} and the network"
                )
            )
        self.usage.add(call, None)
        return self._unanswered(
            call, f"{self.service} gave no answer to {call.what} ({type(error).__name__})"
        )

    @staticmethod
    def _unanswered(
        call: Call,
        text: str,
        status: int | None = None,
        detail: str = "",
        wait: float | None = None,
    ) -> Exception:
        """The error of a call that may or may not have been carried out."""
        if call.repeatable:
            return _RetryableError(TransientError(text, status=status, detail=detail), wait)
        return AmbiguousWriteError(
            f"{text}: it may have been carried out; "
            "the record is looked up before it is sent again",
            status=status,
            detail=detail,
        )

    def _read(self, call: Call, response: requests.Response, wait: float) -> Any:
        if response.status_code not in answers.OK:
            raise self._refused(call, response, wait)
        if not response.content:
            return None
        body = (call.decode or answers.decoded)(response.content)
        if body is answers.UNREADABLE:
            status = response.status_code
            text = f"{self.service} answered {status} to {call.what} with something that isn't JSON"
            raise self._unanswered(call, text, status)
        return body

    def _refused(self, call: Call, response: requests.Response, wait: float) -> Exception:
        status = response.status_code
        detail = redact(answers.detail(response), self._all_secrets())
        kind = self._kind(call, response)
        message = f"{self.service} answered {status} to {call.what}"
        message += f": {detail}" if detail else ""
        if kind is TransientError and not call.repeatable:
            return self._unanswered(call, message, status, detail)
        message += f" ({answers.CURES[kind]})" if kind in answers.CURES else ""
        if kind is BudgetSpentError and self._budget:
            self._budget.end()
            message += f"; this run has spent {self._budget.spent} of them"
        error = kind(message, status=status, detail=detail)
        if kind is RateLimitedError:
            return _RetryableError(error, wait, paced=True)
        if kind is TransientError:
            asked = pacing.retry_after(response.headers.get("Retry-After"))
            return _RetryableError(error, asked)
        return error

    def _all_secrets(self) -> tuple[str, ...]:
        changing = self._auth.secrets if isinstance(self._auth, RenewableAuth) else ()
        return (*self._secrets, *changing)

    def _kind(self, call: Call, response: requests.Response) -> type[ApiError]:
        spent = self._pacer.budget_spent(response.headers, call.tokens)
        if response.status_code == answers.TOO_MANY and spent:
            return BudgetSpentError
        return answers.kind(response, self._errors)


class _RetryableError(Exception):
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


#: Signs that a request certainly wasn't sent: refused, timed out, or the name didn't resolve.
_NEVER_CONNECTED = (requests.ConnectTimeout, NewConnectionError)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it wraps; requests and urllib3 keep that in arguments or attributes."""
    yield error
    inner = (*error.args, getattr(error, "reason", None), getattr(error, "original_error", None))
    for each in dict.fromkeys(part for part in inner if isinstance(part, BaseException)):
        yield from _causes(each)
