"""The typed errors that everything above `http` is written against.

A plugin translates them once, at its border, into what its framework expects.
"""

from __future__ import annotations


class SyncError(Exception):
    """Anything this product raises on purpose; its text is fit for a log line."""


class ConfigurationError(SyncError):
    """A setting, mapping, field, owner or segment that can't work; raised before any write."""

    def __init__(self, problems: str | list[str]) -> None:
        """Keep every problem, so that they are mended in one go.

        Args:
            problems: One sentence, or several; each names the setting and the cure.
        """
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class LedgerError(SyncError):
    """The ledger's database refused to read or write; what it was asked isn't in the text."""


class LedgerLostError(LedgerError):
    """The server that the ledger's database is on ended the connection, or says nothing more."""


class AlreadyRunningError(SyncError):
    """Another run of the same connection and direction is under way."""


class InterruptedRunError(SyncError):
    """The run was told to end; what it did is recorded, and the next one goes on."""


class ApiError(SyncError):
    """A call that a service refused or that never got a usable answer."""

    def __init__(self, message: str, *, status: int | None = None, detail: str = "") -> None:
        """Describe one failed call.

        Args:
            message: What happened and what to do, without secrets or personal data.
            status: The HTTP status, where there was an answer.
            detail: The service's own text, redacted.
        """
        super().__init__(message)
        self.status = status
        self.detail = detail


class AuthenticationError(ApiError):
    """The credential is missing, wrong, expired or switched off."""


class PermissionDeniedError(ApiError):
    """The credential is right, but may not do this."""


class AccountClosedError(PermissionDeniedError):
    """The company's whole account is shut, for want of a plan or a payment."""


class MissingScopeError(PermissionDeniedError):
    """The OAuth app lacks the scope that the call needs."""


class NotFoundError(ApiError):
    """The record or path isn't there."""


class InvalidError(ApiError):
    """The service refused the request's content; repeating it can't help."""


class RateLimitedError(ApiError):
    """The burst limit was still hit after waiting politely."""


class BudgetSpentError(ApiError):
    """The company's daily tokens are used up; nothing works until they are reset."""


class BlockedError(ApiError):
    """The service's abuse protection shut us out; going on would make it worse."""


class TransientError(ApiError):
    """An outage, a time-out or an unusable answer; a later try may succeed."""


class UnreachableError(TransientError):
    """Nothing of the service answers at the configured address."""


class AmbiguousWriteError(TransientError):
    """A write whose answer was lost: it may or may not have taken place.

    The record has to be looked up before the write is repeated.
    """


#: Errors after which no other call can succeed either: the run ends.
FATAL = (
    AccountClosedError,
    AuthenticationError,
    BlockedError,
    BudgetSpentError,
    UnreachableError,
)
