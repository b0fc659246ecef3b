"""GET /v1/recents: what has changed lately, of the kinds whose v1 rows the sandbox has."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sync_sandbox.pipedrive import checks, filing, lookups, v1
from sync_sandbox.pipedrive.calls import Answer
from sync_sandbox.pipedrive.entities_v1 import FILE, NOTE
from sync_sandbox.pipedrive.errors import InvalidError
from sync_sandbox.pipedrive.params import Param, Params, offset, positive, several

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.store import Row

    Reader = Callable[[Call], Iterable[Row]]

DEFAULT_LIMIT = 100
# Third parties report that it reaches back about a month and leaves out rows without a time.
REACH = timedelta(days=31)
ITEMS = (
    "activity",
    "activityType",
    "deal",
    "file",
    "filter",
    "note",
    "person",
    "organization",
    "pipeline",
    "product",
    "stage",
    "user",
)


def _of(entity: Entity) -> Reader:
    def rows(call: Call) -> list[Row]:
        stored = call.state.tables[entity.name].rows.values()
        return [v1.show(call, entity, row) for row in stored]

    return rows


READERS: dict[str, tuple[Reader, str]] = {
    "activityType": (lookups.activity_types, "update_time"),
    "file": (_of(FILE), "update_time"),
    "filter": (filing.list_filters, "update_time"),
    "note": (_of(NOTE), "update_time"),
    "user": (lookups.users, "modified"),
}


def _spaced(name: str, value: str) -> str:
    if "T" in value:
        raise InvalidError(name, f"{value!r} is not a valid time (YYYY-MM-DD HH:MM:SS)")
    checks.moment(name, f"{value.replace(' ', 'T', 1)}Z")
    return value


PARAMS: Params = {
    "since_timestamp": Param(_spaced, required=True),
    "items": Param(several(*ITEMS)),
    "start": Param(offset),
    "limit": Param(positive),
}


def recents(call: Call) -> Answer:
    """One page, oldest first."""
    oldest = (call.state.clock.now() - REACH).strftime("%Y-%m-%d %H:%M:%S")
    since = max(call.query["since_timestamp"], oldest)
    found = sorted(_found(call, since), key=lambda one: (one[0], one[1]["item"]))
    start, limit = call.query.get("start", 0), call.query.get("limit", DEFAULT_LIMIT)
    shown = found[start : start + limit]
    more = len(found) > start + limit
    page: Row = {"start": start, "limit": limit, "more_items_in_collection": more}
    if more:
        page["next_start"] = start + limit
    stamps = {
        "since_timestamp": call.query["since_timestamp"],
        "last_timestamp_on_page": shown[-1][0] if shown else call.query["since_timestamp"],
    }
    return Answer([row for _, row in shown], {**stamps, "pagination": page})


def _found(call: Call, since: str) -> Iterable[tuple[str, Row]]:
    for kind in _wanted(call):
        reader, column = READERS[kind]
        for row in reader(call):
            if row[column] is not None and row[column] >= since:
                yield row[column], {"item": kind, "id": row["id"], "data": row}


def _wanted(call: Call) -> list[str]:
    """The kinds asked for; without `items` these would be all, which the sandbox does not have."""
    wanted: list[str] = call.query.get("items", list(ITEMS))
    for kind in wanted:
        if kind not in READERS:
            text = f"the sandbox shows only {', '.join(READERS)}, not {kind}"
            raise InvalidError("items", text)
    return wanted
