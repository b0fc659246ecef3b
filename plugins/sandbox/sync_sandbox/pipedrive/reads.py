"""Reading records: one, or a page of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import cursor, filters
from sync_sandbox.pipedrive.calls import Answer
from sync_sandbox.pipedrive.candidates import candidates, keeps_null
from sync_sandbox.pipedrive.errors import InvalidError, missing
from sync_sandbox.pipedrive.params import MAX_LIMIT
from sync_sandbox.pipedrive.rendering import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.store import Row

    Test = Callable[[Row], bool]

DEFAULT_LIMIT = 100
KEPT = timedelta(days=30)
# The visibility that hides a record from everyone but its owner (and admins).
OWNER_ONLY = 1
# Whether these lists hold deleted rows is unknown; a switch says.
LISTS_OF_UNKNOWN = ("person", "organization", "activity")


def id_argument(call: Call) -> int:
    """The record id in the path."""
    text = call.args[0]
    if not text.isascii() or not text.isdigit():
        raise InvalidError("id", f"must be an integer, not {text!r}")
    return int(text)


def read(call: Call, entity: Entity, row_id: Any) -> Row:
    """A stored row that the caller may see; 30 days after its deletion it is gone.

    Raises:
        ApiError: 404, there is no such row.
    """
    row = call.state.tables[entity.name].rows.get(row_id)
    if row is None or not _visible(call)(row) or _purged(call, row):
        raise missing()
    return row


def _purged(call: Call, row: Row) -> bool:
    if not row.get("is_deleted"):
        return False
    return bool(row["update_time"] < _oldest(call))


def _oldest(call: Call) -> str:
    """Rows deleted before this moment are gone."""
    return (call.state.clock.now() - KEPT).strftime("%Y-%m-%dT%H:%M:%SZ")


def get_one(call: Call, entity: Entity) -> Row:
    """GET by id; a deleted record is still given, with is_deleted true."""
    row = read(call, entity, id_argument(call))
    shown = (
        entity.name == "person" or call.state.switches.get("pipedrive.deleted_by_id") == "record"
    )
    if row.get("is_deleted") and not shown:
        raise missing()
    return render(call, entity, row)


def render(call: Call, entity: Entity, row: Row) -> Row:
    """A row as an answer shows it."""
    return Look(call, entity).show(row)


def get_page(call: Call, entity: Entity) -> Answer:
    """GET of a list: one page and the cursor of the next."""
    tests = _tests(call, entity)
    look = Look(call, entity)
    return page(call, candidates(call, entity), tests, look.show)


def page(
    call: Call, source: Iterable[Row], tests: list[Test], show: Callable[[Row], Row]
) -> Answer:
    """The rows that pass, up to the limit; `source` begins behind the cursor already."""
    size = page_size(call)
    rows: list[Row] = []
    for row in source:
        if all(test(row) for test in tests):
            rows.append(row)
            if len(rows) > size:
                break
    more = len(rows) > size
    del rows[size:]
    following = _cursor(call, rows[-1]) if more else None
    return Answer([show(row) for row in rows], cursor.beside(call, following))


def page_size(call: Call, maximum: int = MAX_LIMIT) -> int:
    """The limit, or its default.

    Raises:
        InvalidError: it is above the maximum, and the switch says to refuse that.
    """
    size: int = call.query.get("limit", min(DEFAULT_LIMIT, maximum))
    if size > maximum and call.state.switches.get("pipedrive.limit_over_maximum") == "refuse":
        raise InvalidError("limit", f"must be at most {maximum}, not {size}")
    return min(size, maximum)


def _cursor(call: Call, last: Row) -> str:
    field = call.query.get("sort_by", "id")
    marker = {
        "field": field,
        "fieldValue": last[field],
        "sortDirection": call.query.get("sort_direction", "asc"),
        "id": last["id"],
        "query": cursor.fingerprint(call),
    }
    return cursor.encode(marker)


def _tests(call: Call, entity: Entity) -> list[Test]:
    tests = [*_time_tests(call), *_filter_tests(call, entity), *_state_tests(call, entity)]
    if not call.identity.admin:
        tests.append(_visible(call))
    return tests


def _filter_tests(call: Call, entity: Entity) -> list[Test]:
    """A saved filter overrides the parameters that the vendor marks so: ids, owner and links."""
    if "filter_id" in call.query:
        return [filters.test(call, entity, call.query["filter_id"])]
    tests = _equalities(call, entity)
    if (deal_id := call.query.get("deal_id")) is not None and "deal_id" not in entity.filters:
        deal = call.state.find("deal", deal_id) or {"person_id": None}
        tests.append(lambda row: row["id"] == deal["person_id"])
    return tests


def _state_tests(call: Call, entity: Entity) -> list[Test]:
    """Deleted and archived rows, and the status of deals."""
    if entity.name != "deal":
        hides = entity.name not in LISTS_OF_UNKNOWN or not _shows_deleted(call)
        return [lambda row: not row["is_deleted"]] if hides else []
    archived = call.path.endswith("/archived")
    statuses = call.query.get("status")
    if statuses is None or "filter_id" in call.query:
        return [lambda row: row["is_archived"] == archived and not row["is_deleted"]]
    oldest = _oldest(call)

    def by_status(row: Row) -> bool:
        if row["is_archived"] != archived:
            return False
        if row["is_deleted"]:
            return "deleted" in statuses and row["update_time"] >= oldest
        return row["status"] in statuses

    return [by_status]


def _equalities(call: Call, entity: Entity) -> list[Test]:
    pairs = [(f, call.query[name]) for name, f in entity.filters.items() if name in call.query]
    return [lambda row, f=field, v=value: row[f] == v for field, value in pairs]  # type: ignore[misc]


def _time_tests(call: Call) -> list[Test]:
    query, tests = call.query, list[Any]()
    keeps = keeps_null(call)
    if (since := query.get("updated_since")) is not None:
        tests.append(lambda row: row["update_time"] >= since)
    if (until := query.get("updated_until")) is not None:
        tests.append(lambda row: row["update_time"] < until)
    lag = call.state.switches.get("pipedrive.list_lag_seconds")
    if tests and lag:
        settled = call.state.settled(lag)
        tests.append(lambda row: row["update_time"] <= settled)
    return [_timed(test, keeps=keeps) for test in tests]


def _timed(test: Test, *, keeps: bool) -> Test:
    """A test by time; a row that has none passes or not, as the switch stands."""
    return lambda row: keeps if row["update_time"] is None else test(row)


def _shows_deleted(call: Call) -> bool:
    position = call.state.switches.get("pipedrive.lists_include_deleted")
    return position == "always" or (
        position == "with_updated_since" and "updated_since" in call.query
    )


def _visible(call: Call) -> Test:
    """Rows that the caller may not see are silently absent."""
    user = call.identity.user_id
    if call.identity.admin:
        return lambda _row: True
    return lambda row: row.get("visible_to") != OWNER_ONLY or row["owner_id"] == user
