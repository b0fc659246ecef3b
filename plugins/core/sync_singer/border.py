"""The border between this product's errors and a command line: sentences instead of tracebacks."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from singer_sdk.exceptions import ConfigValidationError, FatalAPIError
from singer_sdk.exceptions import SyncError as SdkSyncError
from singer_sdk.singerlib.exceptions import InvalidInputLine
from sync_core.errors import BudgetSpentError, ConfigurationError, SyncError

#: The run's share of the daily tokens is spent: what was read or kept is safe, and the next run
#: goes on. `EX_TEMPFAIL` of sysexits.h, so that a scheduler can tell it from a failure.
BUDGET_SPENT = 75


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
def plainly(logger: logging.Logger) -> Iterator[None]:
    """On a command line: end with an exit code and sentences rather than with a traceback."""
    try:
        with border():
            try:
                yield
            finally:
                sys.stdout.flush()
    except ConfigValidationError as error:
        for problem in error.errors or [str(error)]:
            logger.error("%s", problem)  # noqa: TRY400  # the sentence says it all
        raise SystemExit(1) from None
    except SdkSyncError as error:
        logger.error("%s", error)  # noqa: TRY400  # the sentence says it all
        spent = isinstance(error.__cause__, BudgetSpentError)
        raise SystemExit(BUDGET_SPENT if spent else 1) from None
    except InvalidInputLine:
        # The line itself may hold personal data, so it stays out of the log.
        logger.error("A line of the input isn't JSON: the tap's output was cut off or mixed up")  # noqa: TRY400
        raise SystemExit(1) from None
    except BrokenPipeError:
        logger.error("The target stopped reading; its own log says why")  # noqa: TRY400
        # Python flushes standard output once more at its end and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
