"""The border between this product's errors and a command line: sentences instead of tracebacks."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from singer_sdk.exceptions import ConfigValidationError, FatalAPIError
from singer_sdk.exceptions import SyncError as SdkSyncError
from singer_sdk.singerlib.exceptions import InvalidInputLine
from sync_core.errors import (
    AlreadyRunningError,
    BlockedError,
    BudgetSpentError,
    ConfigurationError,
    InterruptedRunError,
    LedgerLostError,
    RateLimitedError,
    SyncError,
    TransientError,
)

#: Somebody has to do something: `EX_UNAVAILABLE` and `EX_TEMPFAIL` of sysexits.h are for the rest,
#: so that a scheduler can tell what mends itself from what doesn't.
FAILED, UNAVAILABLE, BUDGET_SPENT = 1, 69, 75

#: Exit code -> what it says; the READMEs of the targets have this table.
EXIT_CODES: Mapping[int, str] = {
    0: "Done; single records may have been skipped, rejected or kept for another try: see the log.",
    FAILED: "Nothing goes on until somebody acts: a setting, a credential or the input is wrong, "
    "or the ledger's database refuses. What was done until then is recorded.",
    UNAVAILABLE: "A service is down, unreachable or refuses the traffic, after several tries, or "
    "the ledger's server was lost under way. The next run goes on.",
    BUDGET_SPENT: "Nothing is wrong: the run's share of the daily tokens is spent, another run of "
    "the same connection and direction is under way, a signal ended it, or nobody takes its state "
    "any more. The next run goes on.",
}
#: What ended a run -> its exit code; the first that fits.
_CODES: tuple[tuple[type[SyncError], int], ...] = (
    (BudgetSpentError, BUDGET_SPENT),
    (AlreadyRunningError, BUDGET_SPENT),
    (InterruptedRunError, BUDGET_SPENT),
    (TransientError, UNAVAILABLE),
    (RateLimitedError, UNAVAILABLE),
    (BlockedError, UNAVAILABLE),
    (LedgerLostError, UNAVAILABLE),
)


def exit_code(error: BaseException | None, *, outage: int = UNAVAILABLE) -> int:
    """The exit code of a run that this error ended.

    Args:
        error: What ended it.
        outage: The code of a service's outage.
    """
    found = next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)
    return outage if found == UNAVAILABLE else found


def exit_codes() -> str:
    """The codes as a Markdown table."""
    rows = (f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    return "| Exit code | Meaning |\n|---|---|\n" + "".join(rows)


@contextmanager
def border() -> Iterator[None]:
    """Translate the shared library's errors into the SDK's."""
    try:
        yield
    except ConfigurationError as error:
        raise ConfigValidationError(str(error), errors=error.problems) from error
    except SyncError as error:
        raise FatalAPIError(str(error)) from error


@contextmanager
def plainly(logger: logging.Logger, *, outage: int = FAILED) -> Iterator[None]:
    """On a command line: end with an exit code and sentences rather than with a traceback.

    Args:
        logger: Where the sentences go.
        outage: The exit code of a service's outage.
    """
    try:
        with border():
            try:
                yield
            finally:
                sys.stdout.flush()
    except ConfigValidationError as error:
        for problem in error.errors or [str(error)]:
            logger.error("%s", problem)  # noqa: TRY400  # the sentence says it all
        raise SystemExit(FAILED) from None
    except SdkSyncError as error:
        logger.error("%s", error)  # noqa: TRY400  # the sentence says it all
        raise SystemExit(exit_code(error.__cause__, outage=outage)) from None
    except InvalidInputLine:
        # The line itself may hold personal data, so it stays out of the log.
        logger.error("A line of the input isn't JSON: the tap's output was cut off or mixed up")  # noqa: TRY400
        raise SystemExit(FAILED) from None
    except BrokenPipeError:
        logger.error("The target stopped reading; its own log says why")  # noqa: TRY400
        leave_standard_output()
        raise SystemExit(FAILED) from None


def leave_standard_output() -> None:
    """Write nothing more to it: it has no reader, and Python would complain again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
