"""One way to talk HTTP: retries by what a method means, pacing, redaction, counts."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

import requests

from sync_core import answers, headers, times
from sync_core.answers import redact
from sync_core.budget import Budget
from sync_core.calls import Call, RenewableAuth
from sync_core.errors import (
    ApiError,
    BudgetSpentError,
    RateLimitedError,
    TransientError,
    UnreachableError,
)
from sync_core.pacing import Pacer
from sync_core.sending import Sender
from sync_core.unanswered import (
    RetryableError,
    endless,
    left,
    never_left,
    unanswered,
    unreachable,
    untrusted,
)
from sync_core.usage import Usage
from sync_core.web import introduction, service_address
from sync_core.windows import Place

log = logging.getLogger(__name__)

TRIES = 5
LONGEST_WAIT_SECONDS = headers.LONGEST_WAIT_SECONDS


class HttpClient:
    """A session with one service; safe to use from several threads."""

    def __init__(  # noqa: PLR0913 - every argument is a seam that tests or services need
        self,
        service: str,
        base_url: str,
        *,
        auth: requests.auth.AuthBase,
        user_agent: str,
        secrets: Collection[str] = (),
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
            secrets: Texts that must never be logged; may grow.
            pacer: Waits before a burst limit is hit; by default reads the usual headers.
            budget: Refuses calls that the run can't afford; by default nothing does.
            errors: What a status means to this service, where that differs from `answers`.
            setting: The setting that the address comes from, for messages.
            follow: Whether to go to the address that a `RenewableAuth` names.
            sleep: How to wait, in seconds.

        Raises:
            ConfigurationError: The address isn't an http(s) one, or no header takes the user agent.
        """
        self.service = service
        self.base_url = service_address(service, base_url, setting)
        self.usage = Usage()
        #: What the latest answer's `Date` said, and when that was by a clock that nobody sets.
        self._told = ("", 0.0)
        self._auth = auth
        self._secrets = secrets
        self._setting = setting
        self._budget = budget
        self._follow = follow
        self._sleep = sleep
        self._pacer = pacer or Pacer(sleep=sleep)
        self._errors = {**answers.ERRORS, **(errors or {})}
        self._sender = Sender(introduction(user_agent))

    @property
    def server_time(self) -> str:
        """The latest answer's `Date`, as comparable text: the service's own clock."""
        return self._told[0]

    @property
    def clock(self) -> str:
        """The service's own time by now, as comparable text; this machine's while nobody told.

        It goes on from the latest `Date`, so that setting this machine's clock doesn't move it.
        """
        moment, at = self._told
        return (
            times.later(moment, timedelta(seconds=times.steady() - at)) if moment else times.now()
        )

    @property
    def workers(self) -> int:
        """How many threads it takes to use the service's burst window, as far as is known."""
        return self._pacer.workers()

    def whole_windows(self, most: int) -> int:
        """The most calls, up to so many, that end together with a burst window."""
        return self._pacer.whole_windows(most)

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
            except RetryableError as again:
                last = again.error
                if again.paced and self._pacer.is_stuck(call.lane):
                    break
                if attempt + 1 < TRIES:
                    self._wait(again, attempt)
        assert last is not None  # noqa: S101 - TRIES is at least one
        raise last

    def _wait(self, again: RetryableError, attempt: int) -> None:
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
            response = self._sender.send(call, self.base_url, self._auth)
        except requests.RequestException as error:
            return self._lost(call, error)
        finally:
            wait = self._learn(call, place, response)
        return response, wait

    def _learn(self, call: Call, place: Place, response: requests.Response | None) -> float:
        """Take in what the answer says beside its body; the seconds to wait after a refusal."""
        if response is None:
            return self._pacer.after(place, None)
        if moment := times.from_http_date(response.headers.get("Date")):
            self._told = (moment, times.steady())
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
        if untrusted(error):
            return UnreachableError(
                f"{self.service} at {self.base_url} shows a certificate that isn't trusted; "
                f"check {self._setting} and this machine's certificates"
            )
        if never_left(error):
            if self._budget:
                self._budget.give_back(call.tokens)
            return unreachable(self.service, self.base_url, call, self._setting)
        self.usage.add(call, None)
        if why := endless(error):
            return left(call, f"{self.service} gave an answer to {call.what} {why}")
        return unanswered(
            call, f"{self.service} gave no answer to {call.what} ({type(error).__name__})"
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
            raise unanswered(call, text, status)
        return body

    def _refused(self, call: Call, response: requests.Response, wait: float) -> Exception:
        status = response.status_code
        detail = redact(answers.detail(response), self._all_secrets())
        kind = self._kind(call, response)
        message = f"{self.service} answered {status} to {call.what}"
        message += f": {detail}" if detail else ""
        if kind is TransientError and not call.repeatable:
            return unanswered(call, message, status, detail)
        message += f" ({answers.CURES[kind]})" if kind in answers.CURES else ""
        if kind is BudgetSpentError and self._budget:
            self._budget.end()
            message += f"; this run has spent {self._budget.spent:,} of them"
        error = kind(message, status=status, detail=detail)
        if kind is RateLimitedError:
            return RetryableError(error, wait, paced=True)
        if kind is TransientError:
            return RetryableError(error, headers.retry_after(response.headers))
        return error

    def _all_secrets(self) -> tuple[str, ...]:
        changing = self._auth.secrets if isinstance(self._auth, RenewableAuth) else ()
        return (*self._secrets, *changing)

    def _kind(self, call: Call, response: requests.Response) -> type[ApiError]:
        spent = self._pacer.budget_spent(response.headers, call.tokens)
        if response.status_code == answers.TOO_MANY and spent:
            return BudgetSpentError
        return answers.kind(response, self._errors)
