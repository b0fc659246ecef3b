"""Opaque page markers, each bound to the query that it came from."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, Any

import msgspec

from sync_sandbox.pipedrive.calls import NOTHING
from sync_sandbox.pipedrive.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_sandbox.pipedrive.calls import Call

# Free to change between pages; everything else belongs to the query.
_FREE = frozenset({"cursor", "limit"})


def fingerprint(call: Call) -> int:
    """A number that stands for an endpoint and its filters, until cursors expire."""
    parts = [(name, call.query[name]) for name in sorted(call.query) if name not in _FREE]
    return zlib.crc32(msgspec.json.encode([call.state.cursor_epoch, call.path, parts]))


def encode(marker: Mapping[str, Any]) -> str:
    """The marker as the opaque text a client sends back."""
    return base64.urlsafe_b64encode(msgspec.json.encode(marker)).rstrip(b"=").decode()


def beside(call: Call, following: str | None) -> Any:
    """What stands beside a page: the cursor of the next, or how the last one says that it is."""
    ends = following is None and call.state.switches.get("pipedrive.last_page") == "absent"
    return NOTHING if ends else {"next_cursor": following}


def decode(text: str, query: int) -> dict[str, Any]:
    """The marker behind a cursor.

    How the real service answers a bad cursor is unknown; a 400 is the strict choice.

    Raises:
        InvalidError: it is no cursor, or one of another query.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        marker = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=dict[str, Any])
    except (binascii.Error, msgspec.MsgspecError, UnicodeError, ValueError):
        raise InvalidError("cursor", "is not valid") from None
    if marker.get("query") != query:
        raise InvalidError("cursor", "does not belong to this query")
    return marker
