"""API keys, what they permit, and how often they may call.

Documented: 401 without a key or without the permission, 403 when the key is not enabled, 1,800
requests a minute in a sliding window, and `X-RateLimit-Limit` and `X-RateLimit-Remaining` on every
answer. Whether a refused request counts is not documented: here it doesn't.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_sandbox.clock import Clock
    from sync_sandbox.switches import Switches

TRACK_DATA = "TrackData"
READ_EVENTS = "ReadEvents"
READ_PROPERTIES = "ReadProperties"
READ_SEGMENTS = "ReadSegments"
GET_TRACKING_SNIPPET = "GetTrackingSnippet"
READ_CONTACTS = "ReadContacts"
"""Our name for "Read contacts" of the web interface; its name in the API is not published."""

PERMISSIONS = (
    TRACK_DATA,
    READ_CONTACTS,
    READ_EVENTS,
    READ_PROPERTIES,
    READ_SEGMENTS,
    GET_TRACKING_SNIPPET,
)
API_KEY = "sandbox-key"
"""The key that may do everything."""
WINDOW_SECONDS = 60
SHOWN_WITHOUT_LIMIT = 1800
"""What the headers say while the limit is switched off."""


@dataclass
class Key:
    """One API key."""

    permissions: tuple[str, ...] = PERMISSIONS
    enabled: bool = True
    recent: deque[float] = field(default_factory=deque)
    refused_in_a_row: int = 0


def default_keys() -> dict[str, Key]:
    """The keys of a fresh sandbox: one for everything, and some that are restricted."""
    return {
        API_KEY: Key(),
        "sandbox-key-write": Key((TRACK_DATA,)),
        "sandbox-key-read": Key(tuple(name for name in PERMISSIONS if name != TRACK_DATA)),
        "sandbox-key-documented": Key(tuple(name for name in PERMISSIONS if name != READ_CONTACTS)),
        "sandbox-key-disabled": Key(enabled=False),
    }


@dataclass(frozen=True)
class Pass:
    """Whether a request may go on, and what the rate headers say."""

    limit: int
    remaining: int
    refused: bool = False


class Gate:
    """Counts the requests of each key in the last 60 seconds of the sandbox's clock."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches

    def enter(self, key: Key | None) -> Pass:
        """Count one request, or refuse it because the window is full."""
        limit = self.switches.get("journy.rate_limit")
        if key is None or limit <= 0:
            shown = limit if limit > 0 else SHOWN_WITHOUT_LIMIT
            return Pass(shown, shown)
        now = self.clock.time()
        recent = key.recent
        while recent and not now - WINDOW_SECONDS < recent[0] <= now:
            recent.popleft()
        if len(recent) >= limit:
            self._refuse(key)
            return Pass(limit, 0, refused=True)
        recent.append(now)
        key.refused_in_a_row = 0
        return Pass(limit, limit - len(recent))

    def _refuse(self, key: Key) -> None:
        key.refused_in_a_row += 1
        patience = self.switches.get("journy.block_after_429")
        if 0 < patience <= key.refused_in_a_row:
            key.enabled = False
