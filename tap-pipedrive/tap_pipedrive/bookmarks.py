"""What a stream's part of the Singer state says of how far earlier runs have come."""

from __future__ import annotations

from typing import Any

State = dict[str, Any]
KEY = "update_time"
#: A first run that isn't over: where it stands.
FIRST_RUN = "first_run"
#: A later run that isn't over, where several spans of update time are read side by side.
INTERRUPTED = "interrupted"
#: The spans that are still to be read.
WINDOWS = "windows"
#: The latest change that was seen, which the bookmark will be.
NEWEST = "newest"
_MARK = "replication_key_value"


def bookmark(state: State) -> str:
    """The bookmark that a state holds; empty without one."""
    return str((state.get("replication_key") == KEY and state.get(_MARK)) or "")


def set_bookmark(state: State, mark: str) -> None:
    """Write a bookmark, or take it away where it is empty."""
    if mark:
        state.update({"replication_key": KEY, _MARK: mark})
    else:
        state.pop(_MARK, None)
