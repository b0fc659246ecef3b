"""Which way a run reads a stream."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tap_pipedrive.bookmarks import FIRST_RUN, WINDOWS, bookmark
from tap_pipedrive.children import children
from tap_pipedrive.ends import ById
from tap_pipedrive.first import FirstWindows
from tap_pipedrive.table import STREAMS, Since
from tap_pipedrive.times import stamp
from tap_pipedrive.walks import Page, Query, pages
from tap_pipedrive.ways import Run, Unsorted, Way, Whole
from tap_pipedrive.windows import Windows

if TYPE_CHECKING:
    from tap_pipedrive.streams import EntityStream

#: From so many pages side by side on a first run reads windows of time; two walk from both ends.
MANY = 3


def way(stream: EntityStream, start: datetime | None) -> Way:
    """The way to read a stream.

    Args:
        stream: The stream.
        start: Where the bookmark or the settings say to begin; None to read everything.
    """
    spec, client = stream.spec, stream.client
    if spec.path in stream.tap.catalogues.paths:
        return Whole([Page(stream.tap.catalogues.rows(spec.path))])
    if spec.parent:
        return Whole(children(client, spec, STREAMS[spec.parent], stream.skip))
    if not stream.is_incremental:
        return Whole(pages(client, spec, by_id(stream)))
    return _incremental(stream, start)


def by_id(stream: EntityStream) -> Query:
    """Old rows can have no update_time; filtering or sorting by it would lose them."""
    return {} if stream.spec.v1 else {"sort_by": "id", "sort_direction": "asc"}


def _incremental(stream: EntityStream, start: datetime | None) -> Way:
    lookback = stream.config["lookback_seconds"]
    since = stamp(start - timedelta(seconds=lookback)) if start else ""
    spec, state = stream.spec, stream.stream_state
    run = Run(client=stream.client, spec=spec, state=state, start=stream.run_start)
    run = replace(run, size=stream.config["concurrency"], lookback=lookback, decode=stream.decode)
    if spec.since is Since.UNSORTED:
        return Unsorted(run, {"updated_since": since} if since else {})
    if since:
        return Windows(run if spec.windows else replace(run, size=1), since)
    begun = state.get(FIRST_RUN) or {}
    in_windows = WINDOWS in begun or (not begun and spec.windows and run.size >= MANY)
    return FirstWindows(run) if in_windows else ById(run)


def asks_for_changes(stream: EntityStream) -> bool:
    """Whether there is a moment to ask for changes since."""
    mark = bookmark(stream.tap_state.get("bookmarks", {}).get(stream.name, {}))
    return stream.is_incremental and bool(mark or stream.config.get("start_date"))
