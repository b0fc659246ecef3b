"""Streams that may not be read: which refusals leave one out, while the others go on."""

from __future__ import annotations

from sync_core.errors import ApiError, AuthenticationError, BlockedError

#: Not allowed, not there, or not part of the company's plan (vendor documentation on status codes).
#: A closed account answers 402 as well; then each stream says so.
STATUSES = frozenset({402, 403, 404, 410, 415})


def is_left_out(error: ApiError) -> bool:
    """Whether a refusal concerns one stream only."""
    of_all = isinstance(error, (AuthenticationError, BlockedError))
    return error.status in STATUSES and not of_all
