"""The stored rows that a list looks at: in its order, from behind its cursor, as few as may be."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from sync_sandbox.pipedrive import cursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sync_sandbox.pipedrive.calls import Call
    from sync_sandbox.pipedrive.entity import Entity
    from sync_sandbox.pipedrive.store import Row, Table

BEFORE_ALL_IDS = -1


def candidates(call: Call, entity: Entity) -> Iterator[Row]:
    """Rows in the order asked for, behind the cursor, narrowed by ids or time where that helps."""
    query, table = call.query, call.state.tables[entity.name]
    field, descending = query.get("sort_by", "id"), query.get("sort_direction") == "desc"
    after = None
    if "cursor" in query:
        marker = cursor.decode(query["cursor"], cursor.fingerprint(call))
        after = ("" if marker["fieldValue"] is None else marker["fieldValue"], marker["id"])
    some = _narrowed(call, table)
    if some is not None:
        rows = (table.rows[row_id] for row_id in some)
        return _sorted(rows, field, after, descending=descending)
    if field != "update_time" or keeps_null(call):
        return _walk(table, field, after, descending=descending)
    bound = query.get("updated_until" if descending else "updated_since")
    if after is None and bound is not None:
        after = (bound, BEFORE_ALL_IDS)
    return _until(_walk(table, field, after, descending=descending), query, descending=descending)


def _walk(
    table: Table, field: str, after: tuple[Any, Any] | None, *, descending: bool
) -> Iterator[Row]:
    return (table.rows[one] for one in table.walk(field, descending=descending, after=after))


def _until(rows: Iterator[Row], query: dict[str, Any], *, descending: bool) -> Iterator[Row]:
    """The rows up to the other end of what is asked for; behind it all would be looked at."""
    end = query.get("updated_since" if descending else "updated_until")
    if end is None:
        return rows
    if descending:
        return takewhile(lambda row: (row["update_time"] or "") >= end, rows)
    return takewhile(lambda row: (row["update_time"] or "") < end, rows)


def _narrowed(call: Call, table: Table) -> Iterable[Any] | None:
    """The ids that come into question, where that is quicker to say than to walk all rows."""
    query = call.query
    if "ids" in query and "filter_id" not in query:
        return (row_id for row_id in query["ids"] if row_id in table.rows)
    if ("updated_since" in query or "updated_until" in query) and not keeps_null(call):
        return table.updated(query.get("updated_since"), query.get("updated_until"))
    return None


def keeps_null(call: Call) -> bool:
    """Whether rows without a time pass filters by time, which is unknown; a switch says."""
    return bool(call.state.switches.get("pipedrive.updated_since_keeps_null"))


def _sorted(
    rows: Iterable[Row], field: str, after: tuple[Any, Any] | None, *, descending: bool
) -> Iterator[Row]:
    def place(row: Row) -> tuple[Any, Any]:
        return ("" if row[field] is None else row[field], row["id"])

    unique = {row["id"]: row for row in rows}.values()
    if after is not None:
        unique = [r for r in unique if (place(r) < after if descending else place(r) > after)]  # type: ignore[assignment]
    return iter(sorted(unique, key=place, reverse=descending))
