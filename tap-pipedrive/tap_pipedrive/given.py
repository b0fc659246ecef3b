"""The state that a run is given, which may have been edited by hand or be another tap's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sync_core.errors import ConfigurationError
from sync_core.times import comparable

from tap_pipedrive.bookmarks import KEY, bookmark
from tap_pipedrive.table import STREAMS

_Span = tuple[str, str]


class _Column(msgspec.Struct):
    name: str


class _FirstRun(msgspec.Struct):
    cursor: str | None = None
    from_end: dict[str, Any] | None = None
    rest: dict[str, Any] | None = None
    windows: list[_Span] | None = None


class _Interrupted(msgspec.Struct):
    windows: list[_Span] | None = None


class _Stream(msgspec.Struct):
    """What is read of a stream's part; more may stand in it."""

    replication_key_value: str | None = None
    columns: dict[str, str | _Column] | None = None
    first_run: _FirstRun | None = None
    interrupted: _Interrupted | None = None


def bookmarks(state: object) -> dict[str, Any]:
    """What a state tells of each stream.

    Raises:
        ConfigurationError: Some of it can't be read; beginning anew unasked could cost much.
    """
    found = state.get("bookmarks", {}) if isinstance(state, dict) else {}
    if not isinstance(found, dict):
        raise ConfigurationError("state: expected an object under bookmarks")
    if problems := list(_problems(found)):
        raise ConfigurationError(problems)
    return found


def _problems(found: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(found.keys() & STREAMS.keys()):
        if what := _problem(found[name]):
            yield (
                f"The state of {name} can't be read: {what}. Correct it, or take {name} out of it "
                "to have the stream read from the beginning"
            )


def _problem(part: Any) -> str:
    try:
        msgspec.convert(part, _Stream)
    except msgspec.ValidationError as error:  # which names types and places, and no value
        return str(error)
    mark = bookmark(part)
    return f"its {KEY} isn't a time" if mark and not comparable(mark) else ""
